import Layers
import Networks
import Terminal
import Training

/// What was evaluated: a checkpoint, the examples, and the run behind the checkpoint.
public struct EvaluationSubject: Sendable {
  /// The name of the run's directory, or of the checkpoint's file if it is of no run.
  public let name: String
  /// The name of the checkpoint's file.
  public let checkpoint: String
  /// SHA-256 of the checkpoint's file.
  public let checkpointHash: String
  /// The training step and the whole epochs before it; nil if the checkpoint does not say.
  public let step: Int?
  public let epoch: Int?
  /// The model's name and its layers in the notation.
  public let model: String
  public let notation: String
  public let summary: NetworkSummary
  public let loss: Loss
  public let views: TestTimeAugmentation
  public let dataset: String
  public let datasetTitle: String
  /// True for the sample of a data set.
  public let isSample: Bool
  public let split: EvaluationSplit
  /// SHA-256 of each file of the split.
  public let dataHashes: [String]
  /// The extents of an image.
  public let imageSize: (height: Int, width: Int, channels: Int)
  /// The settings that the training's results depend on.
  public let settings: [(key: String, value: String)]
  /// The environment of the training: names and values; empty if it is not recorded.
  public let environment: [(name: String, value: String)]
  /// The epochs of the training; empty if they are not recorded.
  public let history: [MetricsHistory.Epoch]
  /// The mean of the gradient's norm over the steps of each epoch; empty if it is not recorded.
  public let gradientNorms: [Int: Double]
  public let filters: FilterImages?

  /// The filters of the first convolution.
  public struct FilterImages: Sendable {
    public let layer: String
    /// The PNG file of the initial filters; nil if the run did not draw them.
    public let start: [UInt8]?
    public let end: Raster

    public init(layer: String, start: [UInt8]?, end: Raster) {
      self.layer = layer
      self.start = start
      self.end = end
    }
  }

  /// `MNIST, test split`
  var examplesName: String {
    "\(datasetTitle)\(isSample ? " (sample)" : ""), \(split.rawValue) split"
  }

  /// The checkpoint's place in the training: `after 8 epochs (step 8,800)`; empty if it is not recorded.
  var checkpointAge: String {
    guard let step, let epoch else { return "" }
    return "after \(Format.counted(epoch, "epoch")), step \(Format.count(step))"
  }
}

extension EvaluationSubject {
  /// - Parameters:
  ///   - checkpointHash: SHA-256 of the checkpoint's file.
  ///   - environment: nil if it is not recorded.
  public init(
    _ trained: TrainedModel, on data: EvaluationData, views: TestTimeAugmentation,
    checkpointHash: String, environment: [(name: String, value: String)],
    history: [MetricsHistory.Epoch], gradientNorms: [Int: Double], filters: FilterImages?
  ) {
    func lastPart(_ path: String) -> String {
      path.split(separator: "/").last.map(String.init) ?? path
    }
    let images = data.images
    self.init(
      name: trained.runDirectory.map(lastPart) ?? lastPart(trained.path),
      checkpoint: lastPart(trained.path), checkpointHash: checkpointHash, step: trained.step,
      epoch: trained.epoch, model: trained.model.name,
      notation: trained.model.architecture.canonical, summary: NetworkSummary(trained.network),
      loss: trained.configuration.loss, views: views, dataset: data.identity.name,
      datasetTitle: data.title, isSample: data.isSample, split: data.split,
      dataHashes: data.identity.hashes,
      imageSize: (images.height, images.width, images.channels),
      settings: trained.configuration.resultSettings, environment: environment,
      history: history, gradientNorms: gradientNorms, filters: filters)
  }
}
