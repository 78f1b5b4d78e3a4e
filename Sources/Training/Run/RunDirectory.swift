import Checkpoints
import Datasets
import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a run directory cannot be used.
public enum RunDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
  case notEmpty(path: String)
  case noRun(path: String)
  case output(OutputFileError)
  case lock(FolderLockError)

  public var description: String {
    switch self {
    case .notEmpty(let path):
      "\(path): the directory is not empty (expected a new or an empty one). "
        + "Go on with its run by --resume \(path), or choose another --run-dir."
    case .noRun(let path):
      "\(path): no run lives here (expected a directory with checkpoints/). "
        + "Give the directory that train wrote."
    case .output(let error): "\(error)"
    case .lock(let error): "\(error)"
    }
  }
}

/// The directory that a run writes, locked while it does.
public final class RunDirectory {
  public let path: String
  private let lock: FolderLock

  /// Makes a new directory at `path`, or the first free `runs/<name>-<n>`.
  ///
  /// - Throws: ``RunDirectoryError``; a directory with anything in it is left alone.
  public convenience init(
    creating path: String?, name: String
  ) throws(RunDirectoryError) {
    if let path {
      try self.init(making: path)
      return
    }
    var number = 1
    while Self.exists("runs/\(name)-\(number)") { number += 1 }
    try self.init(making: "runs/\(name)-\(number)")
  }

  private init(making path: String) throws(RunDirectoryError) {
    self.path = path
    do throws(OutputFileError) { try OutputFile.createFolder(path) } catch { throw .output(error) }
    // Looked at twice: a directory of the user's is not even locked, and another run may have come
    // in between.
    try Self.checkEmpty(path)
    do throws(FolderLockError) { lock = try FolderLock(directory: path) } catch {
      throw .lock(error)
    }
    try Self.checkEmpty(path)
  }

  private static func checkEmpty(_ path: String) throws(RunDirectoryError) {
    let names: [String]
    do throws(SystemError) { names = try OutputFile.names(in: path) } catch {
      throw .output(.failed(path: path, action: .list, reason: error))
    }
    guard names.allSatisfy({ [".", "..", ".lock"].contains($0) }) else {
      throw .notEmpty(path: path)
    }
  }

  /// Opens the directory of a run that is to go on, and removes the temporary files in it.
  public init(resuming path: String) throws(RunDirectoryError) {
    self.path = path
    guard Self.exists("\(path)/checkpoints") else { throw .noRun(path: path) }
    do throws(FolderLockError) { lock = try FolderLock(directory: path) } catch {
      throw .lock(error)
    }
    // Of a run that was killed while it wrote; what cannot be removed does no harm.
    for folder in [path, "\(path)/filters", "\(path)/plots", "\(path)/reconstructions"] {
      try? OutputFile.removeLeftovers(in: folder)
    }
  }

  /// The checkpoints of the run.
  public var checkpoints: CheckpointStore { CheckpointStore(directory: "\(path)/checkpoints") }

  public var metricsPath: String { "\(path)/metrics.jsonl" }

  /// Writes a file of the run, and the folders it lies in.
  ///
  /// - Parameter name: the path within the directory: `filters/epoch-000-conv1.png`.
  public func write(_ bytes: [UInt8], to name: String) throws(OutputFileError) {
    let target = "\(path)/\(name)"
    if let slash = target.lastIndex(of: "/") {
      try OutputFile.createFolder(String(target[..<slash]))
    }
    try OutputFile.write(bytes, to: target)
  }

  /// The bytes of a file of the run, or nil where there is none that can be read.
  public func read(_ name: String) -> [UInt8]? {
    try? InputFile.read("\(path)/\(name)", limit: 1 << 28)
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
