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
  /// The run ended before its first checkpoint.
  case notBegun(path: String)
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
    case .notBegun(let path):
      "\(path): the run ended before its first checkpoint (found none in checkpoints/). "
        + "Start it again by `swift run train --recipe "
        + "\("\(path)/config.yaml".asShellWord) --run-dir \(path.asShellWord)`."
    case .output(let error): "\(error)"
    case .lock(let error): "\(error)"
    }
  }
}

/// The directory of a run, locked while the run writes.
public final class RunDirectory {
  public let path: String
  private let lock: FolderLock

  /// Creates a directory at `path`, or the first free `runs/<name>-<n>`.
  ///
  /// - Throws: ``RunDirectoryError``; a directory that is not empty is not changed.
  public convenience init(
    creating path: String?, name: String
  ) throws(RunDirectoryError) {
    if let path {
      try self.init(making: path)
      return
    }
    try self.init(making: Self.makeNumbered(name))
  }

  /// Creates the first `runs/<name>-<n>` that does not exist.
  ///
  /// The system lets only one process create a folder, so runs that start together get different
  /// ones.
  public static func makeNumbered(_ name: String) throws(RunDirectoryError) -> String {
    do throws(OutputFileError) { try OutputFile.createFolder("runs") } catch {
      throw .output(error)
    }
    var number = 1
    while true {
      let path = "runs/\(name)-\(number)"
      if mkdir(path, 0o777) == 0 { return path }
      let code = errno
      guard code == EEXIST else {
        throw .output(.failed(path: path, action: .create, reason: SystemError(code)))
      }
      number += 1
    }
  }

  private init(making path: String) throws(RunDirectoryError) {
    self.path = path
    do throws(OutputFileError) { try OutputFile.createFolder(path) } catch { throw .output(error) }
    // Checked twice: before locking, so that the user's own directory does not get a lock file, and
    // after locking, because another run may have started in between.
    try Self.checkEmpty(path)
    do throws(FolderLockError) { lock = try FolderLock(directory: path) } catch {
      throw .lock(error)
    }
    try Self.checkEmpty(path)
    // These files are from a run that was killed before its first checkpoint.
    do throws(OutputFileError) {
      try OutputFile.removeLeftovers(in: path)
      for name in Self.early { try OutputFile.remove("\(path)/\(name)", .system) }
    } catch { throw .output(error) }
  }

  /// The files that a run writes before its first checkpoint.
  private static let early = [
    "config.yaml", "environment.json", "metrics.jsonl", "statistics.jsonl", recipeName,
  ]

  /// The copy of the recipe that the run was started from, if the recipe promises a result.
  public static let recipeName = "recipe.yaml"

  /// The settings in the `config.yaml` of the run in `path`; none if there is no such file.
  public static func settings(in path: String) throws(RecipeError) -> [(key: String, value: String)]
  {
    let file = "\(path)/config.yaml"
    return OutputFile.exists(file) ? try Recipe(contentsOf: file).settings : []
  }

  /// The warning about settings that ``settings(in:)`` could not read.
  public static func unreadSettings(_ error: any Error) -> String {
    "\(error) Its settings are ignored."
  }

  private static func checkEmpty(_ path: String) throws(RunDirectoryError) {
    let names: [String]
    do throws(SystemError) { names = try OutputFile.names(in: path) } catch {
      throw .output(.failed(path: path, action: .list, reason: error))
    }
    guard names.allSatisfy({ [".", "..", ".lock"].contains($0) }) || isNotBegun(path) else {
      throw .notEmpty(path: path)
    }
  }

  /// True if the directory holds only what a run leaves that was killed before its first
  /// checkpoint.
  private static func isNotBegun(_ path: String) -> Bool {
    let early = [".", "..", ".lock", "checkpoints"] + Self.early
    guard let names = try? OutputFile.names(in: path), names.contains("config.yaml"),
      names.contains(".lock"),
      names.allSatisfy({ early.contains($0) || $0.hasPrefix(OutputFile.temporaryPrefix) })
    else { return false }
    guard names.contains("checkpoints") else { return true }
    let inside = try? OutputFile.names(in: "\(path)/checkpoints")
    return inside?.allSatisfy {
      [".", ".."].contains($0) || $0.hasPrefix(OutputFile.temporaryPrefix)
    } ?? false
  }

  /// Opens the directory of a run to resume, and removes its temporary files.
  public init(resuming path: String) throws(RunDirectoryError) {
    self.path = path
    let hasBegun = !Self.isNotBegun(path)
    guard !hasBegun || Self.exists("\(path)/checkpoints") else { throw .noRun(path: path) }
    do throws(FolderLockError) { lock = try FolderLock(directory: path) } catch {
      throw .lock(error)
    }
    guard hasBegun else { throw .notBegun(path: path) }
    // These files are from a killed run. If one cannot be removed, it does no harm.
    for folder in ["", "/filters", "/plots", "/reconstructions", "/tensorboard"] {
      try? OutputFile.removeLeftovers(in: path + folder)
    }
  }

  /// The checkpoints of the run.
  public var checkpoints: CheckpointStore { CheckpointStore(directory: "\(path)/checkpoints") }

  public var metricsPath: String { "\(path)/metrics.jsonl" }
  var statisticsPath: String { "\(path)/statistics.jsonl" }

  /// Writes a file of the run, and creates the folders that it lies in.
  ///
  /// - `name`: the path within the directory: `filters/epoch-000-conv1.png`.
  public func write(_ bytes: [UInt8], to name: String) throws(OutputFileError) {
    let target = "\(path)/\(name)"
    if let slash = target.lastIndex(of: "/") {
      try OutputFile.createFolder(String(target[..<slash]))
    }
    try OutputFile.write(bytes, to: target)
  }

  /// The bytes of a file of the run; nil if it cannot be read.
  public func read(_ name: String) -> [UInt8]? {
    try? InputFile.read("\(path)/\(name)", limit: 1 << 28)
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
