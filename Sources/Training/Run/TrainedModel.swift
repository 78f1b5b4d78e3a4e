import Checkpoints
import Datasets
import Layers

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The network of a run, ready for use.
public struct TrainedModel {
  /// The path of the checkpoint.
  public let path: String
  public let model: ModelDescription
  public let configuration: Configuration
  /// The network; its convolutions use the algorithms of the training.
  public let network: Sequential
  public let normalization: Normalization
  /// The training data; nil if the checkpoint does not record it.
  public let trainedOn: DataIdentity?
  /// The entries of the checkpoint's metadata that tell how the network was trained: `data`, `seed`,
  /// `step` and `epoch`, those that it has.
  public let origin: [String: String]
  /// True if the network was trained on the sample of its data set.
  public let isOfSample: Bool
  /// Warnings about newer checkpoints and settings of the run that could not be read.
  public let warnings: [String]
  /// The directory of the run that the checkpoint is of; nil for a checkpoint elsewhere.
  public let runDirectory: String?
  /// The settings in the run's `config.yaml`; none if they cannot be read.
  private let runSettings: [(key: String, value: String)]

  /// Reads the newest or the best checkpoint of the run at `path`, or the file at `path`.
  ///
  /// A run with `--keep best` gives its best checkpoint in any case, if it has one.
  public init(_ path: String, best: Bool) throws {
    let contents: Checkpoint
    var warnings: [String] = []
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      let store = CheckpointStore(directory: "\(path)/checkpoints")
      guard access(store.directory, F_OK) == 0 else { throw RunDirectoryError.noRun(path: path) }
      runDirectory = path
      if best {
        self.path = store.bestPath
        contents = try CheckpointFile.read(store.bestPath)
      } else {
        let newest = try store.newest()
        let keepsBest = (try? newest.contents.configuration())?.kept == .best
        if keepsBest, access(store.bestPath, F_OK) == 0 {
          self.path = store.bestPath
          contents = try CheckpointFile.read(store.bestPath)
        } else {
          self.path = newest.path
          contents = newest.contents
        }
        warnings = newest.warnings
      }
    } else {
      self.path = path
      contents = try CheckpointFile.read(path)
      runDirectory = Self.runDirectory(ofCheckpoint: path)
    }
    do {
      runSettings = try runDirectory.map(RunDirectory.settings(in:)) ?? []
    } catch {
      runSettings = []
      warnings.append(RunDirectory.unreadSettings(error))
    }
    self.warnings = warnings
    isOfSample = contents.isOfSample
    origin = contents.metadata.filter { ["data", "seed", "step", "epoch"].contains($0.key) }
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

  /// The folder from which the run read its data, if `--data-dir` was given.
  public var dataDirectory: String? { setting("data-dir") }

  /// True if the run left out the files of its folder that cannot be read.
  var skipsUnreadable: Bool { setting("skip-unreadable") == "true" }

  /// A setting of the run; nil if it has its default, or there is no run directory.
  private func setting(_ key: String) -> String? {
    runSettings.first { $0.key == key }?.value
  }

  /// True if `folder` is the folder from which the run read its data, even by another path.
  func readDataFrom(_ folder: String?) -> Bool {
    guard let folder, let own = dataDirectory else { return folder == nil && dataDirectory == nil }
    return folder == own || (Self.resolved(folder).map { $0 == Self.resolved(own) } ?? false)
  }

  /// The absolute path of `path`, with links resolved.
  private static func resolved(_ path: String) -> String? {
    guard let absolute = realpath(path, nil) else { return nil }
    defer { free(absolute) }
    return String(cString: absolute)
  }

  /// The training step and the whole epochs before it; nil if the checkpoint does not record them.
  public var step: Int? { origin["step"].flatMap { Int($0) } }
  public var epoch: Int? { origin["epoch"].flatMap { Int($0) } }

  /// The folder for a report about this network on `split`: `RUN/report` for the test split, and
  /// for another one `RUN/report-validation`.
  public func reportFolder(_ split: EvaluationSplit) -> String {
    folder(split == .test ? "report" : "report-\(split.rawValue)")
  }

  /// The folder for files that other programs read.
  public var exportFolder: String { folder("export") }

  /// The folder for pictures of one kind.
  public func pictureFolder(_ name: String) -> String { folder("visualize-\(name)") }

  /// `RUN/NAME`, or for a checkpoint elsewhere `CHECKPOINT-NAME`.
  private func folder(_ name: String) -> String {
    if let runDirectory { return "\(runDirectory)/\(name)" }
    let suffix = ".safetensors"
    return (path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : path) + "-\(name)"
  }

  /// `RUN` of `RUN/checkpoints/FILE`, or `.` of `checkpoints/FILE`.
  private static func runDirectory(ofCheckpoint path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[parts.count - 2] == "checkpoints" else { return nil }
    return parts.count == 2 ? "." : parts.dropLast(2).joined(separator: "/")
  }
}
