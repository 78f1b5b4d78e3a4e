import Datasets
import Layers
import Tensors

/// What a step's memory and work depend on, besides the network: it changes a few times in a run.
struct TrainingPhase: Equatable {
  /// The height of the images; nil for that of the network's input.
  let side: Int?
  /// The parameters that are not trained any more.
  let frozen: [String]

  /// The phase of the step after `step` steps.
  init(after step: Int, stepsPerEpoch: Int, _ configuration: Configuration) {
    side = configuration.imageSizes?.side(ofEpoch: step / stepsPerEpoch)
    frozen =
      configuration.briefTraining?.frozen(after: step, stepsPerEpoch: stepsPerEpoch) ?? []
  }
}

/// Makes the training step of each phase. All steps share the parameters and the optimizer.
struct StepBuilder {
  let configuration: Configuration
  let network: Sequential
  let data: TrainingData
  let criterion: Criterion
  let optimizer: any Optimizer
  let context: Context
  /// The processes that share each batch; nil for one.
  let processes: ProcessGroup?

  /// - Precondition: the network takes images of the phase's size.
  func step(in phase: TrainingPhase) -> TrainingStep {
    for parameter in network.parameters where phase.frozen.contains(parameter.name) {
      parameter.freeze()
    }
    guard let network = try? network.forImages(ofHeight: phase.side ?? network.inputShape[1])
    else { preconditionFailure("images of \(phase.side ?? 0) pixels do not fit the network") }
    let task = LearningTask(of: network)
    let executor = Executor(
      network,
      capacity: configuration.trainedExamples(
        of: min(configuration.batchSize, data.training.count)),
      training: true, context: context, processes: processes)
    let augmenter = Augmenter(
      configuration.augmentation, of: data.images, partners: data.training,
      seed: configuration.seed, normalization: data.normalization,
      size: (network.inputShape[1], network.inputShape[2]))
    return TrainingStep(
      executor,
      loader: BatchLoader(
        data.images, data.normalization, into: executor, task: task,
        smoothing: configuration.smoothing, augmenter: augmenter),
      task: task, criterion: criterion, reduction: configuration.lossReduction,
      optimizer: optimizer,
      clipping: GradientClipping(
        value: configuration.clippedValue, norm: configuration.clippedNorm),
      seed: configuration.seed)
  }
}
