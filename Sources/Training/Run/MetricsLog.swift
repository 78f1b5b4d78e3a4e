import Files

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

  private let file: AppendedFile
  /// The hash and the number of all bytes, those that are not in the file yet included.
  private var hash: Hash
  private var length: Int

  /// Creates an empty log at `path`, at which nothing may exist.
  public init(
    creating path: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    file = try AppendedFile(creating: path, operations: operations)
    hash = Hash(.sha256)
    length = 0
    try OutputFile.synchronizeFolder(of: path, operations)
  }

  /// Continues an open file that holds `length` bytes with the hash `hash`.
  init(continuing file: AppendedFile, hash: Hash, length: Int) {
    self.file = file
    self.hash = hash
    self.length = length
  }

  /// Adds `value` as a line, in memory.
  public func append(_ value: CanonicalJSON) {
    let line = Array(value.text.utf8) + [UInt8(ascii: "\n")]
    file.append(line)
    hash.append(line[...])
    length += line.count
  }

  /// Writes the collected lines, without waiting for the disk.
  ///
  /// - Throws: `OutputFileError`. Bytes that are not in the file stay in memory, and the next
  ///   call continues after the last written byte.
  public func write() throws(OutputFileError) { try file.write() }

  /// Writes the collected lines to the disk.
  ///
  /// - Returns: the length and hash of the log, for the checkpoint.
  /// - Throws: `OutputFileError`. After a failed synchronization every later call throws
  ///   `OutputFileError/lost(path:)`, because earlier bytes may be missing on the disk.
  @discardableResult
  public func flush() throws(OutputFileError) -> Mark {
    try file.synchronize()
    return Mark(length: length, sha256: hash.hexadecimal)
  }
}
