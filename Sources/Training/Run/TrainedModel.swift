import Checkpoints
import Datasets
import Layers

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A network that a run left behind, ready to be used.
public struct TrainedModel {
  /// The checkpoint's file.
  public let path: String
  public let model: ModelDescription
  public let configuration: Configuration
  /// Its convolutions go by the algorithms that it was trained with.
  public let network: Sequential
  public let normalization: Normalization
  /// What it was trained on; nil where the checkpoint does not say.
  public let trainedOn: DataIdentity?
  /// Whether it learned from the sample of its data set.
  public let isOfSample: Bool
  /// Sentences about newer checkpoints that could not be read.
  public let warnings: [String]
  private let runDirectory: String?

  /// Reads the newest checkpoint of the run at `path`, or its best one, or the file at `path`.
  public init(_ path: String, best: Bool) throws {
    let contents: Checkpoint
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      let store = CheckpointStore(directory: "\(path)/checkpoints")
      guard access(store.directory, F_OK) == 0 else { throw RunDirectoryError.noRun(path: path) }
      runDirectory = path
      if best {
        self.path = store.bestPath
        warnings = []
        contents = try CheckpointFile.read(store.bestPath)
      } else {
        let newest = try store.newest()
        self.path = newest.path
        warnings = newest.warnings
        contents = newest.contents
      }
    } else {
      self.path = path
      warnings = []
      contents = try CheckpointFile.read(path)
      runDirectory = Self.runDirectory(ofCheckpoint: path)
    }
    isOfSample = contents.isOfSample
    trainedOn = contents.metadata["data"].flatMap(DataIdentity.init)
    do throws(CheckpointProblem) {
      model = try ModelDescription(contents)
      configuration = try contents.configuration()
      network = try model.network(contents)
      do throws(SettingError) {
        try configuration.chooseConvolutionAlgorithms(of: network)
      } catch {
        throw .badMetadata(key: "configuration", found: error.key)
      }
      normalization = try model.normalization()
    } catch { throw CheckpointError(path: self.path, problem: error) }
  }

  /// The folder that the run read its data from, if it was told one.
  public var dataDirectory: String? {
    guard let runDirectory, let settings = try? Recipe.read("\(runDirectory)/config.yaml") else {
      return nil
    }
    return settings.first { $0.key == "data-dir" }?.value
  }

  /// Whether `folder` is the one that the run read its data from, by whatever path.
  func readDataFrom(_ folder: String?) -> Bool {
    guard let folder, let own = dataDirectory else { return folder == nil && dataDirectory == nil }
    return folder == own || (Self.resolved(folder).map { $0 == Self.resolved(own) } ?? false)
  }

  /// The absolute path of `path`, without links.
  private static func resolved(_ path: String) -> String? {
    guard let absolute = realpath(path, nil) else { return nil }
    defer { free(absolute) }
    return String(cString: absolute)
  }

  /// Where a report about this network belongs.
  public var reportFolder: String {
    if let runDirectory { return "\(runDirectory)/report" }
    let suffix = ".safetensors"
    return (path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : path) + "-report"
  }

  /// `RUN` of `RUN/checkpoints/FILE`.
  private static func runDirectory(ofCheckpoint path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[parts.count - 2] == "checkpoints" else { return nil }
    return parts.dropLast(2).joined(separator: "/")
  }
}
