import Testing

@testable import Protobuf

/// The examples of protobuf.dev's page "Encoding", and limits of each type.
@Suite struct ProtobufWriterTests {
  private func bytes(_ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    body(&writer)
    return writer.bytes
  }

  @Test func writesThePublishedExamples() {
    #expect(bytes { $0.write(1, 150) } == [0x08, 0x96, 0x01])
    #expect(
      bytes { $0.write(2, "testing") } == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    #expect(bytes { $0.write(3) { $0.write(1, 150) } } == [0x1a, 0x03, 0x08, 0x96, 0x01])
    // -2 as an int64 is 2⁶⁴ − 2.
    #expect(
      bytes { $0.write(1, -2) } == [
        0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
      ])
  }

  @Test(
    arguments: [
      (0, [0]), (1, [1]), (127, [0x7f]), (128, [0x80, 1]), (16_383, [0xff, 0x7f]),
      (16_384, [0x80, 0x80, 1]),
      (Int.max, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    ] as [(Int, [UInt8])])
  func writesVarints(_ value: Int, _ expected: [UInt8]) {
    #expect(bytes { $0.write(1, value) } == [0x08] + expected)
  }

  @Test func writesNumbersLittleEndian() {
    #expect(bytes { $0.write(1, Float(1)) } == [0x0d, 0, 0, 0x80, 0x3f])
    #expect(bytes { $0.write(1, -2.0) } == [0x09, 0, 0, 0, 0, 0, 0, 0, 0xc0])
    #expect(
      bytes { $0.write(9, floats: [1, -2]) } == [0x4a, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
    #expect(bytes { $0.write(9, floats: []) } == [0x4a, 0])
  }

  @Test func aFieldNumberAbove15TakesTwoBytes() {
    #expect(bytes { $0.write(16, 1) } == [0x80, 0x01, 1])
    #expect(bytes { $0.write(20, [7]) } == [0xa2, 0x01, 1, 7])
  }

  /// The length of a long message takes two bytes, which are inserted before its content.
  @Test func nestsLongMessages() {
    let content = [UInt8](repeating: 5, count: 200)
    let inner: [UInt8] = [0x0a, 0xc8, 0x01] + content
    let middle: [UInt8] = [0x12, 0xcb, 0x01] + inner
    #expect(
      bytes { $0.write(3) { $0.write(2) { $0.write(1, content) } } }
        == [0x1a, 0xce, 0x01] + middle)
    #expect(bytes { $0.write(3) { _ in } } == [0x1a, 0])
  }
}
