/// The cyclic redundancy check with Castagnoli's polynomial 0x1EDC6F41, as iSCSI defines it (RFC 3720, appendix
/// B.4): bits are processed lowest first, and the register starts as ones and is inverted at the end.
enum CRC32C {
  /// The remainders of the 256 bytes.
  private static let table: [UInt32] = (0..<256).map { byte in
    // The polynomial with its bits in reverse.
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var register = ~UInt32(0)
    for byte in bytes {
      register = register >> 8 ^ table[Int((register ^ UInt32(byte)) & 0xFF)]
    }
    return ~register
  }

  /// The checksum as a record stores it: rotated by 15 bits, plus a constant.
  ///
  /// A checksum over bytes that hold their own checksum says little, so TFRecord masks it
  /// (tensorflow/core/lib/hash/crc32c.h).
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let checksum = checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}
