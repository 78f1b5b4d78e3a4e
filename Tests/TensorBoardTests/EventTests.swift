import Protobuf
import Testing

@testable import TensorBoard

/// Records and events, byte by byte and field by field.
@Suite struct EventTests {
  /// The first record of every event file of TensorFlow, with the wall time 0.
  @Test func aRecordHasLengthDataAndChecksums() throws {
    let data = Event.version(wallTime: 0)
    #expect(
      data == [0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x1A, 0x0D] + Array("brain.Event:2".utf8))
    let record = EventRecord.encode(data)
    #expect(record.count == 8 + 4 + 24 + 4)
    // tensorflow/core/lib/io/record_writer.h: uint64 length, its masked CRC, the data, its masked CRC.
    #expect(Array(record[..<8]) == [24, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(record[8..<12]) == littleEndian(CRC32C.masked([24, 0, 0, 0, 0, 0, 0, 0])))
    #expect(Array(record[12..<36]) == data)
    #expect(Array(record[36...]) == littleEndian(CRC32C.masked(data)))
  }

  private func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Whatever a killed program leaves, the whole records before it are read.
  @Test func aCutOffOrDamagedEndIsLeftOut() {
    let first = EventRecord.encode([1, 2, 3])
    let second = EventRecord.encode([4, 5])
    for length in 0...(first.count + second.count) {
      let records = EventRecord.records(in: Array((first + second)[..<length]))
      let whole = length < first.count ? 0 : length < first.count + second.count ? 1 : 2
      #expect(records.map { Array($0.data) } == Array([[1, 2, 3], [4, 5]][..<whole]))
      #expect(records.last?.end ?? 0 == [0, first.count, first.count + second.count][whole])
    }
    for place in first.indices {
      var damaged = first + second
      damaged[place] ^= 0x10
      #expect(EventRecord.records(in: damaged).isEmpty, "byte \(place)")
    }
    #expect(EventRecord.records(in: [UInt8](repeating: 0xFF, count: 40)).isEmpty)
  }

  @Test func aScalarIsASimpleValue() throws {
    let event = Event(
      wallTime: 12.5, step: 300, values: [.scalar(tag: "loss/step", 0.1)])
    let fields = try ProtobufReader.fields(of: event.bytes[...])
    #expect(fields.map(\.number) == [1, 2, 5])
    #expect(fields[0].double == 12.5 && fields[1].integer == 300)
    #expect(ProtobufReader.first([5, 1, 1], in: event.bytes[...])?.text == "loss/step")
    #expect(ProtobufReader.first([5, 1, 2], in: event.bytes[...])?.float == Float(0.1))
    let outline = try #require(Event.outline(of: event.bytes[...]))
    #expect(outline.step == 300 && outline.tags == ["loss/step"])
  }

  @Test func anImageHasItsSizeAndFile() {
    let bytes = Event(
      wallTime: 1, step: 2,
      values: [.image(tag: "filters/conv1", width: 7, height: 5, channels: 3, png: [9, 8])]
    ).bytes[...]
    #expect(ProtobufReader.first([5, 1, 4, 1], in: bytes)?.integer == 5)
    #expect(ProtobufReader.first([5, 1, 4, 2], in: bytes)?.integer == 7)
    #expect(ProtobufReader.first([5, 1, 4, 3], in: bytes)?.integer == 3)
    #expect(ProtobufReader.first([5, 1, 4, 4], in: bytes).map { Array($0.content) } == [9, 8])
  }

  /// A tensor `[1, 3]` of doubles (`DT_DOUBLE` is 2) for the plugin `histograms`.
  @Test func aHistogramIsATensor() {
    let bytes = Event(
      wallTime: 1, step: 2,
      values: [.histogram(tag: "weights/fc1", HistogramBuckets(range: 2...2, counts: [0, 2, 0]))]
    ).bytes[...]
    #expect(ProtobufReader.first([5, 1, 8, 1], in: bytes)?.integer == 2)
    let shape = ProtobufReader.first([5, 1, 8, 2], in: bytes)?.content ?? []
    #expect(Array(shape) == [0x12, 2, 0x08, 1, 0x12, 2, 0x08, 3])
    let content = ProtobufReader.first([5, 1, 8, 4], in: bytes)?.content ?? []
    #expect(
      Array(content)
        == [1.5, 2.5, 2.0].flatMap { value in
          withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
        })
    #expect(ProtobufReader.first([5, 1, 9, 1, 1], in: bytes)?.text == "histograms")
    #expect(ProtobufReader.first([5, 1, 9, 4], in: bytes)?.integer == 2)
  }

  @Test func bucketsHaveEqualWidths() {
    #expect(
      HistogramBuckets(range: 0...4, counts: [2, 2, 0, 1]).rows
        == [0, 1, 2, 1, 2, 2, 2, 3, 0, 3, 4, 1])
    #expect(HistogramBuckets(range: 0...0, counts: [0, 0]).rows.isEmpty)
    #expect(HistogramBuckets(range: 3...3, counts: [0, 1]).rows == [2.5, 3.5, 1])
    let most = Double(Float.greatestFiniteMagnitude)
    let extreme = HistogramBuckets(range: -most...most, counts: [1, 0, 1])
    #expect(extreme.rows.count == 9 && extreme.rows.allSatisfy { $0.isFinite })
  }

  /// tensorboard/plugins/hparams: version 0, an experiment, a session's start and its end.
  @Test func hyperparametersAreTyped() throws {
    let hyperparameters = SessionHyperparameters(
      settings: [
        .init(name: "lr", value: .number(0.02)), .init(name: "model", value: .text("lenet5")),
        .init(name: "nesterov", value: .flag(true)),
      ],
      metrics: [.init(tag: "test/loss", title: "test loss", isOfTraining: false)])
    let events = hyperparameters.start(at: 7).map { $0.bytes[...] }
    #expect(
      events.map { Event.outline(of: $0)?.tags ?? [] }
        == [["_hparams_/experiment"], ["_hparams_/session_start_info"]])
    let content = [5, 1, 9, 1, 2]
    for event in events {
      #expect(ProtobufReader.first([5, 1, 9, 1, 1], in: event)?.text == "hparams")
      // Without a tensor the value would be passed over: DT_FLOAT of the shape [0].
      #expect(
        ProtobufReader.first([5, 1, 8], in: event).map { Array($0.content) }
          == [0x08, 1, 0x12, 4, 0x12, 2, 0x08, 0])
    }
    let experiment = try #require(ProtobufReader.first(content + [2], in: events[0])).content
    let infos = try ProtobufReader.fields(of: experiment)
    #expect(infos.map(\.number) == [4, 4, 4, 5])
    #expect(infos[..<3].map { ProtobufReader.first([4], in: $0.content)?.integer } == [3, 1, 2])
    #expect(ProtobufReader.first([1, 2], in: infos[3].content)?.text == "test/loss")
    #expect(ProtobufReader.first([5], in: infos[3].content)?.integer == 2)

    let session = try #require(ProtobufReader.first(content + [3], in: events[1])).content
    let fields = try ProtobufReader.fields(of: session)
    #expect(fields.map(\.number) == [1, 1, 1, 5] && fields[3].double == 7)
    #expect(ProtobufReader.first([2, 2], in: fields[0].content)?.double == 0.02)
    #expect(ProtobufReader.first([2, 3], in: fields[1].content)?.text == "lenet5")
    #expect(ProtobufReader.first([2, 4], in: fields[2].content)?.integer == 1)

    let end = Event(wallTime: 9, step: 1, values: [SessionHyperparameters.end(.failure, at: 9)])
      .bytes
    #expect(ProtobufReader.first(content + [4, 1], in: end[...])?.integer == 2)
    #expect(ProtobufReader.first(content + [4, 2], in: end[...])?.double == 9)
  }
}
