import Datasets
import Files
import Layers
import Reports
import Tensors
import Terminal
import Training
import Visualization

/// One call of `visualize`: the network, its data, and the folder to write.
struct VisualizeSession {
  let options: VisualizeCommand
  let trained: TrainedModel
  let context: Context

  init(_ options: VisualizeCommand, _ trained: TrainedModel, _ context: Context) {
    (self.options, self.trained, self.context) = (options, trained, context)
  }

  var network: Sequential { trained.network }
  var classNames: [String] { trained.model.classNames }

  /// The name of the run or of the file, for headings.
  var name: String {
    (trained.runDirectory ?? trained.path).split(separator: "/").last.map(String.init)
      ?? trained.path
  }

  // MARK: Files

  /// `RUN/visualize-WHAT`, or `FILE-visualize-WHAT` for a checkpoint elsewhere.
  private var folder: String {
    options.output ?? trained.pictureFolder(options.what.rawValue)
  }

  /// Writes a file, and tells its path. A file of other content stays, and the new one gets a number.
  func write(_ bytes: [UInt8], _ name: String, suffix: String) throws {
    try OutputFile.createFolder(folder)
    let path = try FreshFile.write(bytes, "\(folder)/\(name)", suffix: suffix)
    try StandardStream.output.write("\(path.escapedForTerminal)\n")
  }

  func write(_ raster: Raster, _ name: String) throws {
    try write(PNG.encode(raster), name, suffix: "png")
  }

  func write(_ text: String, _ name: String, suffix: String) throws {
    try write(Array(text.utf8), name, suffix: suffix)
  }

  // MARK: Data

  /// The examples of the test split.
  func data() throws -> EvaluationData {
    let data = try EvaluationData.forCommand(
      trained, dataset: options.dataset, dataDir: options.dataDir,
      skipUnreadable: options.skipUnreadable, download: options.download)
    Notice.tellIdleSkipping(options.skipUnreadable, [data])
    return data
  }

  /// The first test images, up to `--limit`.
  func limited(_ data: EvaluationData, to most: Int = 2000) -> [Int] {
    Array(data.indices.prefix(options.limit ?? most))
  }

  /// - Throws: ``Failure`` for a network of another task.
  func checkClassifier() throws {
    guard !network.isAutoencoder else {
      throw Failure(
        .badData,
        "\(trained.path): an autoencoder has no classes (expected a network that gives classes). "
          + "Look at its images with `swift run evaluate`.")
    }
  }

  /// - Throws: ``Failure`` unless images have one or three channels.
  func checkPictures() throws {
    let channels = trained.model.channels
    guard channels == 1 || channels == 3 else {
      throw Failure(
        .badData,
        "\(trained.path): images of the network cannot be shown (found \(channels) channels, "
          + "expected 1 or 3). Take another network.")
    }
  }

  // MARK: Layers

  /// The index of the layer of `--layer` among `layers`, or nil without it.
  func givenLayer(among layers: [Int], _ kind: String) throws -> Int? {
    guard let name = options.layer else { return nil }
    guard let index = layers.first(where: { network.layers[$0].name == name }) else {
      let names = layers.map { network.layers[$0].name }.joined(separator: ", ")
      throw Failure(
        .usage,
        "--layer: no such \(kind) (found “\(name)”, expected \(names.isEmpty ? "none" : names)). "
          + "See `swift run inspect \(options.source.asShellWord)`.")
    }
    return index
  }
}
