import Datasets
import Files

/// Why files could not be downloaded. The `description` is one line: which file, the reason, and
/// what to do.
public enum DownloadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A mirror that did not deliver the file, and the reason.
  public struct Refusal: Equatable, Sendable {
    public let address: String
    public let problem: MirrorProblem

    public init(address: String, problem: MirrorProblem) {
      self.address = address
      self.problem = problem
    }
  }

  /// No mirror delivered the file. The part file holds `kept` bytes.
  case noMirror(file: String, folder: String, [Refusal], kept: Int)
  /// The address given by `--mirror` cannot be a mirror.
  case mirror(String)
  /// The user stopped the download.
  case interrupted(file: String, folder: String, kept: Int, expected: Int?)
  case archive(path: String, TarError)
  case unreadable(path: String, InputFileProblem)
  case output(OutputFileError)
  case lock(FolderLockError)

  public var description: String {
    switch self {
    case .noMirror(let file, let folder, let refusals, let kept):
      "\(file): cannot be downloaded ("
        + refusals.map { "\($0.address): \($0.problem)" }.joined(separator: "; ") + "). "
        + advice(refusals, folder, kept)
    case .mirror(let text):
      "--mirror: not a secure address (found “\(text)”, expected https://… or a server on this "
        + "computer). Give another one."
    case .interrupted(let file, let folder, let kept, let expected):
      kept == 0
        ? "\(file): stopped before anything was downloaded. The same command starts again."
        : "\(file): stopped after \(kept)\(expected.map { " of \($0)" } ?? "") bytes, which "
          + "\(folder) keeps. The same command goes on from there."
    case .archive(let path, let error): "\(path): \(error). Remove it and download it again."
    case .unreadable(let path, let problem):
      "\(path): \(problem). Remove it and download it again."
    case .output(let error): error.description
    case .lock(let error): error.description
    }
  }

  private func advice(_ refusals: [Refusal], _ folder: String, _ kept: Int) -> String {
    let isOffline = refusals.allSatisfy {
      if case .unreachable = $0.problem { true } else { false }
    }
    let question = isOffline ? "Is this computer offline? " : ""
    let resumption =
      kept > 0
      ? "Try again later, which goes on from the \(kept) bytes in"
      : "Try again later, or put the file into"
    return "\(question)\(resumption) \(folder)."
  }
}
