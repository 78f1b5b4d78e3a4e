import Files

/// Why a checkpoint could not be used, with its path.
public struct CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: CheckpointProblem

  public init(path: String, problem: CheckpointProblem) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem). \(problem.advice)" }
}

/// An error in a checkpoint.
public enum CheckpointProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case file(InputFileProblem)
  case safetensors(SafetensorsError)
  /// An error in a file that another program may have written.
  case foreign(SafetensorsError)
  case noFormat
  case unknownFormat(found: String)
  case newerFormat(found: Int)
  case noChecksum
  case checksum(found: String, expected: String)
  case notFinite(tensor: String, index: Int, value: Float)
  case otherStep(found: String, expected: Int)
  case missingMetadata(key: String)
  case badMetadata(key: String, found: String)
  case otherData(found: String, expected: String)
  case otherModel(found: String, expected: String)
  case missing(tensor: String, shape: [Int])
  case unexpected(tensor: String, shape: [Int])
  case misshapen(tensor: String, found: [Int], expected: [Int])

  public var description: String {
    switch self {
    case .file(let problem): problem.description
    case .safetensors(let error), .foreign(let error): error.description
    case .noFormat:
      "not a checkpoint of this program"
        + " (found no format in its metadata, expected \"\(CheckpointFile.format)\")"
    case .unknownFormat(let found):
      "unknown checkpoint format (found \(quoted(found)), expected \"\(CheckpointFile.format)\")"
    case .newerFormat(let found):
      "newer checkpoint format (found \(found), expected at most \(CheckpointFile.format))"
    case .noChecksum: "no checksum (expected 64 hexadecimal digits as sha256 in its metadata)"
    case .checksum(let found, let expected):
      "damaged (found SHA-256 \(found), expected \(expected))"
    case .notFinite(let tensor, let index, let value):
      "tensor \(quoted(tensor)): element \(index) is no finite number (found \(value))"
    case .otherStep(let found, let expected):
      "holds another step than its name says (found \(quoted(found)), expected \(expected))"
    case .missingMetadata(let key): "no \(quoted(key)) in its metadata"
    case .badMetadata(let key, let found):
      "\(quoted(key)) in its metadata cannot be read (found \(quoted(found)))"
    case .otherData(let found, let expected):
      "was trained on other data (found \(quoted(found)), expected \(quoted(expected)))"
    case .otherModel(let found, let expected):
      "holds another model (found \(quoted(found)), expected \(quoted(expected)))"
    case .missing(let tensor, let shape):
      "tensor \(quoted(tensor)) is missing (expected shape \(shape))"
    case .unexpected(let tensor, let shape):
      "tensor \(quoted(tensor)) has no place in the model (found shape \(shape))"
    case .misshapen(let tensor, let found, let expected):
      "tensor \(quoted(tensor)) has another shape (found \(found), expected \(expected))"
    }
  }

  /// The advice for the user.
  public var advice: String {
    switch self {
    case .file(.missing), .file(.danglingLink): "Check the path."
    case .file(.unreadable): "Check the file's permissions."
    case .file(.directory), .file(.notRegular), .file(.tooLarge):
      "Give the path of a checkpoint file."
    case .newerFormat: "Use the version of this program that wrote it."
    case .noFormat, .unknownFormat, .safetensors(.headerTooLong), .safetensors(.headerStart),
      .safetensors(.unsupportedDtype):
      "Give a checkpoint that this program wrote."
    case .foreign(.unsupportedValues), .foreign(.inexactNumber): "Save the tensor as F32."
    case .foreign: "Give another safetensors file, or a copy of this one."
    case .otherModel, .missing, .unexpected, .misshapen:
      "Give the model that the checkpoint was trained with, or another checkpoint."
    case .otherData: "Give the data that the run was started with, by --data-dir."
    case .otherStep: "Give the file its own name back, or use another checkpoint."
    case .file, .safetensors, .noChecksum, .checksum, .notFinite, .missingMetadata,
      .badMetadata:
      "Use another checkpoint or a copy of this one."
    }
  }
}
