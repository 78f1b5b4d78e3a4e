import Foundation
import TestSupport
import Testing

@testable import Files
@testable import Training

@Suite struct MetricsLogTests {
  let folder = TemporaryFolder()
  var path: String { folder.path + "/metrics.jsonl" }

  private func line(_ step: Int) -> CanonicalJSON {
    ["kind": "step", "step": .integer(step), "loss": .float(1 / Float(step))]
  }

  private func mark(of bytes: [UInt8]) -> MetricsLog.Mark {
    var hash = Hash(.sha256)
    hash.append(bytes)
    return MetricsLog.Mark(length: bytes.count, sha256: hash.hexadecimal)
  }

  @Test func writesLinesAndKnowsWhereItStands() throws {
    let log = try MetricsLog(creating: path)
    #expect(try log.flush() == .empty)
    log.append(line(1))
    log.append(line(3))
    #expect(folder.bytes("metrics.jsonl") == [])
    let first = try log.flush()
    let text =
      #"{"kind":"step","step":1,"loss":1.0}"# + "\n"
      + #"{"kind":"step","step":3,"loss":0.33333334}"# + "\n"
    #expect(folder.bytes("metrics.jsonl") == Array(text.utf8))
    #expect(first == mark(of: Array(text.utf8)))
    log.append(line(4))
    try log.write()
    let more = Array((text + line(4).text + "\n").utf8)
    #expect(folder.bytes("metrics.jsonl") == more)
    #expect(try log.flush() == mark(of: more))
  }

  @Test func theEmptyMarkIsTheHashOfNoBytes() {
    #expect(
      MetricsLog.Mark.empty.sha256
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  /// A run that was killed and resumed leaves the same bytes as an undisturbed run.
  @Test func continuesFromAMark() throws {
    let whole = try MetricsLog(creating: folder.path + "/whole")
    for step in 1...20 { whole.append(line(step)) }
    try whole.flush()
    for step in 0...20 {
      let path = folder.path + "/\(step)"
      var mark = MetricsLog.Mark.empty
      do {
        let log = try MetricsLog(creating: path, operations: .unsynchronized)
        for step in stride(from: 1, through: step, by: 1) { log.append(line(step)) }
        mark = try log.flush()
        for step in 0..<3 { log.append(line(100 + step)) }
        try log.write()
      }
      // The last line is truncated.
      folder.put(folder.bytes("\(step)")!.dropLast(7), at: "\(step)")
      let log = try MetricsLog.reopen(path, cutBackTo: mark, operations: .unsynchronized)
      for step in stride(from: step + 1, through: 20, by: 1) { log.append(line(step)) }
      let end = try log.flush()
      #expect(folder.bytes("\(step)") == folder.bytes("whole"))
      #expect(end == self.mark(of: folder.bytes("whole")!))
    }
  }

  @Test func readsLongFilesInPieces() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    folder.put(bytes + [1, 2, 3], at: "metrics.jsonl")
    _ = try MetricsLog.reopen(path, cutBackTo: mark(of: bytes))
    #expect(folder.bytes("metrics.jsonl") == bytes)
  }

  @Test func refusesAFileThatIsNotTheCheckpoints() throws {
    let bytes = Array("0123456789\n".utf8)
    let mark = mark(of: bytes)
    #expect(
      message(mark) == "\(path): no such file, but the checkpoint counts on it."
        + " Put the file back as it was.")
    folder.put(Array(bytes.dropLast()), at: "metrics.jsonl")
    #expect(
      message(mark) == "\(path): shorter than at the checkpoint"
        + " (found 10 bytes, expected at least 11). Put the file back as it was.")
    folder.put([], at: "metrics.jsonl")
    #expect(
      message(mark) == "\(path): shorter than at the checkpoint"
        + " (found 0 bytes, expected at least 11). Put the file back as it was.")
    for place in bytes.indices {
      var altered = bytes
      altered[place] ^= 1
      folder.put(altered + bytes, at: "metrics.jsonl")
      #expect(
        message(mark) == "\(path): altered since the checkpoint (found SHA-256"
          + " \(self.mark(of: altered).sha256) for the first 11 bytes, expected \(mark.sha256))."
          + " Put the file back as it was.")
      // The file is unchanged.
      #expect(folder.bytes("metrics.jsonl") == altered + bytes)
    }
    #expect(unlink(path) == 0 && mkdir(path, 0o777) == 0)
    #expect(message(mark) == "\(path): not a regular file. Put the file back as it was.")
    #expect(rmdir(path) == 0 && mkfifo(path, 0o600) == 0)
    #expect(message(mark) == "\(path): not a regular file. Put the file back as it was.")
    #expect(unlink(path) == 0 && symlink("x", path) == 0)
    #expect(message(mark) == "\(path): not a regular file. Put the file back as it was.")
  }

  private func message(_ mark: MetricsLog.Mark) -> String? {
    do throws(MetricsLogError) {
      _ = try MetricsLog.reopen(path, cutBackTo: mark)
      return nil
    } catch { return error.description }
  }

  @Test func doesNotStartWhereAFileIs() {
    folder.put([1], at: "metrics.jsonl")
    #expect(throws: OutputFileError.exists(path: path)) { try MetricsLog(creating: path) }
    #expect(folder.bytes("metrics.jsonl") == [1])
  }

  /// Whatever call fails, the bytes of every returned mark are on the disk, and a log that can be
  /// written again continues without a gap.
  @Test(arguments: Fault.allCases)
  func everyMarkIsOnTheDisk(fault: Fault) throws {
    // The calls: open, synchronize the folder (open, synchronize, close), then write and
    // synchronize repeatedly.
    for call in 0..<10 {
      let folder = TemporaryFolder()
      let disk = FaultyDisk(folder, faultAt: call, fault: fault)
      let path = folder.path + "/metrics.jsonl"
      guard let log = try? MetricsLog(creating: path, operations: disk.operations) else { continue }
      var expected: [UInt8] = []
      var last: MetricsLog.Mark?
      for step in 1...3 {
        log.append(line(step))
        expected += Array((line(step).text + "\n").utf8)
        guard let mark = try? log.flush(), !disk.isDead else { continue }
        #expect(mark == self.mark(of: expected))
        last = mark
      }
      guard let last else { continue }
      for survivor in FaultyDisk.Survivor.allCases {
        let bytes = disk.files(after: survivor)[path] ?? []
        #expect(self.mark(of: Array(bytes.prefix(last.length))) == last, "\(survivor)")
      }
    }
  }

  @Test func isLostAfterAFailedSynchronization() throws {
    let disk = FaultyDisk(folder, faultAt: 5, fault: .inputOutput)
    let log = try MetricsLog(creating: path, operations: disk.operations)
    log.append(line(1))
    #expect(
      throws: OutputFileError.failed(path: path, action: .synchronize, reason: SystemError(EIO))
    ) { try log.flush() }
    for _ in 0..<2 {
      log.append(line(2))
      #expect(throws: OutputFileError.lost(path: path)) { try log.flush() }
    }
  }

  @Test func continuesOnceThereIsSpaceAgain() throws {
    let disk = FaultyDisk(folder, faultAt: 4, fault: .fileTooLarge)
    let log = try MetricsLog(creating: path, operations: disk.operations)
    log.append(line(1))
    #expect(
      throws: OutputFileError.failed(path: path, action: .write, reason: SystemError(EFBIG))
    ) { try log.flush() }
    log.append(line(2))
    let mark = try log.flush()
    #expect(mark == self.mark(of: Array("\(line(1).text)\n\(line(2).text)\n".utf8)))
  }
}
