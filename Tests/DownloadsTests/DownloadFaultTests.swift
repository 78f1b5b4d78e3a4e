import Datasets
import Foundation
import LocalServer
import TestSupport
import Testing

@testable import Downloads
@testable import Files

/// A fault of the disk or the process at one of its calls.
private enum Fault: CaseIterable {
  case full, inputOutput, interrupted
  /// A write takes half of the bytes, and from then on the disk is full.
  case halfThenFull
  /// The process is killed before, within or after the call.
  case killedBefore, killedWithin, killedAfter

  var kills: Bool { self == .killedBefore || self == .killedWithin || self == .killedAfter }
}

/// The system's operations, one of which fails.
private final class FaultyOperations: @unchecked Sendable {
  private(set) var count = 0
  private let faultAt: Int
  private let fault: Fault
  private var isDead = false

  init(faultAt: Int = 0, fault: Fault = .full) {
    self.faultAt = faultAt
    self.fault = fault
  }

  /// Runs `body`, unless this call has the fault.
  private func turn<Value>(
    half: (() throws(SystemError) -> Void)? = nil, _ body: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    count += 1
    if isDead { throw SystemError(EIO) }
    guard count == faultAt else { return try body() }
    switch fault {
    case .full: throw SystemError(ENOSPC)
    case .inputOutput: throw SystemError(EIO)
    case .interrupted: throw SystemError(EINTR)
    case .halfThenFull, .killedWithin:
      isDead = true
      if let half { try half() }
      throw SystemError(ENOSPC)
    case .killedBefore:
      isDead = true
      throw SystemError(EIO)
    case .killedAfter:
      isDead = true
      return try body()
    }
  }

  var operations: FileOperations {
    let system = FileOperations.system
    var faulty = system
    faulty.open = { [self] path, flags, mode throws(SystemError) in
      try turn { () throws(SystemError) in try system.open(path, flags, mode) }
    }
    faulty.write = { [self] descriptor, bytes throws(SystemError) in
      func half() throws(SystemError) {
        let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
        _ = try system.write(descriptor, half)
      }
      return try turn(half: half) { () throws(SystemError) in
        try system.write(descriptor, bytes)
      }
    }
    faulty.synchronize = { [self] _ throws(SystemError) in try turn { () throws(SystemError) in } }
    faulty.close = { [self] descriptor throws(SystemError) in
      // Closed in any case, as the system does at the end of a process.
      defer { try? system.close(descriptor) }
      try turn { () throws(SystemError) in }
    }
    faulty.rename = { [self] old, new throws(SystemError) in
      try turn { () throws(SystemError) in try system.rename(old, new) }
    }
    faulty.remove = { [self] path throws(SystemError) in
      try turn { () throws(SystemError) in try system.remove(path) }
    }
    faulty.truncate = { [self] descriptor, length throws(SystemError) in
      try turn { () throws(SystemError) in try system.truncate(descriptor, length) }
    }
    faulty.makeFolder = { [self] path throws(SystemError) in
      try turn { () throws(SystemError) in try system.makeFolder(path) }
    }
    return faulty
  }
}

/// At whichever call a fault occurs or the process is killed, a file with its final name has its
/// whole content, and the next call downloads all files.
@Suite struct DownloadFaultTests {
  private static let content = Array(Scene.content.prefix(3000))
  private static let files = [Scene.file(content), ArchiveTests.file()]

  /// A wrong part file, a connection that breaks off, and an archive.
  private func scene() throws -> Scene {
    let scene = Scene()
    try scene.write([9, 9], "data.bin.part")
    scene.server.answer(
      "data.bin", Answers.cutShort(Self.content, after: 1000), Answers.file(Self.content))
    scene.server.answer("set.tar.gz", Answers.file(Archives.good))
    return scene
  }

  private func fetch(_ scene: Scene, _ operations: FileOperations) -> DownloadError? {
    scene.downloader.operations = operations
    do throws(DownloadError) {
      try scene.downloader.fetch(Self.files, into: scene.folder)
      return nil
    } catch { return error }
  }

  @Test func noFaultLeavesAWrongFile() throws {
    let good = FaultyOperations()
    let whole = try scene()
    #expect(fetch(whole, good.operations) == nil)
    expectWhole(whole)
    #expect(good.count > 25)

    for fault in Fault.allCases {
      for call in 1...good.count {
        let scene = try scene()
        let error = fetch(scene, FaultyOperations(faultAt: call, fault: fault).operations)
        switch error {
        case nil: #expect(!fault.kills || call == good.count)
        case .output?: break
        case let error?: Issue.record("\(error) after \(fault) in call \(call)")
        }
        for (name, content) in [
          ("data.bin", Self.content), ("a.bin", Archives.a), ("b.bin", Archives.b),
        ] {
          let found = scene.bytes(name)
          #expect(found == nil || found == content, "\(name) after \(fault) in call \(call)")
        }
        #expect(fetch(scene, .system) == nil, "after \(fault) in call \(call)")
        expectWhole(scene)
      }
    }
  }

  private func expectWhole(_ scene: Scene, _ location: SourceLocation = #_sourceLocation) {
    #expect(scene.names == ["a.bin", "b.bin", "data.bin"], sourceLocation: location)
    #expect(scene.bytes("data.bin") == Self.content, sourceLocation: location)
    #expect(scene.bytes("a.bin") == Archives.a, sourceLocation: location)
    #expect(scene.bytes("b.bin") == Archives.b, sourceLocation: location)
  }

  /// The part file and its content stay.
  @Test func aFullDiskKeepsThePartFile() throws {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.file(Scene.content))
    try scene.write(Array(Scene.content.prefix(1000)), "data.bin.part")
    var operations = FileOperations.system
    operations.write = { _, _ throws(SystemError) in throw SystemError(ENOSPC) }
    scene.downloader.operations = operations
    #expect(
      scene.error()?.description
        == "\(scene.folder)/data.bin.part: cannot be written (No space left on device while "
        + "writing). Free some space or choose another folder.")
    #expect(scene.bytes("data.bin.part") == Array(Scene.content.prefix(1000)))
  }
}
