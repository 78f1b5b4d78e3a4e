import Crypto

/// Hashes of whole files, in base 16.
package enum Digest {
  /// SHA-256 of `parts` in a row.
  package static func sha256(of parts: [[UInt8]]) -> String {
    var hash = SHA256()
    for part in parts { part.withUnsafeBytes { hash.update(bufferPointer: $0) } }
    return hash.finalize().map { hexadecimal($0) }.joined()
  }

  /// SHA-1 of `bytes`: enough to tell one published file from others, not against a forger.
  static func sha1(of bytes: [UInt8]) -> String {
    var hash = Insecure.SHA1()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().map { hexadecimal($0) }.joined()
  }
}
