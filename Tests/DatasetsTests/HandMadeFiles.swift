/// Builds IDX and gzip files without code of the readers under test.
enum HandMade {
  /// IDX images, whose pixels count up from 0 by default.
  static func images(
    _ count: Int, _ height: Int, _ width: Int, pixels: [UInt8]? = nil
  ) -> [UInt8] {
    header([0, 0, 8, 3], count, height, width)
      + (pixels ?? (0..<count * height * width).map { UInt8(truncatingIfNeeded: $0) })
  }

  static func labels(_ labels: [UInt8]) -> [UInt8] { header([0, 0, 8, 1], labels.count) + labels }

  static func header(_ magic: [UInt8], _ extents: Int...) -> [UInt8] {
    magic + extents.flatMap { bigEndian($0) }
  }

  static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static func littleEndian(_ value: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// A gzip member with the content in one stored block (RFC 1951, 3.2.4).
  ///
  /// - Parameters:
  ///   - flags, fields: the header's flags and the optional fields that they announce.
  ///   - checksum, length: wrong values for the trailer.
  static func gzip(
    _ content: [UInt8], flags: UInt8 = 0, fields: [UInt8] = [], checksum: UInt32? = nil,
    length: UInt32? = nil
  ) -> [UInt8] {
    precondition(content.count <= 0xffff)
    let count = UInt16(content.count)
    let block: [UInt8] = [
      1, UInt8(count & 0xff), UInt8(count >> 8), UInt8(~count & 0xff), UInt8(~count >> 8),
    ]
    return gzipHeader(flags: flags) + fields + block + content
      + littleEndian(checksum ?? crc32(content)) + littleEndian(length ?? UInt32(content.count))
  }

  static func gzipHeader(flags: UInt8 = 0) -> [UInt8] {
    [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]
  }

  /// `start` in a stored block, and then a block of the fixed code: a zero byte, and `matches`
  /// times a match of 258 bytes one byte back, in 13 bits each. The end and the trailer are
  /// missing.
  static func bomb(after start: [UInt8] = [], matches: Int) -> [UInt8] {
    let count = UInt8(start.count)
    let stored = [0, count, 0, ~count, 0xff] + start
    var bits: [UInt8] = [1, 1, 0]  // the last block; type 1, low bit first
    bits += [0, 0, 1, 1, 0, 0, 0, 0]  // literal 0
    for _ in 0..<matches { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
    while !bits.count.isMultiple(of: 8) { bits.append(0) }
    let bytes = stride(from: 0, to: bits.count, by: 8).map { start in
      (0..<8).reduce(UInt8(0)) { $0 | bits[start + $1] << UInt8($1) }
    }
    return gzipHeader() + stored + bytes
  }

  /// The checksum of RFC 1952.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  /// The contribution of each byte to the checksum, computed bit by bit.
  private static let crcTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
  }
}

extension HandMade {
  /// A record of CIFAR: labels, and planes that count up from `start`.
  static func record(_ labels: [UInt8], start: Int) -> [UInt8] {
    labels + (0..<3072).map { UInt8(truncatingIfNeeded: start + $0) }
  }

  /// Three records of CIFAR-10, labeled 3, 0 and 9.
  static let cifar10 =
    record([3], start: 0) + record([0], start: 11) + record([9], start: 22)

  /// A PNG file whose data is stored, not compressed.
  ///
  /// - Parameters:
  ///   - filter: the filter type of the rows.
  ///   - extra: chunks between the header and the data.
  static func png(
    _ width: Int, _ height: Int, _ channels: Int, _ pixels: [UInt8], depth: UInt8 = 8,
    color: UInt8? = nil, interlacing: UInt8 = 0, filter: UInt8 = 0, extra: [[UInt8]] = []
  ) -> [UInt8] {
    let header =
      bigEndian(width) + bigEndian(height) + [depth, color ?? (channels == 1 ? 0 : 2), 0, 0]
      + [interlacing]
    let row = width * channels
    let rows = (0..<height).flatMap { y in [filter] + pixels.dropFirst(y * row).prefix(row) }
    return pngSignature + chunk("IHDR", header) + extra.joined() + chunk("IDAT", zlib(rows))
      + chunk("IEND", [])
  }

  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func chunk(_ name: String, _ content: [UInt8], checksum: UInt32? = nil) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(content.count) + body + bigEndian(Int(checksum ?? crc32(body)))
  }

  /// Zlib data of one stored block (RFC 1950).
  static func zlib(_ content: [UInt8]) -> [UInt8] {
    precondition(content.count <= 0xffff)
    let count = UInt16(content.count)
    var (a, b) = (1, 0)
    for byte in content {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    return [0x78, 1, 1, UInt8(count & 0xff), UInt8(count >> 8)]
      + [UInt8(~count & 0xff), UInt8(~count >> 8)] + content + bigEndian(b << 16 | a)
  }

  /// `file` with the right checksum for each complete chunk.
  static func withRightChecksums(_ file: [UInt8]) -> [UInt8] {
    var file = file
    var start = 8
    while start + 12 <= file.count {
      let count = file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= file.count - start - 12 else { break }
      let end = start + 8 + count
      file.replaceSubrange(
        end..<end + 4, with: bigEndian(Int(crc32(Array(file[start + 4..<end])))))
      start = end + 4
    }
    return file
  }
}
