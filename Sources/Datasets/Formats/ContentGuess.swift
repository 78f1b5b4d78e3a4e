import Files

/// Names the apparent kind of a file's content, for messages about a file of the wrong kind.
package enum ContentGuess {
  private static let signatures: [(bytes: [UInt8], name: String)] = [
    ([0x1f, 0x8b], "gzip data"),
    (Array("PK".utf8) + [3, 4], "a zip archive"),
    (Array("BZh".utf8), "bzip2 data"),
    ([0xfd] + Array("7zXZ".utf8) + [0], "xz data"),
    ([0x28, 0xb5, 0x2f, 0xfd], "Zstandard data"),
    (Array("7z".utf8) + [0xbc, 0xaf, 0x27, 0x1c], "a 7z archive"),
    ([0x89] + Array("PNG\r\n".utf8), "a PNG image"),
    ([0xff, 0xd8, 0xff], "a JPEG image"),
    (Array("GIF8".utf8), "a GIF image"),
    (Array("II*".utf8) + [0], "a TIFF image"),
    (Array("MM".utf8) + [0] + Array("*".utf8), "a TIFF image"),
    ([0xff, 0x0a], "a JPEG XL image"),
    ([0, 0, 0, 0x0c] + Array("JXL ".utf8), "a JPEG XL image"),
    (Array("%PDF".utf8), "a PDF document"),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
    ([0x89] + Array("HDF\r\n".utf8), "an HDF5 file"),
    ([0x7f] + Array("ELF".utf8), "a program"),
    (Array("version https://git-lfs".utf8), "a Git LFS pointer instead of the file"),
  ]

  /// For instance "an HTML page", "a zip archive" or "the bytes 00 01 02 03".
  static func describe(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    guard !bytes.isEmpty else { return "nothing" }
    if let signature = signature(bytes) { return signature }
    let start = bytes.prefix(512)
    if start.allSatisfy({ $0 == 0 }) { return "zero bytes" }
    if start.allSatisfy({ (0x20..<0x7f).contains($0) || (9...13).contains($0) }) { return "text" }
    return "the bytes " + bytes.prefix(4).map { hexadecimal($0) }.joined(separator: " ")
  }

  /// The kind of content that the first bytes identify, such as "an HTML page" or "a zip archive".
  package static func signature(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    for signature in signatures where bytes.starts(with: signature.bytes) {
      return signature.name
    }
    if bytes.dropFirst(257).starts(with: Array("ustar".utf8)) { return "a tar archive" }
    return imageInContainer(bytes) ?? markup(bytes)
  }

  /// An image whose kind stands behind the first bytes.
  private static func imageInContainer(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    func has(_ text: String, at offset: Int) -> Bool {
      bytes.dropFirst(offset).starts(with: Array(text.utf8))
    }
    if has("RIFF", at: 0), has("WEBP", at: 8) { return "a WebP image" }
    if has("BM", at: 0), bytes.dropFirst(6).starts(with: [0, 0, 0, 0]) { return "a BMP image" }
    guard has("ftyp", at: 4) else { return nil }
    if has("avif", at: 8) || has("avis", at: 8) { return "an AVIF image" }
    let brands = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"]
    return brands.contains { has($0, at: 8) } ? "a HEIC image" : "a film"
  }

  /// HTML or XML, after any byte order mark and white space.
  private static func markup(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var start = bytes.prefix(512)
    if start.starts(with: [0xef, 0xbb, 0xbf]) { start = start.dropFirst(3) }
    start = start.drop { $0 == 0x20 || (9...13).contains($0) }
    guard start.first == UInt8(ascii: "<") else { return nil }
    let text = String(decoding: start.prefix(16), as: UTF8.self).lowercased()
    if text.hasPrefix("<svg") { return "an SVG picture" }
    return text.hasPrefix("<?xml") ? "an XML document" : "an HTML page"
  }
}
