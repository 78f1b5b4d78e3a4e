import TestSupport
import Testing

@testable import Checkpoints
@testable import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A procedure that writes checkpoints, to be tested with faults.
struct CheckpointWriter: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Writes the bytes of a file to a path.
  let write: @Sendable ([UInt8], String, FileOperations) throws -> Void

  /// The package's own procedure, through ``CheckpointStore``.
  static let store = CheckpointWriter(testDescription: "store") { bytes, path, operations in
    let store = CheckpointStore(
      directory: OutputFile.folder(of: path), operations: operations)
    if path == store.bestPath {
      try store.saveBest(bytes)
    } else {
      try store.save(bytes, step: 30)
    }
  }

  /// Procedures that each omit one step.
  static let naive: [CheckpointWriter] = [
    CheckpointWriter(testDescription: "in place") { bytes, path, operations in
      try fill(path, bytes, operations, synchronizes: true)
      try OutputFile.synchronizeFolder(of: path, operations)
    },
    CheckpointWriter(testDescription: "content not synchronized") { bytes, path, operations in
      try fill(path + ".new", bytes, operations, synchronizes: false)
      try operations.rename(path + ".new", path)
      try OutputFile.synchronizeFolder(of: path, operations)
    },
    CheckpointWriter(testDescription: "folder not synchronized") { bytes, path, operations in
      try fill(path + ".new", bytes, operations, synchronizes: true)
      try operations.rename(path + ".new", path)
    },
    CheckpointWriter(testDescription: "one write") { bytes, path, operations in
      let descriptor = try operations.open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC, 0o666)
      defer { try? operations.close(descriptor) }
      _ = try bytes.withUnsafeBytes { try operations.write(descriptor, $0) }
      try operations.synchronize(descriptor)
      try operations.rename(path + ".new", path)
      try OutputFile.synchronizeFolder(of: path, operations)
    },
    CheckpointWriter(testDescription: "errors ignored") { bytes, path, operations in
      try? fill(path + ".new", bytes, operations, synchronizes: true)
      try operations.rename(path + ".new", path)
      try OutputFile.synchronizeFolder(of: path, operations)
    },
  ]

  private static func fill(
    _ path: String, _ bytes: [UInt8], _ operations: FileOperations, synchronizes: Bool
  ) throws {
    let descriptor = try operations.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    defer { try? operations.close(descriptor) }
    var written = 0
    try operations.writeAll(bytes, to: descriptor, written: &written)
    if synchronizes { try operations.synchronize(descriptor) }
  }
}

/// A save of step 30 after steps 10 and 20, with a fault at one of its system calls.
struct CheckpointSave {
  static let old = SampleCheckpoint.bytes(step: 20, scale: 2)
  static let new = SampleCheckpoint.bytes(step: 30, scale: 3)
  static let oldBest = SampleCheckpoint.bytes(step: 10, scale: 4)
  static let newBest = SampleCheckpoint.bytes(step: 30, scale: 5)

  let writer: CheckpointWriter

  /// The system calls of a save without faults, by kind.
  func calls() -> [FaultyDisk.Call] {
    let folder = Self.run()
    let disk = FaultyDisk(folder)
    _ = save(in: folder, disk)
    return disk.calls
  }

  /// The errors after the fault: an empty list if no checkpoint was lost.
  func violations(at call: Int, _ fault: Fault) -> [String] {
    let folder = Self.run()
    let disk = FaultyDisk(folder, faultAt: call, fault: fault)
    let reported = save(in: folder, disk)
    var violations: [String] = []
    var seen: [[String: [UInt8]]] = []
    for survivor in FaultyDisk.Survivor.allCases {
      let files = disk.files(after: survivor)
      guard !seen.contains(files) else { continue }
      seen.append(files)
      let found = TemporaryFolder()
      for (path, bytes) in files {
        found.put(bytes, at: String(path.dropFirst(folder.path.count + 1)))
      }
      violations += Self.violations(in: found, reported)
        .map { "\(fault) at \(call), \(survivor): \($0)" }
    }
    return violations
  }

  /// The folder of a run before the save.
  private static func run() -> TemporaryFolder {
    let folder = TemporaryFolder()
    folder.put(SampleCheckpoint.bytes(step: 10), at: "step-0000000010.safetensors")
    folder.put(old, at: "step-0000000020.safetensors")
    folder.put(oldBest, at: "best.safetensors")
    return folder
  }

  /// Saves, and returns which saves were reported as successful.
  private func save(in folder: TemporaryFolder, _ disk: FaultyDisk) -> (step: Bool, best: Bool) {
    let store = CheckpointStore(directory: folder.path, operations: disk.operations)
    var reported = (step: false, best: false)
    if (try? writer.write(Self.new, store.path(step: 30), disk.operations)) != nil {
      // The process may have been killed after the last call, before it returned.
      reported.step = !disk.isDead
      _ = try? store.prune(after: 30, keep: 2)
    }
    if (try? writer.write(Self.newBest, store.bestPath, disk.operations)) != nil {
      reported.best = !disk.isDead
    }
    return reported
  }

  private static func violations(
    in folder: TemporaryFolder, _ reported: (step: Bool, best: Bool)
  ) -> [String] {
    var violations: [String] = []
    let store = CheckpointStore(directory: folder.path, operations: .unsynchronized)
    do {
      try store.prepare()
      let newest = try store.newest()
      let isNew = newest.step == 30
      if newest.step != 30 && newest.step != 20 { violations.append("newest is \(newest.step)") }
      if reported.step && !isNew { violations.append("reported, but not there") }
      if !newest.warnings.isEmpty { violations += newest.warnings }
      if folder.bytes("step-0000000020.safetensors") != old { violations.append("step 20 lost") }
      if isNew && folder.bytes("step-0000000030.safetensors") != new {
        violations.append("step 30 altered")
      }
      if !isNew && folder.bytes("step-0000000010.safetensors") == nil {
        violations.append("step 10 pruned too early")
      }
      let best = folder.bytes("best.safetensors")
      if best != newBest && (reported.best || best != oldBest) { violations.append("best lost") }
      // A run that resumes here saves step 30 again and repairs the folder.
      try store.save(new, step: 30)
      if try store.newest().contents != CheckpointFile.decode(new, path: "") {
        violations.append("not healed")
      }
      if !folder.names.allSatisfy({ $0.hasSuffix(".safetensors") || $0.hasSuffix(".new") }) {
        violations.append("left over: \(folder.names)")
      }
    } catch { violations.append("\(error)") }
    return violations
  }
}

@Suite struct CheckpointStoreFaultTests {
  @Test func aSaveMakesTheseCalls() {
    let file: [FaultyDisk.Call] = [
      .open, .write, .synchronize, .close, .rename, .open, .synchronize, .close,
    ]
    #expect(CheckpointSave(writer: .store).calls() == file + [.remove] + file)
  }

  @Test(arguments: Fault.allCases)
  func noFaultLosesACheckpoint(fault: Fault) {
    let save = CheckpointSave(writer: .store)
    for call in 0..<save.calls().count {
      #expect(save.violations(at: call, fault).isEmpty)
    }
  }

  /// The faults must be able to find errors: incomplete procedures fail.
  @Test(arguments: CheckpointWriter.naive)
  func carelessWritersAreFound(writer: CheckpointWriter) {
    let save = CheckpointSave(writer: writer)
    let calls = 0..<save.calls().count
    #expect(
      Fault.allCases.contains { fault in
        calls.contains { !save.violations(at: $0, fault).isEmpty }
      })
  }

  /// A run continues after a failed save, and the next save succeeds.
  @Test(arguments: Fault.allCases.filter { !$0.kills && $0 != .full && $0 != .shortThenFull })
  func theNextSaveSucceeds(fault: Fault) throws {
    for call in 0..<8 {
      let folder = TemporaryFolder()
      let disk = FaultyDisk(folder, faultAt: call, fault: fault)
      let store = CheckpointStore(directory: folder.path, operations: disk.operations)
      try? store.save(SampleCheckpoint.bytes(step: 1), step: 1)
      try store.save(SampleCheckpoint.bytes(step: 2), step: 2)
      #expect(try store.newest().step == 2)
      #expect(folder.names.allSatisfy { $0.hasPrefix("step-") })
    }
  }
}
