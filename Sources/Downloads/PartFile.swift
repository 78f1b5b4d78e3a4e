import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The beginning of a file that is being downloaded. It stays after any interruption, and the next
/// download continues from it.
final class PartFile {
  let path: String
  /// The number of bytes in the file.
  private(set) var count: Int
  private var descriptor: Int32
  private let operations: FileOperations

  /// Opens the part file at `path`, or creates it.
  init(_ path: String, operations: FileOperations) throws(OutputFileError) {
    self.path = path
    self.operations = operations
    do throws(SystemError) {
      // O_NONBLOCK: opening must not wait if the path is a named pipe.
      let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK
      descriptor = try operations.openPatiently(path, flags, 0o666)
    } catch { throw .failed(path: path, action: .create, reason: error) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = systemClose(descriptor)
      throw .exists(path: path)
    }
    count = Int(status.st_size)
  }

  deinit { if descriptor >= 0 { _ = systemClose(descriptor) } }

  func append(_ bytes: [UInt8]) throws(OutputFileError) {
    var written = 0
    defer { count += written }
    do throws(SystemError) {
      try operations.writeAll(bytes, to: descriptor, written: &written)
    } catch { throw .failed(path: path, action: .write, reason: error) }
  }

  /// Discards the content.
  func empty() throws(OutputFileError) {
    guard count > 0 else { return }
    do throws(SystemError) { try operations.truncate(descriptor, 0) } catch {
      throw .failed(path: path, action: .truncate, reason: error)
    }
    count = 0
  }

  /// Synchronizes the file and renames it to `path`, replacing any file there.
  func finish(as path: String) throws(OutputFileError) {
    var action = OutputFileError.Action.synchronize
    do throws(SystemError) {
      try operations.synchronize(descriptor)
      action = .close
      let closing = descriptor
      descriptor = -1
      try operations.closeOnce(closing)
      action = .rename
      try operations.rename(self.path, path)
    } catch { throw .failed(path: path, action: action, reason: error) }
    try OutputFile.synchronizeFolder(of: path, operations)
  }

  /// Removes the file.
  func remove() throws(OutputFileError) {
    do throws(SystemError) { try operations.remove(path) } catch {
      throw .failed(path: path, action: .remove, reason: error)
    }
    count = 0
  }
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
