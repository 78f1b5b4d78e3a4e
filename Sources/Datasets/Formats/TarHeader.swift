import Files

/// The header of an entry of a tar archive.
///
///     offset  bytes  field
///          0    100  name
///        124     12  size in bytes, in base 8
///        148      8  sum of the header's bytes, with these eight as spaces, in base 8
///        156      1  kind
///        257      6  "ustar" and a zero byte, or two spaces where GNU tar wrote it
///        345    155  the folder of the name, unless GNU tar wrote it
struct TarHeader {
  private let bytes: [UInt8]
  let size: Int

  /// - Parameter block: the header's place in the archive, for messages.
  init(_ bytes: [UInt8], block: Int) throws(TarError) {
    let sum = bytes.reduce(0) { $0 + Int($1) }
    let field = bytes[148..<156]
    let expected = sum - field.reduce(0) { $0 + Int($1) } + field.count * 0x20
    guard Self.number(field) == expected else {
      let found = bytes.withUnsafeBufferPointer { ContentGuess.describe($0) }
      throw .notHeader(block: block, found: found)
    }
    guard let size = Self.number(bytes[124..<136]) else { throw .size(block: block) }
    self.bytes = bytes
    self.size = size
  }

  private var kind: UInt8 { bytes[156] }

  /// True for a regular file; old programs wrote a zero byte as its kind.
  var isFile: Bool { kind == UInt8(ascii: "0") || kind == 0 }

  /// Throws unless the entry is a file, a folder or attributes.
  func checkKind(_ name: String) throws(TarError) {
    let kinds: [UInt8: String] = [
      UInt8(ascii: "1"): "a hard link", UInt8(ascii: "2"): "a symbolic link",
      UInt8(ascii: "3"): "a device", UInt8(ascii: "4"): "a device",
      UInt8(ascii: "6"): "a named pipe", UInt8(ascii: "K"): "a long link name",
      UInt8(ascii: "L"): "a long name", UInt8(ascii: "S"): "a file with holes",
    ]
    switch kind {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "5"), UInt8(ascii: "g"), UInt8(ascii: "x"): return
    default:
      throw .kind(name: name, found: kinds[kind] ?? "of an unknown kind, 0x\(hexadecimal(kind))")
    }
  }

  /// The path in the archive, without components `.`.
  ///
  /// - Throws: ``TarError/name(_:)`` for an absolute path, a path with `..`, and a path that is not
  ///   UTF-8.
  func checkedName() throws(TarError) -> String {
    var name = Self.text(bytes[0..<100])
    if bytes[257..<263].elementsEqual(Array("ustar\0".utf8)) {
      let prefix = Self.text(bytes[345..<500])
      if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
    }
    let text = String(decoding: name, as: UTF8.self)
    let parts = text.split(separator: "/").filter { $0 != "." }
    guard Array(text.utf8) == name, !text.isEmpty, !text.hasPrefix("/"), !parts.contains("..")
    else {
      throw .name(text)
    }
    return parts.joined(separator: "/")
  }

  /// The bytes before the first zero byte.
  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
    Array(field.prefix { $0 != 0 })
  }

  /// A number in base 8 between optional spaces and a space or a zero byte; nil if there is none.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    // At most twelve digits, so 36 bits.
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }
}
