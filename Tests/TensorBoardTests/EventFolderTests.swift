import Protobuf
import TestSupport
import Testing

@testable import Files
@testable import TensorBoard

/// The files of a run that is stopped, killed and resumed.
@Suite struct EventFolderTests {
  private let scratch = TemporaryFolder()
  private var folder: EventFolder { EventFolder("\(scratch.path)/tensorboard") }

  private func path(_ number: Int) -> String {
    "\(scratch.path)/tensorboard/events.out.tfevents.00000\(number)"
  }

  /// Step and value of the scalar `x` in all files, in order.
  private func series() throws -> [String] {
    var found: [String] = []
    for number in 1...9 where OutputFile.exists(path(number)) {
      let bytes = try InputFile.read(path(number), limit: 1 << 20)
      let records = EventRecord.records(in: bytes)
      #expect(records.last?.end == bytes.count)
      #expect(ProtobufReader.first([3], in: records[0].data)?.text == "brain.Event:2")
      for record in records.dropFirst() {
        let outline = try #require(Event.outline(of: record.data))
        let value = ProtobufReader.first([5, 1, 2], in: record.data)?.float ?? -1
        found.append("\(outline.tags[0]) \(outline.step) \(value)")
      }
    }
    return found
  }

  private func write(_ steps: ClosedRange<Int>, value: Double) throws {
    let file = try folder.create(at: 1)
    for step in steps {
      file.append(Event(wallTime: 2, step: step, values: [.scalar(tag: "x", value)]))
    }
    try file.synchronize()
  }

  private func cutBack(to step: Int) throws -> Bool {
    try folder.cutBack { own, tags in own <= step && !tags.contains("end") }
  }

  @Test func aResumedRunIsOneSeries() throws {
    #expect(try !cutBack(to: 0))
    try write(1...5, value: 1)
    #expect(try cutBack(to: 3))
    try write(4...6, value: 2)
    // Stopped at once, before a step.
    #expect(try cutBack(to: 6))
    try write(7...7, value: 3)
    #expect(
      try series() == [
        "x 1 1.0", "x 2 1.0", "x 3 1.0", "x 4 2.0", "x 5 2.0", "x 6 2.0", "x 7 3.0",
      ])
    // Back behind the start of the second file: later files are gone.
    #expect(try cutBack(to: 2))
    #expect(try series() == ["x 1 1.0", "x 2 1.0"])
    #expect(!OutputFile.exists(path(2)) && !OutputFile.exists(path(3)))
    #expect(try !cutBack(to: 0))
  }

  /// A record that was not written to its end, at every length.
  @Test func aTornRecordIsCutOff() throws {
    try write(1...2, value: 1)
    let whole = try InputFile.read(path(1), limit: 1 << 20)
    let last = EventRecord.records(in: whole)[1].end
    for length in last..<whole.count {
      try OutputFile.write(Array(whole[..<length]), to: path(1))
      #expect(try cutBack(to: 9))
      #expect(try series() == ["x 1 1.0"])
    }
  }

  @Test func theEndOfARunIsCutOff() throws {
    let file = try folder.create(at: 1)
    file.append(Event(wallTime: 2, step: 4, values: [.scalar(tag: "x", 1)]))
    file.append(Event(wallTime: 2, step: 4, values: [.scalar(tag: "end", 1)]))
    file.append(Event(wallTime: 2, step: 4, values: [.scalar(tag: "x", 2)]))
    try file.synchronize()
    #expect(try cutBack(to: 4))
    #expect(try series() == ["x 4 1.0"])
  }

  /// Files of other programs stay as they are.
  @Test func otherFilesStay() throws {
    try OutputFile.createFolder(folder.path)
    let others = ["notes.txt", "events.out.tfevents.1700000000.host", "events.out.tfevents.1"]
    for name in others { try OutputFile.write([1, 2, 3], to: "\(folder.path)/\(name)") }
    try write(1...1, value: 1)
    #expect(try !cutBack(to: 0))
    for name in others {
      #expect(try InputFile.read("\(folder.path)/\(name)", limit: 9) == [1, 2, 3])
    }
  }

  /// Equal settings leave the file as it is; others replace it, and the time of the start stays.
  @Test func hyperparametersAreWrittenOnce() throws {
    func hyperparameters(_ rate: Double) -> SessionHyperparameters {
      SessionHyperparameters(settings: [.init(name: "lr", value: .number(rate))], metrics: [])
    }
    func contents() throws -> [UInt8] { try InputFile.read(path(0), limit: 1 << 20) }
    try folder.write(hyperparameters(1), at: 100)
    let first = try contents()
    try folder.write(hyperparameters(1), at: 200)
    #expect(try contents() == first)
    try folder.write(hyperparameters(2), at: 300)
    let records = EventRecord.records(in: try contents())
    #expect(records.count == 3)
    #expect(ProtobufReader.first([5, 1, 9, 1, 2, 3, 5], in: records[2].data)?.double == 100)
    #expect(
      ProtobufReader.first([5, 1, 9, 1, 2, 3, 1, 2, 2], in: records[2].data)?.double == 2)
    // The file of hyperparameters is no part of the series.
    #expect(try !cutBack(to: 0))
    #expect(try contents().count > 40)
  }

  /// A process that is killed in the middle of a write, and a disk that is full from then on: the records before
  /// are whole, and a file that is cut back is whole again.
  @Test(arguments: [Fault.short, .shortThenFull, .killedWithin, .interrupted])
  func aFailedWriteLeavesWholeRecords(_ fault: Fault) throws {
    try OutputFile.createFolder(folder.path)
    let inside = TemporaryFolder()
    // Calls: open, write of the version, write of the events.
    let disk = FaultyDisk(inside, faultAt: 2, fault: fault)
    let file = try EventFile(
      creating: "\(inside.path)/x", at: 1, operations: disk.operations)
    try file.write()
    for step in 1...4 {
      file.append(Event(wallTime: 2, step: step, values: [.scalar(tag: "x", 1)]))
    }
    let isWritten = (try? file.write()) != nil
    #expect(isWritten == (fault == .short || fault == .interrupted))
    let bytes = try #require(inside.bytes("x"))
    let records = EventRecord.records(in: bytes)
    #expect(records.count == (isWritten ? 5 : 3))
    try OutputFile.write(bytes, to: path(1))
    #expect(try cutBack(to: 9))
    #expect(try series() == (1...(isWritten ? 4 : 2)).map { "x \($0) 1.0" })
  }

  /// Bytes that a full disk refused are written when there is room, once.
  @Test func aWriteIsContinued() throws {
    let inside = TemporaryFolder()
    nonisolated(unsafe) var isFull = false
    var operations = FileOperations.system
    operations.write = { descriptor, bytes throws(SystemError) in
      if isFull { throw SystemError(28) }
      return try FileOperations.system.write(
        descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(7)))
    }
    let file = try EventFile(creating: "\(inside.path)/x", at: 1, operations: operations)
    for step in 1...3 {
      isFull = step == 2
      file.append(Event(wallTime: 2, step: step, values: [.scalar(tag: "x", 1)]))
      if isFull {
        #expect(throws: OutputFileError.self) { try file.write() }
      } else {
        try file.write()
      }
    }
    let bytes = try #require(inside.bytes("x"))
    #expect(EventRecord.records(in: bytes).last?.end == bytes.count)
    #expect(EventRecord.records(in: bytes).count == 4)
  }
}
