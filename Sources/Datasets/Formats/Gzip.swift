/// Strict reading of gzip data (RFC 1952): one complete member and nothing after it.
public enum Gzip {
  /// True if `bytes` start like gzip data.
  static func isGzip(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// The maximum number of bytes to which `compressed` bytes of deflate data can expand.
  ///
  /// The densest code is a match of 258 bytes in two bits, one for the length and one for the
  /// distance: 4 · 258 = 1032 bytes from each byte.
  static func largestExpansion(of compressed: Int) -> Int { 1032 * compressed }

  /// The content of the gzip data `bytes`.
  ///
  /// - `limit`: the maximum number of bytes of the content; at most one byte more is
  ///   inflated.
  public static func inflate(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
    precondition(limit >= 0, "Gzip.inflate: a limit of \(limit) bytes")
    return try bytes.withUnsafeBufferPointer { input throws(GzipError) in
      var reader = try GzipReader(input)
      let content = try reader.read(count: limit, from: input.count)
      try reader.finish(total: limit)
      return content
    }
  }
}

extension GzipReader {
  /// The next `count` bytes, or all remaining bytes if there are fewer.
  ///
  /// The memory for the result is limited to the size to which `compressed` bytes of gzip data can
  /// expand, even if a damaged header asks for more.
  mutating func read(count: Int, from compressed: Int) throws(GzipError) -> [UInt8] {
    let capacity = min(count, Gzip.largestExpansion(of: compressed))
    var failure: GzipError?
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, produced in
      guard let base = buffer.baseAddress else { return }
      do throws(GzipError) {
        produced = try read(into: base, count: capacity)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
