import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file of JSON lines that grows with a run, and that a resumed run goes on with to the byte.
///
/// Lines are collected in memory until ``flush()`` brings them to the disk and says how long the
/// file is and what it hashes to. A checkpoint records that ``Mark``; a run that goes on from the
/// checkpoint cuts the file back to it.
public final class MetricsLog {
  /// A length in bytes and the SHA-256 of that many, in hexadecimal digits.
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
  /// The bytes in the file, all of which are in `hash`.
  private var length: Int
  /// Lines that are not in the file yet.
  private var pending: [UInt8] = []
  private var isLost = false

  /// Starts an empty log at `path`, where nothing may be yet.
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

  /// Goes on with an open file that holds `length` bytes, those of `hash`.
  init(
    path: String, descriptor: Int32, hash: Hash, length: Int, operations: FileOperations
  ) {
    self.path = path
    self.descriptor = descriptor
    self.hash = hash
    self.length = length
    self.operations = operations
  }

  /// Closes the file; lines that were not flushed are dropped.
  deinit { try? operations.close(descriptor) }

  /// Adds `value` as a line, in memory.
  public func append(_ value: CanonicalJSON) {
    pending += Array(value.text.utf8)
    pending.append(UInt8(ascii: "\n"))
  }

  /// Writes the lines collected so far, without waiting for the disk.
  ///
  /// - Throws: ``OutputFileError``; what is not in the file then stays in memory, and the next call
  ///   goes on behind what is.
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

  /// Writes the lines collected so far and brings them to the disk.
  ///
  /// - Returns: where the log stands, for the checkpoint.
  /// - Throws: ``OutputFileError``. After a failure of the disk every later call throws
  ///   ``OutputFileError/lost(path:)``: whether earlier bytes arrived can no longer be known.
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
