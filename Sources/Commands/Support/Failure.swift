import Checkpoints
import Datasets
import Downloads
import Export
import Files
import Layers
import Networks
import Tensors
import Terminal
import Training

/// An error that ends a command.
struct Failure: Error {
  let status: ExitStatus
  let message: String
  /// Lines to show before the message.
  var details: [String] = []
  /// True if another process tells the error.
  var isSilent = false

  /// The failure of a process whose partner failed.
  static var ofOther: Failure {
    var failure = Failure(.badData, "another process failed.")
    failure.isSilent = true
    return failure
  }

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The message for the user and the exit status for `error`.
  init(_ error: any Error) {
    self.init(Self.status(of: error), "\(error)")
    if let error = error as? DatasetError { details = error.details }
  }

  private static func status(of error: any Error) -> ExitStatus {
    switch error {
    case let failure as Failure: return failure.status
    case is SettingError, is RecipeError, is NotationError, is ThreadError: return .usage
    case ExportError.notClasses: return .usage
    case is NotFiniteError: return .notFinite
    case is OutputFileError, is OutputError, MetricsLogError.output, CheckpointStoreError.output:
      return .cannotWrite
    case let error as DownloadError:
      switch error {
      case .mirror: return .usage
      case .interrupted: return SignalFlag.wish?.exitStatus ?? .interrupted
      case .output, .lock: return .cannotWrite
      case .noMirror, .archive, .unreadable: return .badData
      }
    case let error as DatasetError:
      switch error {
      case .unknownName, .imagesNowhere: return .usage
      default: return .badData
      }
    case let error as RunDirectoryError:
      switch error {
      case .notEmpty: return .usage
      case .noRun, .notBegun: return .badData
      case .output: return .cannotWrite
      case .lock(.busy): return .busy
      case .lock: return .cannotWrite
      }
    default: return .badData
    }
  }
}

extension Failure: CustomStringConvertible {
  var description: String { message }
}
