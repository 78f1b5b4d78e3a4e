import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct OutputFileTests {
  let folder = TemporaryFolder()
  var path: String { folder.path + "/a" }

  @Test func writesAndReplaces() throws {
    try OutputFile.write([1, 2, 3], to: path)
    #expect(folder.bytes("a") == [1, 2, 3])
    try OutputFile.write([], to: path)
    #expect(folder.bytes("a") == [])
    let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try OutputFile.write(large, to: path)
    #expect(folder.bytes("a") == large)
    #expect(folder.names == ["a"])
  }

  @Test func writeNewReplacesNothing() throws {
    try OutputFile.writeNew([1], to: path)
    #expect(throws: OutputFileError.exists(path: path)) { try OutputFile.writeNew([2], to: path) }
    #expect(folder.bytes("a") == [1])
    #expect(symlink("nowhere", folder.path + "/link") == 0)
    #expect(throws: OutputFileError.exists(path: folder.path + "/link")) {
      try OutputFile.writeNew([2], to: folder.path + "/link")
    }
    #expect(folder.names == ["a", "link"])
  }

  /// A file that appears between the check and the link is not replaced.
  @Test func writeNewLosesARaceHonestly() throws {
    var operations = FileOperations.system
    let folder = folder.path
    operations.synchronize = { descriptor throws(SystemError) in
      try FileOperations.system.synchronize(descriptor)
      _ = FileManager.default.createFile(atPath: folder + "/a", contents: Data([9]))
    }
    #expect(throws: OutputFileError.exists(path: path)) {
      try OutputFile.writeNew([1], to: path, operations: operations)
    }
    #expect(self.folder.bytes("a") == [9])
    #expect(self.folder.names == ["a"])
  }

  /// The link is replaced, and its target is unchanged.
  @Test func leavesTheTargetOfALinkAlone() throws {
    folder.put([7], at: "target")
    #expect(symlink("target", path) == 0)
    try OutputFile.write([1], to: path)
    #expect(folder.bytes("target") == [7])
    #expect(folder.bytes("a") == [1])
  }

  @Test func takesAnotherNameForTheTemporaryFileThanOneInUse() throws {
    folder.put([5], at: ".partial-\(getpid())-0")
    try OutputFile.write([1], to: path)
    #expect(folder.bytes(".partial-\(getpid())-0") == [5])
    #expect(folder.bytes("a") == [1])
  }

  @Test(arguments: Fault.allCases.filter { !$0.kills })
  func everyFaultLeavesOldOrNew(fault: Fault) {
    for call in 0..<8 {
      for isNew in [false, true] {
        let folder = TemporaryFolder()
        if !isNew { folder.put([1], at: "a") }
        let disk = FaultyDisk(folder, faultAt: call, fault: fault)
        let path = folder.path + "/a"
        let error: OutputFileError?
        do throws(OutputFileError) {
          if isNew {
            try OutputFile.writeNew([2, 3], to: path, operations: disk.operations)
          } else {
            try OutputFile.write([2, 3], to: path, operations: disk.operations)
          }
          error = nil
        } catch let caught { error = caught }
        let found = folder.bytes("a")
        #expect(error != nil || found == [2, 3])
        #expect(found == (isNew ? nil : [1]) || found == [2, 3])
        // The temporary file is removed too, unless the removal is the call that failed.
        if disk.calls[call] != .remove { #expect(folder.names.allSatisfy { $0 == "a" }) }
      }
    }
  }

  @Test func aFailedSynchronizationIsNotRetried() {
    folder.put([1], at: "a")
    let disk = FaultyDisk(folder, faultAt: 2, fault: .interrupted)
    #expect(
      throws: OutputFileError.failed(
        path: path, action: .synchronize, reason: SystemError(EINTR))
    ) { try OutputFile.write([2], to: path, operations: disk.operations) }
    #expect(disk.calls == [.open, .write, .synchronize, .close, .remove])
    #expect(folder.bytes("a") == [1])
  }

  @Test func interruptedAndShortWritesGoOn() throws {
    for fault in [Fault.interrupted, .short] {
      let disk = FaultyDisk(folder, faultAt: 1, fault: fault)
      try OutputFile.write([1, 2, 3], to: path, operations: disk.operations)
      #expect(folder.bytes("a") == [1, 2, 3])
      #expect(disk.calls.filter { $0 == .write }.count == 2)
    }
  }

  @Test func aWriteOfNothingDoesNotGoOnForEver() {
    var operations = FileOperations.system
    operations.write = { _, _ throws(SystemError) in 0 }
    #expect(
      throws: OutputFileError.failed(path: path, action: .write, reason: SystemError(EIO))
    ) { try OutputFile.write([1], to: path, operations: operations) }
    #expect(folder.names == [])
  }

  /// Some network file systems cannot synchronize folders.
  @Test func foldersThatCannotBeSynchronizedAreTaken() throws {
    var operations = FileOperations.system
    operations.synchronize = { descriptor throws(SystemError) in
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        throw SystemError(EINVAL)
      }
    }
    try OutputFile.write([1], to: path, operations: operations)
    #expect(folder.bytes("a") == [1])
  }

  static let messages: [(OutputFileError, String)] = [
    (.exists(path: "p"), "p: already exists. Choose another name or remove it."),
    (
      .failed(path: "p", action: .write, reason: SystemError(ENOSPC)),
      "p: cannot be written (No space left on device while writing)."
        + " Free some space or choose another folder."
    ),
    (
      .failed(path: "p", action: .create, reason: SystemError(EACCES)),
      "p: cannot be written (Permission denied while creating it)."
        + " Choose a folder that you may write to."
    ),
    (
      .failed(path: "p", action: .create, reason: SystemError(ENOENT)),
      "p: cannot be written (No such file or directory while creating it)."
        + " Create the folder first."
    ),
    (
      .failed(path: "p", action: .synchronize, reason: SystemError(EIO)),
      "p: cannot be written (Input/output error while bringing it to the disk). Check the disk."
    ),
    (
      .lost(path: "p"),
      "p: cannot be written any more (bringing it to the disk failed before). Check the disk."
    ),
  ]

  @Test(arguments: messages)
  func errorsNamePathAndReason(error: OutputFileError, message: String) {
    #expect(error.description == message)
  }

  @Test func realFailuresAreTold() {
    #expect(
      throws: OutputFileError.failed(
        path: path + "/b", action: .create, reason: SystemError(ENOENT))
    ) { try OutputFile.write([1], to: path + "/b") }
    #expect(mkdir(path, 0o777) == 0)
    #expect(
      throws: OutputFileError.failed(path: path, action: .rename, reason: SystemError(EISDIR))
    ) { try OutputFile.write([1], to: path) }
    #expect(folder.names == ["a"])
  }

  @Test func createsMissingFolders() throws {
    let deep = folder.path + "/x/y/z"
    try OutputFile.createFolder(deep)
    try OutputFile.createFolder(deep)
    try OutputFile.write([1], to: deep + "/a")
    folder.put([1], at: "file")
    #expect(
      throws: OutputFileError.failed(
        path: folder.path + "/file", action: .create, reason: SystemError(EEXIST))
    ) { try OutputFile.createFolder(folder.path + "/file") }
  }

  @Test(arguments: [
    ("a", "."), ("a/b", "a"), ("/a", "/"), ("/a/b", "/a"), ("a/b/", "a"), ("./a", "."),
    ("a//b", "a/"), ("/", "/"), ("", "."), ("é/b", "é"),
  ])
  func folderIsThePathWithoutItsName(path: String, folder: String) {
    #expect(OutputFile.folder(of: path) == folder)
  }
}
