#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a directory could not be locked.
public enum FolderLockError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process holds the lock; `process` is its number, if known.
  case busy(directory: String, process: Int?)
  case failed(path: String, reason: SystemError)
  case notRegular(path: String)

  public var description: String {
    switch self {
    case .busy(let directory, let process):
      "\(directory): another process works in this directory"
        + (process.map { " (found process \($0), expected none)" } ?? " (expected none)")
        + ". Wait for its end or choose another directory."
    case .failed(let path, let reason): "\(path): cannot be locked (\(reason)). \(reason.advice)"
    case .notRegular(let path): "\(path): cannot be locked (expected a regular file). Remove it."
    }
  }
}

/// The right to write in a directory, held by one process at a time.
///
/// The lock is a `flock` on the directory's file `.lock`. The system releases it when the process
/// ends for any reason. The file is never removed: otherwise two processes could lock two different
/// files of that name.
public final class FolderLock {
  private var descriptor: Int32?

  /// Locks `directory`, which must exist.
  ///
  /// - Throws: ``FolderLockError/busy(directory:process:)`` at once if another process holds the
  ///   lock.
  public init(directory: String) throws(FolderLockError) {
    let path = directory + "/.lock"
    let descriptor = try Self.openFile(path)
    do throws(FolderLockError) {
      try Self.lock(descriptor, path: path, directory: directory)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    Self.note(process: getpid(), in: descriptor)
  }

  deinit { release() }

  /// Releases the lock.
  public func release() {
    guard let descriptor else { return }
    self.descriptor = nil
    close(descriptor)
  }

  private static func openFile(_ path: String) throws(FolderLockError) -> Int32 {
    do throws(SystemError) {
      // O_NONBLOCK: opening must not wait if `.lock` is a named pipe.
      let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
      return try FileOperations.system.openPatiently(path, flags, 0o666)
    } catch { throw .failed(path: path, reason: error) }
  }

  private static func lock(
    _ descriptor: Int32, path: String, directory: String
  ) throws(FolderLockError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .notRegular(path: path)
    }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: throw .busy(directory: directory, process: process(in: descriptor))
      default: throw .failed(path: path, reason: SystemError(errno))
      }
    }
  }

  /// Writes the holder's process number into the file, for the message that other processes show.
  /// The lock works without the number.
  private static func note(process: Int32, in descriptor: Int32) {
    let text = Array((String(process) + "\n").utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
  }

  private static func process(in descriptor: Int32) -> Int? {
    var text = [UInt8](repeating: 0, count: 24)
    let count = pread(descriptor, &text, text.count, 0)
    guard count > 1, text[count - 1] == UInt8(ascii: "\n") else { return nil }
    return Int(String(decoding: text[..<(count - 1)], as: UTF8.self))
  }
}
