import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FolderLockTests {
  let folder = TemporaryFolder()

  @Test func onlyOneProcessHoldsTheLock() throws {
    let lock = try FolderLock(directory: folder.path)
    // A lock belongs to an open file, so a second opening fails even in the same process.
    let busy = FolderLockError.busy(directory: folder.path, process: Int(getpid()))
    #expect(throws: busy) { try FolderLock(directory: folder.path) }
    #expect(throws: busy) { try FolderLock(directory: folder.path) }
    #expect(
      busy.description
        == "\(folder.path): another process works in this directory (found process \(getpid()), expected none)."
        + " Wait for its end or choose another directory.")
    lock.release()
    let second = try FolderLock(directory: folder.path)
    // A second release must not close another file with the same descriptor.
    lock.release()
    #expect(throws: busy) { try FolderLock(directory: folder.path) }
    withExtendedLifetime(second) {}
  }

  @Test func theLockEndsWithItsObject() throws {
    do {
      let lock = try FolderLock(directory: folder.path)
      withExtendedLifetime(lock) {}
    }
    _ = try FolderLock(directory: folder.path)
  }

  @Test func takesAFileThatWasLeftBehind() throws {
    folder.put(Array("99999999 and more\n".utf8), at: ".lock")
    let lock = try FolderLock(directory: folder.path)
    #expect(folder.bytes(".lock") == Array("\(getpid())\n".utf8))
    withExtendedLifetime(lock) {}
  }

  @Test func refusesWhatIsNoFile() {
    let path = folder.path + "/.lock"
    #expect(throws: FolderLockError.failed(path: path + "/.lock", reason: SystemError(ENOENT))) {
      try FolderLock(directory: path)
    }
    #expect(symlink("target", path) == 0)
    #expect(throws: FolderLockError.failed(path: path, reason: SystemError(ELOOP))) {
      try FolderLock(directory: folder.path)
    }
    #expect(folder.bytes("target") == nil)
    #expect(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
    #expect(throws: FolderLockError.notRegular(path: path)) {
      try FolderLock(directory: folder.path)
    }
  }
}
