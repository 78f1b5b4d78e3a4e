import Datasets
import Layers
import Tensors

/// Trains a network by stochastic gradient descent, the lecture's `dθ = (1/N)·G·P` (row L4), from
/// any step on.
///
/// The trainer knows nothing of files: it reports each step and each epoch, and its state can be
/// read and set between steps.
public final class Trainer {
  public let configuration: Configuration
  public let network: Sequential
  public let data: TrainingData
  public let context: Context
  public internal(set) var progress = TrainingProgress()

  let step: TrainingStep
  private let evaluator: Evaluator
  private let order: EpochOrder
  private var epochIndices: (epoch: Int, indices: [Int])?

  /// - Throws: ``SettingError`` if the loss, the decay or the choice of algorithms does not fit the
  ///   network.
  public init(
    _ configuration: Configuration, network: Sequential, data: TrainingData, context: Context
  ) throws(SettingError) {
    self.configuration = configuration
    self.network = network
    self.data = data
    self.context = context
    try configuration.checkLoss(of: network, normalization: data.normalization)
    try configuration.checkClassWeights(of: network, classes: data.images.classes)
    try configuration.checkAugmentation(of: data.images)
    try configuration.selectDecay(of: network)
    try configuration.chooseConvolutionAlgorithms(of: network)
    step = TrainingStep(
      network, capacity: min(configuration.batchSize, data.training.count),
      optimizer: SGD.Settings(
        momentum: Float(configuration.momentum), nesterov: configuration.nesterov,
        weightDecay: Float(configuration.weightDecay)),
      loss: configuration.loss, smoothing: configuration.smoothing,
      classWeights: configuration.classWeights?.values(counts: data.trainingCounts),
      augmenter: Augmenter(
        configuration.augmentation, of: data.images, partners: data.training,
        seed: configuration.seed, normalization: data.normalization),
      seed: configuration.seed, context: context)
    evaluator = Evaluator(network, loss: configuration.loss, context: context)
    order =
      switch configuration.sampler {
      case .uniform:
        EpochOrder(
          examples: data.training, seed: configuration.seed, shuffles: configuration.shuffles)
      case .weighted:
        EpochOrder(
          examples: data.training, drawingByClass: data.images.labels, seed: configuration.seed)
      }
  }

  /// The examples of one step: `--batch-size` times `--accumulate`.
  public var stepSize: Int { configuration.batchSize * configuration.accumulate }

  /// Steps of one epoch; the last may have fewer examples.
  public var stepsPerEpoch: Int { (data.training.count + stepSize - 1) / stepSize }

  /// Steps of all epochs, which the schedule is made for.
  public var plannedSteps: Int {
    max(1, Int((configuration.epochs * Double(stepsPerEpoch)).rounded()))
  }

  /// Steps that will be taken: `--max-steps` ends a run early and changes nothing before.
  public var totalSteps: Int { min(plannedSteps, configuration.maxSteps ?? plannedSteps) }

  /// How long the steps so far waited for their examples.
  public var loadingSeconds: Double { step.loadingSeconds }

  public var isFinished: Bool { progress.step >= totalSteps }

  /// The rate of the next step.
  public var rate: Double {
    configuration.schedule.rate(
      base: configuration.rate, step: progress.step, stepsPerEpoch: stepsPerEpoch,
      totalSteps: plannedSteps)
  }

  /// Takes the next step, and validates if it ends an epoch.
  ///
  /// - Returns: the step's report, and the epoch's if one ended.
  /// - Throws: ``NotFiniteError``; parameters and progress are then as before.
  public func takeStep() throws(NotFiniteError) -> (step: StepReport, epoch: EpochReport?) {
    precondition(!isFinished, "the run has ended")
    let epoch = progress.step / stepsPerEpoch
    let indices = indices(ofEpoch: epoch)
    let first = progress.step % stepsPerEpoch * stepSize
    let rate = rate
    let end = min(first + stepSize, indices.count)
    let result = try step.take(
      indices[first..<end], of: data.images, normalization: data.normalization, rate: rate,
      step: progress.step + 1, epoch: epoch, next: indices[end..<min(end + stepSize, indices.count)]
    )

    progress.step += 1
    progress.lossSum += result.loss * Double(result.examples)
    progress.correct += result.correct ?? 0
    progress.examples += result.examples
    let report = StepReport(
      step: progress.step, epoch: epoch, loss: result.loss,
      accuracy: result.correct.map { Double($0) / Double(result.examples) }, rate: rate,
      examples: result.examples)
    return (report, progress.step % stepsPerEpoch == 0 ? endEpoch(epoch + 1, rate) : nil)
  }

  private func endEpoch(_ epoch: Int, _ rate: Double) -> EpochReport {
    let outcome =
      data.validation.isEmpty
      ? nil
      : evaluator.evaluate(
        data.validation, of: data.images, normalization: data.normalization)
    var isBest = false
    if let outcome {
      let candidate = TrainingProgress.Best(
        step: progress.step, accuracy: outcome.accuracy, loss: outcome.meanLoss)
      isBest = candidate.beats(progress.best)
      if isBest { progress.best = candidate }
    }
    let report = EpochReport(
      epoch: epoch, step: progress.step,
      trainLoss: progress.lossSum / Double(progress.examples),
      trainAccuracy: network.isAutoencoder
        ? nil : Double(progress.correct) / Double(progress.examples),
      validationLoss: outcome?.meanLoss, validationAccuracy: outcome?.accuracy, rate: rate,
      isBest: isBest)
    progress.lossSum = 0
    progress.correct = 0
    progress.examples = 0
    return report
  }

  /// What the network makes of the images at `indices` now, as ``Evaluator`` has it.
  public func reconstruct(_ indices: [Int]) -> [UInt8] {
    evaluator.reconstruct(indices, of: data.images, normalization: data.normalization)
  }

  private func indices(ofEpoch epoch: Int) -> [Int] {
    if let known = epochIndices, known.epoch == epoch { return known.indices }
    let indices = order.indices(epoch: epoch)
    epochIndices = (epoch, indices)
    return indices
  }
}
