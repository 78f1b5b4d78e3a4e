#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be written.
public enum OutputFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The operation that failed.
  public enum Action: String, Sendable {
    case create = "creating it"
    case write = "writing"
    case synchronize = "bringing it to the disk"
    case close = "closing it"
    case rename = "giving it its name"
    case truncate = "cutting it back"
    case remove = "removing it"
    case list = "listing it"
  }

  case exists(path: String)
  case failed(path: String, action: Action, reason: SystemError)
  /// An earlier attempt reported a failure, and the content may be damaged.
  case lost(path: String)

  public var description: String {
    switch self {
    case .exists(let path): "\(path): already exists. Choose another name or remove it."
    case .failed(let path, let action, let reason):
      "\(path): cannot be written (\(reason) while \(action.rawValue)). \(reason.advice)"
    case .lost(let path):
      "\(path): cannot be written any more (bringing it to the disk failed before). Check the disk."
    }
  }
}

/// Writes whole files. At every moment, even after a loss of power, a path has either its old
/// content or all of the new content.
///
/// The bytes go to a temporary file in the same folder. When they are on the disk, the file is
/// renamed, and the folder's list of names is synchronized. A failed attempt removes its temporary
/// file. A killed process leaves the file behind for ``removeLeftovers(in:operations:)``.
public enum OutputFile {
  /// The prefix of every temporary file's name.
  package static let temporaryPrefix = ".partial-"

  /// Writes `bytes` to `path` and replaces any file there.
  ///
  /// - Throws: ``OutputFileError``; the old content is still there then, except if only the last
  ///   step failed, synchronizing the folder. Then the new content is there.
  public static func write(
    _ bytes: [UInt8], to path: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    let temporary = try fillTemporary(bytes, for: path, operations)
    do throws(SystemError) { try operations.rename(temporary, path) } catch {
      try? operations.remove(temporary)
      throw .failed(path: path, action: .rename, reason: error)
    }
    try synchronizeFolder(of: path, operations)
  }

  /// Writes `bytes` to `path`, at which nothing may exist.
  ///
  /// - Throws: ``OutputFileError/exists(path:)`` if something exists there, even if it appeared
  ///   during this call; otherwise as ``write(_:to:operations:)``.
  public static func writeNew(
    _ bytes: [UInt8], to path: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    guard !exists(path) else { throw .exists(path: path) }
    let temporary = try fillTemporary(bytes, for: path, operations)
    do throws(SystemError) { try operations.link(temporary, path) } catch {
      try? operations.remove(temporary)
      if error.code == EEXIST { throw .exists(path: path) }
      throw .failed(path: path, action: .rename, reason: error)
    }
    do throws(SystemError) { try operations.remove(temporary) } catch {
      throw .failed(path: temporary, action: .remove, reason: error)
    }
    try synchronizeFolder(of: path, operations)
  }

  /// Writes `bytes` to a temporary file beside `path`, synchronizes and closes the file.
  private static func fillTemporary(
    _ bytes: [UInt8], for path: String, _ operations: FileOperations
  ) throws(OutputFileError) -> String {
    let (temporary, descriptor) = try createTemporary(for: path, operations)
    var action = OutputFileError.Action.write
    do throws(SystemError) {
      do throws(SystemError) {
        var written = 0
        try operations.writeAll(bytes, to: descriptor, written: &written)
        action = .synchronize
        // Never retried: a second call may report success for pages that the first call lost.
        try operations.synchronize(descriptor)
      } catch {
        try? operations.close(descriptor)
        throw error
      }
      action = .close
      try operations.closeOnce(descriptor)
    } catch {
      try? operations.remove(temporary)
      throw .failed(path: path, action: action, reason: error)
    }
    return temporary
  }

  private static func createTemporary(
    for path: String, _ operations: FileOperations
  ) throws(OutputFileError) -> (path: String, descriptor: Int32) {
    let start = folder(of: path) + "/" + temporaryPrefix + String(getpid()) + "-"
    var number = 0
    while true {
      do throws(SystemError) {
        let temporary = start + String(number)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        return (temporary, try operations.openPatiently(temporary, flags, 0o666))
      } catch {
        // The name belongs to another thread, or to an ended process that had this process's
        // number.
        guard error.code == EEXIST, number < 1000 else {
          throw .failed(path: path, action: .create, reason: error)
        }
        number += 1
      }
    }
  }
}
