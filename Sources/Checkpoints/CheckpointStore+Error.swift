import Files

/// Why a folder of checkpoints could not be used.
public enum CheckpointStoreError: Error, Equatable, Sendable, CustomStringConvertible {
  case empty(directory: String)
  /// Every checkpoint is damaged; the newest comes first.
  case noneValid(directory: String, errors: [CheckpointError])
  /// The step already has another checkpoint, which is not damaged.
  case differs(path: String)
  case unlistable(directory: String, reason: SystemError)
  case output(OutputFileError)

  public var description: String {
    switch self {
    case .empty(let directory):
      "\(directory): no checkpoint (found no file step-….safetensors). Check the run directory."
    case .noneValid(let directory, let errors):
      "\(directory): no usable checkpoint (found \(errors.count) damaged, the newest:"
        + " \(errors[0].path): \(errors[0].problem)). Use a copy of one of them."
    case .differs(let path):
      "\(path): another checkpoint of this step is there, which is never changed."
        + " Choose another run directory."
    case .unlistable(let directory, let reason):
      "\(directory): cannot be listed (\(reason)). Check the run directory."
    case .output(let error): error.description
    }
  }
}
