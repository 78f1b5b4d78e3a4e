import Testing

@testable import TensorBoard

@Suite struct CRC32CTests {
  private static let read: [UInt8] = [
    0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0,
    0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
  ]
  private static let published: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E),
    (Array((0..<32).reversed()), 0x113F_DB5C),
    (read, 0xD996_3A56),
    (Array("123456789".utf8), 0xE306_9283),
    ([], 0),
  ]

  /// RFC 3720, appendix B.4, and the check value of CRC-32C in the catalog of parametrised CRC algorithms.
  @Test(arguments: published)
  func publishedValues(_ bytes: [UInt8], _ checksum: UInt32) {
    #expect(CRC32C.checksum(bytes) == checksum)
  }

  /// The checksum 0xE3069283, rotated right by 15 bits, plus 0xA282EAD8 modulo 2³².
  @Test func theMaskRotatesAndAdds() {
    let rotated: UInt32 = 0xE306_9283 >> 15 | 0xE306_9283 << 17
    #expect(rotated == 0x2507_C60D)
    #expect(CRC32C.masked(Array("123456789".utf8)) == 0xC78A_B0E5)
    #expect(CRC32C.masked([]) == 0xA282_EAD8)
  }
}
