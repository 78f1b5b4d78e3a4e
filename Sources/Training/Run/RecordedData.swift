import Datasets
import Files

/// The files that a run was trained and tested on, as its `environment.json` records them.
public struct RecordedData: Sendable {
  /// The SHA-256 of each file of training examples.
  public let training: [String]
  /// The SHA-256 of each file of test examples.
  public let test: [String]
  /// The folder of the files.
  public let directory: String

  /// Reads the record of the run in `path`; nil if there is none.
  public init?(ofRun path: String) {
    guard let bytes = try? InputFile.read("\(path)/environment.json", limit: 1 << 26),
      let data = (try? StrictJSON.parse(bytes[...]))?["data"],
      let training = Self.hashes(data["files"]), let test = Self.hashes(data["test_files"])
    else { return nil }
    (self.training, self.test) = (training, test)
    if case .string(let directory)? = data["directory"] {
      self.directory = directory
    } else {
      directory = ""
    }
  }

  private static func hashes(_ files: CanonicalJSON?) -> [String]? {
    guard case .array(let files)? = files else { return nil }
    return files.compactMap { file in
      if case .string(let hash)? = file["sha256"] { hash } else { nil }
    }
  }

  /// True if these are the files of the two splits.
  public func isOf(train: LoadedSplit, test: LoadedSplit) -> Bool {
    training == train.files.map(\.sha256) && self.test == test.files.map(\.sha256)
  }
}
