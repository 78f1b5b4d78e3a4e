/// The text form of bytes in JSON and in data URIs (RFC 4648, section 4).
package enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func encode(_ bytes: [UInt8]) -> String {
    let count = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: max(count, 1)) { buffer in
      var place = 0
      var index = 0
      while index < bytes.count {
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        let third = index + 2 < bytes.count ? bytes[index + 2] : 0
        let group = UInt32(bytes[index]) << 16 | UInt32(second) << 8 | UInt32(third)
        for digit in 0..<4 {
          buffer[place + digit] =
            index + digit > bytes.count
            ? UInt8(ascii: "=") : digits[Int(group >> (18 - 6 * UInt32(digit))) & 63]
        }
        place += 4
        index += 3
      }
      return count
    }
  }
}
