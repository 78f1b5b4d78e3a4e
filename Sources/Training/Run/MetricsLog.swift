import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file of JSON lines that grows with a run. A resumed run continues it to the byte.
///
/// Lines are collected in memory. ``flush()`` writes them to the disk and returns the file's length
/// and hash. A checkpoint records this ``Mark``, and a run that resumes from the checkpoint
/// truncates the file to it.
public final class MetricsLog {
  /// A length in bytes, and the SHA-256 of that many bytes in hexadecimal digits.
  public struct Mark: Equatable, Sendable {
    public let length: Int
    public let sha256: String

    public init(length: Int, sha256: String) {
      self.length = length
      self.sha256 = sha256
    }

    /// The mark of an empty log.
    public static let empty = Mark(length: 0, sha256: Hash(.sha256).hexadecimal)
  }

  public let path: String
  private let operations: FileOperations
  private let descriptor: Int32
  private var hash: Hash
  /// The number of bytes in the file; `hash` includes all of them.
  private var length: Int
  /// Lines that are not in the file yet.
  private var pending: [UInt8] = []
  private var isLost = false

  /// Creates an empty log at `path`, at which nothing may exist.
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
    self.hash = Hash(.sha256)
    self.length = 0
    try OutputFile.synchronizeFolder(of: path, operations)
  }

  /// Continues an open file that holds `length` bytes with the hash `hash`.
  init(
    path: String, descriptor: Int32, hash: Hash, length: Int, operations: FileOperations
  ) {
    self.path = path
    self.descriptor = descriptor
    self.hash = hash
    self.length = length
    self.operations = operations
  }

  /// Closes the file; lines that were not written are lost.
  deinit { try? operations.close(descriptor) }

  /// Adds `value` as a line, in memory.
  public func append(_ value: CanonicalJSON) {
    guard !isLost else { return }
    pending += Array(value.text.utf8)
    pending.append(UInt8(ascii: "\n"))
  }

  /// Writes the collected lines, without waiting for the disk.
  ///
  /// - Throws: `OutputFileError`. Bytes that are not in the file stay in memory, and the next
  ///   call continues after the last written byte.
  public func write() throws(OutputFileError) {
    guard !isLost else { throw .lost(path: path) }
    var written = 0
    defer {
      hash.append(pending[..<written])
      length += written
      pending.removeFirst(written)
    }
    do throws(SystemError) {
      try operations.writeAll(pending, to: descriptor, written: &written)
    } catch { throw .failed(path: path, action: .write, reason: error) }
  }

  /// Writes the collected lines to the disk.
  ///
  /// - Returns: the length and hash of the log, for the checkpoint.
  /// - Throws: `OutputFileError`. After a failed synchronization every later call throws
  ///   `OutputFileError/lost(path:)`, because earlier bytes may be missing on the disk.
  @discardableResult
  public func flush() throws(OutputFileError) -> Mark {
    try write()
    do throws(SystemError) { try operations.synchronize(descriptor) } catch {
      isLost = true
      throw .failed(path: path, action: .synchronize, reason: error)
    }
    return Mark(length: length, sha256: hash.hexadecimal)
  }
}
