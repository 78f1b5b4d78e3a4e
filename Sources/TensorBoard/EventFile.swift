import Files

/// An event file that grows with a run.
///
/// Records are collected in memory and written as a whole, so a file is cut off within a record only if the
/// process is killed while it writes. A reader then stops before that record.
public final class EventFile {
  private let file: AppendedFile

  /// Creates a file at `path`, at which nothing may exist.
  ///
  /// - Parameter time: in seconds since 1970.
  init(
    creating path: String, at time: Double, operations: FileOperations = .system
  ) throws(OutputFileError) {
    file = try AppendedFile(creating: path, operations: operations)
    file.append(EventRecord.encode(Event.version(wallTime: time)))
  }

  /// Adds an event, in memory.
  public func append(_ event: Event) { file.append(EventRecord.encode(event.bytes)) }

  /// Writes the collected records, without waiting for the disk.
  ///
  /// - Throws: `OutputFileError`. Bytes that are not in the file stay in memory, and the next call continues
  ///   after the last written byte.
  public func write() throws(OutputFileError) { try file.write() }

  /// Writes the collected records to the disk.
  ///
  /// - Throws: `OutputFileError`. After a failed synchronization every later call throws
  ///   `OutputFileError/lost(path:)`.
  public func synchronize() throws(OutputFileError) { try file.synchronize() }
}
