import Datasets
import Files
import Reports
import Tensors
import Training

/// One run of a comparison, tested on the whole test split.
struct ComparedRun {
  let source: String
  let trained: TrainedModel
  let data: EvaluationData
  let outcome: Evaluator.Outcome
  /// The figures, and what was evaluated.
  let result: ComparedResult
  /// The class names that labels and predictions refer to.
  private var classNames: [String] { trained.model.classNames }

  /// - Throws: `Failure` if the two were trained on other data sets.
  static func checkDataset(_ first: TrainedModel, _ second: TrainedModel) throws {
    guard first.model.dataset == second.model.dataset else {
      throw Failure(
        .usage,
        "\(second.path): trained on another data set (found \(second.model.dataset), "
          + "expected \(first.model.dataset) as \(first.path)). Compare runs on one data set.")
    }
  }

  /// Tests the network with the run's own test-time augmentation.
  init(
    _ source: String, _ trained: TrainedModel, dataDirectory: String?, skipUnreadable: Bool,
    download: DownloadOptions, in context: Context
  ) throws {
    guard !trained.network.isAutoencoder else {
      throw Failure(
        .badData,
        "\(trained.path): an autoencoder has no accuracy to compare (expected a network that "
          + "classifies). Compare its losses with evaluate.")
    }
    let data = try EvaluationData.forCommand(
      trained, dataDir: dataDirectory, skipUnreadable: skipUnreadable, download: download)
    try trained.checkEvaluationMemory(in: context)
    let evaluator = Evaluator(
      trained.network, loss: trained.configuration.loss,
      testTimeAugmentation: trained.configuration.testTimeAugmentation, context: context)
    self.source = source
    self.trained = trained
    self.data = data
    outcome = try evaluator.evaluate(
      data.indices, of: data.images, normalization: trained.normalization, keepingLogits: true)
    let evaluation = try EvaluationReport(
      trained, on: data, evaluator: evaluator,
      views: trained.configuration.testTimeAugmentation, outcome)
    guard case .classification(let result) = evaluation.result else {
      preconditionFailure("a classifier has classes")
    }
    self.result = ComparedResult(name: source, subject: evaluation.subject, result: result)
  }

  /// Whether each test example is classified correctly.
  var hits: [Bool] { zip(outcome.labels, outcome.predictions ?? []).map { $0 == $1 } }

  /// The accuracy with its interval.
  var report: ClassificationReport { result.result.report }

  /// The epochs of the run's metrics; empty for a checkpoint without its run.
  var curve: ComparisonPlot.Curve { result.subject.history.map(TrainingPlot.Point.init) }

  /// How the test examples differ from those of `other`; nil if they are the same.
  func difference(from other: ComparedRun) -> String? {
    if let difference = data.identity.difference(from: other.data.identity) {
      return difference.replacing("training", with: "test")
    }
    let counts = (outcome.labels.count, other.outcome.labels.count)
    if counts.0 != counts.1 { return "found \(counts.0) examples, expected \(counts.1)" }
    // Folders are split by the seed, which may give as many other images.
    let names = outcome.labels.map { classNames[$0] }
    let areSameSize =
      data.images.height == other.data.images.height
      && data.images.channels == other.data.images.channels
    guard names == other.outcome.labels.map({ other.classNames[$0] }),
      !areSameSize || data.images.pixels == other.data.images.pixels
    else { return "found other images, expected the same" }
    return nil
  }
}
