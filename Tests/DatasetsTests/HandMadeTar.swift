/// Builds tar archives without code of the reader under test.
enum HandMadeTar {
  /// The header and the blocks of a file.
  ///
  /// - Parameters:
  ///   - size: the size in the header, if it is to be wrong.
  ///   - magic: the eight bytes at 257.
  static func entry(
    _ name: String, _ content: [UInt8] = [], kind: Character = "0", size: String? = nil,
    prefix: String = "", magic: String = "ustar\u{0}00", checksum: Int? = nil
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      for (index, byte) in text.utf8.enumerated() { header[place + index] = byte }
    }
    put(name, at: 0)
    put("0000644\u{0}", at: 100)
    put(size ?? octal(content.count, digits: 11) + " ", at: 124)
    put(String(kind), at: 156)
    put(magic, at: 257)
    put(prefix, at: 345)
    sign(&header, at: 0)
    if let checksum { put(octal(checksum, digits: 6), at: 148) }
    let padding = [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    return header + content + padding
  }

  static let end = [UInt8](repeating: 0, count: 1024)

  /// The archive of `entries`, gzipped in stored blocks.
  static func gzip(_ entries: [UInt8]..., end: [UInt8] = end) -> [UInt8] {
    let plain = entries.flatMap { $0 } + end
    var blocks: [UInt8] = []
    for start in stride(from: 0, to: plain.count, by: 0xffff) {
      let piece = plain[start..<min(plain.count, start + 0xffff)]
      let count = UInt16(piece.count)
      blocks += [start + 0xffff >= plain.count ? 1 : 0]
      blocks += [
        UInt8(count & 0xff), UInt8(count >> 8), UInt8(~count & 0xff), UInt8(~count >> 8),
      ]
      blocks += piece
    }
    return HandMade.gzipHeader() + blocks + HandMade.littleEndian(HandMade.crc32(plain))
      + HandMade.littleEndian(UInt32(plain.count))
  }

  /// Writes the sum of its bytes into the header at `start`.
  static func sign(_ archive: inout [UInt8], at start: Int) {
    for place in 148..<156 { archive[start + place] = 0x20 }
    let sum = archive[start..<start + 512].reduce(0) { $0 + Int($1) }
    for (index, byte) in (octal(sum, digits: 6) + "\u{0}").utf8.enumerated() {
      archive[start + 148 + index] = byte
    }
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
