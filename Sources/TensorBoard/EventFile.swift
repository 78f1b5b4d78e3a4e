import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An event file that grows with a run.
///
/// Records are collected in memory and written as a whole, so a file is cut off within a record only if the
/// process is killed while it writes. A reader then stops before that record.
public final class EventFile {
  public let path: String
  private let operations: FileOperations
  private let descriptor: Int32
  /// Bytes that are not in the file yet.
  private var pending: [UInt8]
  private var isLost = false

  /// Creates a file at `path`, at which nothing may exist.
  ///
  /// - Parameter time: in seconds since 1970.
  init(
    creating path: String, at time: Double, operations: FileOperations = .system
  ) throws(OutputFileError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW
    do throws(SystemError) { descriptor = try operations.openPatiently(path, flags, 0o666) } catch {
      if error.code == EEXIST { throw .exists(path: path) }
      throw .failed(path: path, action: .create, reason: error)
    }
    self.path = path
    self.operations = operations
    pending = EventRecord.encode(Event.version(wallTime: time))
  }

  /// Closes the file; records that were not written are lost.
  deinit { try? operations.close(descriptor) }

  /// Adds an event, in memory.
  public func append(_ event: Event) {
    guard !isLost else { return }
    pending += EventRecord.encode(event.bytes)
  }

  /// Writes the collected records, without waiting for the disk.
  ///
  /// - Throws: `OutputFileError`. Bytes that are not in the file stay in memory, and the next call continues
  ///   after the last written byte.
  public func write() throws(OutputFileError) {
    guard !isLost else { throw .lost(path: path) }
    var written = 0
    defer { pending.removeFirst(written) }
    do throws(SystemError) {
      try operations.writeAll(pending, to: descriptor, written: &written)
    } catch { throw .failed(path: path, action: .write, reason: error) }
  }

  /// Writes the collected records to the disk.
  ///
  /// - Throws: `OutputFileError`. After a failed synchronization every later call throws
  ///   `OutputFileError/lost(path:)`.
  public func synchronize() throws(OutputFileError) {
    try write()
    do throws(SystemError) { try operations.synchronize(descriptor) } catch {
      isLost = true
      throw .failed(path: path, action: .synchronize, reason: error)
    }
  }
}
