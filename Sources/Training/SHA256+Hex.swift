import Crypto

extension SHA256 {
  /// Takes `bytes` into the hash.
  mutating func append(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { update(bufferPointer: $0) }
  }

  /// The hash of everything taken in so far, as 64 lower-case hexadecimal digits.
  ///
  /// More can be taken in afterwards.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    let characters = finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: characters, as: UTF8.self)
  }
}
