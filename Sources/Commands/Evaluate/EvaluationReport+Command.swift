import Checkpoints
import Files
import Layers
import Reports
import Terminal
import Training

extension EvaluationReport {
  /// The report on a network that was evaluated on `data`.
  ///
  /// - Parameter outcome: with logits.
  init(
    _ trained: TrainedModel, on data: EvaluationData, evaluator: Evaluator,
    views: TestTimeAugmentation, _ outcome: Evaluator.Outcome
  ) throws {
    let subject = EvaluationSubject(
      trained, on: data, views: views, checkpointHash: try Self.checkpointHash(of: trained),
      environment: Self.environment(of: trained), history: Self.history(of: trained),
      gradientNorms: Self.gradientNorms(of: trained), filters: Self.filters(of: trained))
    let classNames = trained.model.classNames
    guard let predictions = outcome.predictions, let logits = outcome.logits else {
      let shown = Array(data.indices.prefix(4 * ReconstructionSheet.columns))
      let sheet = ReconstructionSheet(
        originals: data.images.pixels(of: shown),
        reconstructions: evaluator.reconstruct(
          shown, of: data.images, normalization: trained.normalization),
        height: data.images.height, width: data.images.width, channels: data.images.channels)
      self.init(
        subject,
        .reconstruction(
          ReconstructionResult(
            ReconstructionReport(
              labels: outcome.labels, losses: outcome.losses, classNames: classNames),
            sheet: sheet.raster, losses: outcome.losses, indices: data.indices,
            images: data.images, fileNames: data.fileNames,
            reconstruct: {
              evaluator.reconstruct($0, of: data.images, normalization: trained.normalization)
            })))
      return
    }
    let examples = ClassifiedExamples(
      indices: data.indices, labels: outcome.labels, predictions: predictions,
      losses: outcome.losses, logits: logits, classes: classNames.count)
    let single = outcome.withoutViews
    self.init(
      subject,
      .classification(
        ClassificationResult(
          report: ClassificationReport(
            labels: outcome.labels, predictions: predictions, losses: outcome.losses,
            classNames: classNames),
          examples: examples,
          singleView: outcome.singleView == nil
            ? nil
            : ClassificationReport(
              labels: single.labels, predictions: single.predictions ?? [],
              losses: single.losses, classNames: classNames),
          images: data.images, fileNames: data.fileNames)))
  }

  /// The figures as text for the console.
  func consoleText(width: Int) -> String {
    switch result {
    case .reconstruction(let result): result.report.consoleText(lossName: subject.loss.rawValue)
    case .classification(let result):
      result.report.consoleText(width: width)
        + (result.singleView.map { single in
          "\nsingle view: accuracy \(Format.percent(single.accuracy)), "
            + "loss \(Format.fixed(single.loss, decimals: 4)); "
            + "the figures above average the views of --tta \(subject.views.rawValue)\n"
        } ?? "")
    }
  }

  private static func checkpointHash(of trained: TrainedModel) throws -> String {
    do throws(InputFileProblem) {
      return Hash.sha256(of: [try InputFile.read(trained.path, limit: CheckpointFile.limit)])
    } catch {
      throw Failure(.badData, "\(trained.path): \(error). Evaluate it again.")
    }
  }

  private static func bytes(_ name: String, of trained: TrainedModel, limit: Int) -> [UInt8]? {
    trained.runDirectory.flatMap { try? InputFile.read("\($0)/\(name)", limit: limit) }
  }

  private static func history(of trained: TrainedModel) -> [MetricsHistory.Epoch] {
    MetricsHistory.epochs(in: bytes("metrics.jsonl", of: trained, limit: 1 << 28) ?? [])
  }

  private static func gradientNorms(of trained: TrainedModel) -> [Int: Double] {
    let epochs = StatisticsHistory.epochs(
      in: bytes("statistics.jsonl", of: trained, limit: 1 << 32) ?? [])
    return Dictionary(epochs.map { ($0.epoch, $0.gradientNorm) }) { _, last in last }
  }

  /// The program and the machine in the run's `environment.json`.
  private static func environment(of trained: TrainedModel) -> [(name: String, value: String)] {
    guard let bytes = bytes("environment.json", of: trained, limit: 1 << 26),
      let value = try? StrictJSON.parse(bytes[...])
    else { return [] }
    return ["version", "compiler", "processor", "processors", "kernels", "threads"].compactMap {
      switch value[$0] {
      case .string(let text)?: ($0, text)
      case .integer(let number)?: ($0, "\(number)")
      default: nil
      }
    }
  }

  /// The filters of the first convolution, if there is one.
  private static func filters(of trained: TrainedModel) -> EvaluationSubject.FilterImages? {
    guard
      let convolution = trained.network.layers.lazy.compactMap({ $0 as? Convolution2D }).first
    else { return nil }
    let sheet = FilterSheet(
      weights: convolution.weight.storedValues(), shape: convolution.weightShape)
    let start = bytes("filters/epoch-000-\(convolution.name).png", of: trained, limit: 1 << 20)
    let isPNG = start?.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ?? false
    return .init(layer: convolution.name, start: isPNG ? start : nil, end: sheet.raster)
  }
}
