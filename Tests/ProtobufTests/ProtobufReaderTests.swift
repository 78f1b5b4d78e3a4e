import Protobuf
import Testing

@Suite struct ProtobufReaderTests {
  /// The example of protobuf.dev, "Encoding": field 1 is 150, field 2 is "testing", field 3 a message.
  @Test func readsPublishedExamples() throws {
    let fields = try ProtobufReader.fields(
      of: [
        0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x1A, 0x03, 0x08,
        0x96, 0x01,
      ])
    #expect(fields.map(\.number) == [1, 2, 3])
    #expect(fields[0].integer == 150 && fields[1].text == "testing")
    #expect(ProtobufReader.first([3, 1], in: fields[2].content.prefix(0)) == nil)
    #expect(ProtobufReader.first([1], in: fields[2].content)?.integer == 150)
  }

  @Test func readsWhatTheWriterWrites() throws {
    var writer = ProtobufWriter()
    writer.write(1, -7)
    writer.write(2, Float(0.1))
    writer.write(3, -1e300)
    writer.write(536_870_911, "ü")
    writer.write(5, message: { $0.write(6, message: { $0.write(7, 300) }) })
    let bytes = writer.bytes
    let fields = try ProtobufReader.fields(of: bytes[...])
    #expect(fields.map(\.number) == [1, 2, 3, 536_870_911, 5])
    #expect(fields[0].integer == -7 && fields[1].float == 0.1 && fields[2].double == -1e300)
    #expect(fields[3].text == "ü")
    #expect(ProtobufReader.first([5, 6, 7], in: bytes[...])?.integer == 300)
    #expect(ProtobufReader.first([5, 6, 8], in: bytes[...]) == nil)
    // A slice that does not begin at 0.
    #expect(ProtobufReader.first([6, 7], in: fields[4].content)?.integer == 300)
  }

  /// No part of a message is read as another whole one with the same fields, and nothing traps.
  @Test func refusesWhatIsNotWhole() {
    for (bytes, error) in [
      ([0x08], ProtobufError.truncated), ([0x08, 0x80], .truncated), ([0x12, 2, 1], .truncated),
      ([0x09, 0, 0], .truncated), ([0x0D, 0], .truncated), ([0x00, 1], .malformed),
      ([0x0B], .malformed), ([UInt8](repeating: 0xFF, count: 11), .malformed),
      ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], .truncated),
    ] as [([UInt8], ProtobufError)] {
      #expect(throws: error) { try ProtobufReader.fields(of: bytes[...]) }
    }
  }
}
