import Datasets
import Layers
import Tensors

/// Trains a network by stochastic gradient descent, the lecture's `dθ = (1/N)·G·P` (row L4), from
/// any step.
///
/// The trainer does not use files: it reports each step and each epoch, and its state can be read
/// and restored between steps.
public final class Trainer {
  public let configuration: Configuration
  public let network: Sequential
  public let data: TrainingData
  public let context: Context
  /// The processes that train this network together; nil for one.
  public let processes: ProcessGroup?
  public internal(set) var progress = TrainingProgress()

  let task: LearningTask
  private let builder: StepBuilder
  /// Nil if each step trains on its whole batch.
  let selection: ProxySelection?
  private var phase: TrainingPhase
  /// Nil only while the step of another phase is made, so that never two have memory.
  private var currentStep: TrainingStep?
  /// The time that the steps of earlier phases have waited for their examples.
  private var earlierLoadingSeconds = 0.0
  let averages: WeightAverages
  private let evaluator: Evaluator
  private let updateMeter: UpdateMeter
  private let order: EpochOrder
  private var epochIndices: (epoch: Int, indices: [Int])?
  /// True if the parameters lie in the memory that the processes share.
  private var hasJoined = false

  /// - `optimizer`: if nil, the optimizer that the configuration names.
  /// - `processes`: the processes that train this network together. All make the same trainer and the same
  ///   calls, and all have the whole network and the whole optimizer.
  /// - Throws: ``SettingError`` if a setting does not fit the network or the data.
  public init(
    _ configuration: Configuration, network: Sequential, data: TrainingData, context: Context,
    optimizer: (any Optimizer.Type)? = nil, processes: ProcessGroup? = nil
  ) throws(SettingError) {
    self.configuration = configuration
    self.network = network
    self.data = data
    self.context = context
    let processes = processes.flatMap { $0.count > 1 ? $0 : nil }
    self.processes = processes
    let share = processes?.share ?? .whole
    task = LearningTask(of: network)
    try configuration.checkViews(
      of: network, height: data.images.height, width: data.images.width)
    try configuration.checkLoss(of: network, normalization: data.normalization)
    try configuration.checkClassWeights(of: network, classes: data.images.classes)
    try configuration.checkAugmentation(of: data.images)
    try configuration.frozenLayers?.freeze(in: network)
    try configuration.checkBatches(of: network, examples: data.training.count)
    try configuration.briefTraining?.check(network)
    try configuration.checkImageSizes(of: network)
    try configuration.checkSteps(examples: data.training.count)
    // The memory depends on the algorithms.
    try configuration.chooseConvolutionAlgorithms(of: network)
    processes?.requireSharedMemory(
      configuration.sharedBytes(of: network, processes: share.processes))
    let shared = processes?.shared
    let parameters = OptimizedParameters(
      network, groups: try configuration.parameterGroups(of: network), in: shared)
    try configuration.checkMuon(parameters)
    let proxy = try configuration.proxyNetwork(for: network, data)
    let batch = min(configuration.batchSize, data.training.count)
    try configuration.checkMemory(
      of: network, capacity: share.capacity(among: configuration.trainedExamples(of: batch)),
      imageCount: data.images.imageCount,
      besides: configuration.proxyBytes(
        of: proxy, capacity: share.capacity(among: batch), in: context), in: context)
    let optimizer = (optimizer ?? configuration.optimizer.type).init(
      parameters, configuration: configuration)
    let length = RunLength(configuration, examples: data.training.count)
    try configuration.checkSchedule(length, task: task, hasValidation: !data.validation.isEmpty)
    averages = WeightAverages(
      of: network, configuration, stepsPerEpoch: length.stepsPerEpoch,
      totalSteps: length.plannedSteps, context: context, in: shared)
    let criterion = Criterion(
      configuration.loss,
      classWeights: configuration.classWeights?.values(counts: data.trainingCounts))
    builder = StepBuilder(
      configuration: configuration, network: network, data: data, criterion: criterion,
      optimizer: optimizer, context: context, processes: processes)
    selection = try ProxySelection(
      proxy, configuration, data: data, criterion: criterion, context: context,
      processes: processes)
    phase = TrainingPhase(after: 0, stepsPerEpoch: length.stepsPerEpoch, configuration)
    currentStep = builder.step(in: phase)
    evaluator = Evaluator(
      network, loss: configuration.loss, context: context, processes: processes)
    updateMeter = UpdateMeter(network.trainedParameters)
    order = data.order(configuration)
  }

  var step: TrainingStep {
    guard let currentStep else { preconditionFailure("no step between two phases") }
    return currentStep
  }

  private var length: RunLength { RunLength(configuration, examples: data.training.count) }

  /// The number of examples of one step: `--batch-size` times `--accumulate`.
  public var stepSize: Int { length.stepSize }

  /// The number of examples of a full step that it trains on.
  public var trainedPerStep: Int { configuration.trainedExamples(of: stepSize) }

  /// The rule by which parameters are updated, with its state.
  var optimizer: any Optimizer { builder.optimizer }

  /// The number of steps of one epoch; the last step may have fewer examples, unless such a step is
  /// left out.
  public var stepsPerEpoch: Int { length.stepsPerEpoch }

  /// The number of steps of all epochs, on which the schedule is based.
  public var plannedSteps: Int { length.plannedSteps }

  /// The number of steps to take: `--max-steps` ends a run early and changes nothing before its
  /// end.
  public var totalSteps: Int { min(plannedSteps, configuration.maxSteps ?? plannedSteps) }

  /// The total time that steps have waited for their examples.
  public var loadingSeconds: Double { earlierLoadingSeconds + step.loader.seconds }

  /// What this process has sent to others in its steps, validations excepted.
  public private(set) var stepTraffic = ProcessGroup.Traffic()

  public var isFinished: Bool { progress.step >= totalSteps || stopsEarly }

  /// True if an epoch has ended and `--patience` epochs have passed since the best validation.
  public var stopsEarly: Bool {
    guard let patience = configuration.patience, let best = progress.best,
      progress.step % stepsPerEpoch == 0
    else { return false }
    return (progress.step - best.step) / stepsPerEpoch >= patience
  }

  /// The point of the run before the next step.
  var schedulePoint: SchedulePoint {
    SchedulePoint(
      step: progress.step, stepsPerEpoch: stepsPerEpoch, totalSteps: plannedSteps,
      reductions: progress.plateau?.reductions ?? 0)
  }

  /// The learning rate of the next step.
  public var learningRate: Double {
    configuration.schedule.learningRate(
      base: configuration.learningRate, at: schedulePoint,
      warmup: configuration.warmup?.steps(perEpoch: stepsPerEpoch) ?? 0)
  }

  /// Takes one step, and validates at the end of an epoch.
  ///
  /// - Returns: the step's report, and the epoch's report if an epoch ended.
  /// - Throws: ``NotFiniteError``. If the step failed, the network's parameters and the progress are
  ///   unchanged; a proxy may have been trained. If
  ///   its validation failed, the network is unusable.
  public func advance() throws(NotFiniteError) -> (step: StepReport, epoch: EpochReport?) {
    precondition(!isFinished, "the run has ended")
    let epoch = progress.step / stepsPerEpoch
    let indices = indices(ofEpoch: epoch)
    let first = progress.step % stepsPerEpoch * stepSize
    let end = min(first + stepSize, indices.count)
    let next = min(end + stepSize, stepsPerEpoch * stepSize, indices.count)
    let learningRate = learningRate
    join()
    let sentBefore = processes?.traffic
    if progress.step == 0 { averages.begin() }
    averages.hide()
    // The first process may have written a checkpoint or changed the averages alone.
    shared?.barrier()
    enterPhase()
    let update = OptimizerStep(
      number: progress.step + 1, learningRate: Float(learningRate),
      base: configuration.learningRate, point: schedulePoint)
    var batch = MiniBatch(
      indices[first..<end], epoch: epoch, next: indices[end..<max(end, next)])
    if let selection { batch = try selection.select(from: batch, update) }
    let isLast = (progress.step + 1) % stepsPerEpoch == 0
    if isLast { updateMeter.begin(in: context) }
    let result = try step.takeStep(batch, update)
    if let processes, let sentBefore {
      stepTraffic = stepTraffic + (processes.traffic - sentBefore)
    }
    let updates = isLast ? updateMeter.end(in: context) : []
    if isLast { shared?.barrier() }

    progress.step += 1
    averages.update(afterStep: progress.step)
    defer { if isFinished { showAverages() } }
    progress.lossSum += result.loss * Double(result.examples)
    progress.correct += result.correct ?? 0
    progress.examples += result.examples
    let report = StepReport(
      step: progress.step, epoch: epoch + 1, loss: result.loss,
      accuracy: task.accuracy(correct: result.correct ?? 0, of: result.examples),
      learningRate: learningRate, examples: result.examples, gradientNorm: result.gradientNorm)
    guard isLast else { return (report, nil) }
    return (report, try endEpoch(epoch + 1, learningRate, updates))
  }

  /// Makes another step where the next one trains on images of another size or fewer parameters.
  private func enterPhase() {
    let next = TrainingPhase(
      after: progress.step, stepsPerEpoch: stepsPerEpoch, configuration)
    guard next != phase else { return }
    phase = next
    earlierLoadingSeconds += step.loader.seconds
    currentStep = nil
    currentStep = builder.step(in: next)
    // The new step may use memory of the old one, which another process must have left.
    shared?.barrier()
  }

  private var shared: SharedMemory? { processes?.shared }

  /// Moves the parameters to the memory that the processes share, before the first step. Until then each process
  /// has read or drawn its own values, and compared them with those of the first process.
  private func join() {
    guard let shared, !hasJoined else { return }
    hasJoined = true
    let arena = Arena(in: shared)
    for parameter in network.parameters + (selection?.network.parameters ?? [])
    where parameter.role != .running {
      parameter.move(to: arena)
    }
    shared.barrier()
  }

  /// Puts the average into the network in all processes, none of which reads its values meanwhile.
  private func showAverages() {
    if averages.changesModel { shared?.barrier() }
    averages.show(afterStep: progress.step)
    if averages.changesModel { shared?.barrier() }
  }

  private func endEpoch(
    _ epoch: Int, _ learningRate: Double, _ updates: [ParameterUpdate]
  ) throws(NotFiniteError) -> EpochReport {
    showAverages()
    var outcome: Evaluator.Outcome?
    if !data.validation.isEmpty {
      outcome = try evaluator.evaluate(
        data.validation, of: data.images, normalization: data.normalization,
        stage: .validation(afterStep: progress.step))
    }
    var isBest = false
    if let outcome {
      let candidate = TrainingProgress.Best(
        step: progress.step, accuracy: outcome.accuracy, loss: outcome.meanLoss)
      isBest = candidate.beats(progress.best)
      if isBest { progress.best = candidate }
      if let plateau = configuration.schedule.plateau {
        progress.plateau = plateau.state(after: progress.plateau, outcome)
      }
    }
    let report = EpochReport(
      epoch: epoch, step: progress.step,
      trainLoss: progress.lossSum / Double(progress.examples),
      trainAccuracy: task.accuracy(correct: progress.correct, of: progress.examples),
      validationLoss: outcome?.meanLoss, validationAccuracy: outcome?.accuracy,
      learningRate: learningRate, isBest: isBest, parameters: updates)
    progress.lossSum = 0
    progress.correct = 0
    progress.examples = 0
    return report
  }

  /// The network's reconstructions of the images at `indices`; see ``Evaluator``.
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
