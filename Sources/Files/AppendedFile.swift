#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that only grows, such as the log of a run.
///
/// Bytes are collected in memory and written as a whole, so the file ends within a record only if the process
/// is killed while it writes.
public final class AppendedFile {
  public let path: String
  /// The file's number, for calls that read it.
  package let descriptor: Int32
  private let operations: FileOperations
  /// Bytes that are not in the file yet.
  private var pending: [UInt8] = []
  private var isLost = false

  /// Creates an empty file at `path`, at which nothing may exist.
  ///
  /// The folder's list of names may reach the disk later: see `OutputFile.synchronizeFolder`.
  public init(
    creating path: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW
    do throws(SystemError) { descriptor = try operations.openPatiently(path, flags, 0o666) } catch {
      if error.code == EEXIST { throw .exists(path: path) }
      throw .failed(path: path, action: .create, reason: error)
    }
    self.path = path
    self.operations = operations
  }

  /// Opens the file at `path` to continue it. Whether it is a regular file is for the caller to ask.
  package init(
    opening path: String, operations: FileOperations = .system
  ) throws(SystemError) {
    // O_NONBLOCK: opening must not wait if the path is a named pipe.
    descriptor = try operations.openPatiently(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
    self.path = path
    self.operations = operations
  }

  /// Closes the file; bytes that were not written are lost.
  deinit { try? operations.close(descriptor) }

  /// Adds `bytes`, in memory.
  public func append(_ bytes: [UInt8]) {
    guard !isLost else { return }
    pending += bytes
  }

  /// Writes the collected bytes, without waiting for the disk.
  ///
  /// - Throws: ``OutputFileError``. Bytes that are not in the file stay in memory, and the next call continues
  ///   after the last written byte.
  public func write() throws(OutputFileError) {
    guard !isLost else { throw .lost(path: path) }
    var written = 0
    defer { pending.removeFirst(written) }
    do throws(SystemError) {
      try operations.writeAll(pending, to: descriptor, written: &written)
    } catch { throw .failed(path: path, action: .write, reason: error) }
  }

  /// Writes the collected bytes to the disk.
  ///
  /// - Throws: ``OutputFileError``. After a failed synchronization every later call throws
  ///   ``OutputFileError/lost(path:)``, because earlier bytes may be missing on the disk.
  public func synchronize() throws(OutputFileError) {
    try write()
    do throws(SystemError) { try operations.synchronize(descriptor) } catch {
      isLost = true
      throw .failed(path: path, action: .synchronize, reason: error)
    }
  }

  /// Truncates the file to its first `length` bytes, on the disk.
  package func cutBack(to length: Int) throws(OutputFileError) {
    var action = OutputFileError.Action.truncate
    do throws(SystemError) {
      try operations.truncate(descriptor, length)
      action = .synchronize
      try operations.synchronize(descriptor)
    } catch { throw .failed(path: path, action: action, reason: error) }
  }
}
