import Datasets
import Layers
import Tensors

/// Selects the examples of each batch with the greatest losses of a small network, the *proxy*
/// (Jordan 2024, airbench96).
///
/// The proxy computes the losses of the whole batch in each step. In some steps it is trained, too, on the
/// examples that it selects: by the run's optimizer, learning rates and groups, with a state of its own.
/// Its values and state are saved in checkpoints as `optim.proxy.<tensor>`, so that a resumed run
/// selects the same examples.
final class ProxySelection {
  let network: Sequential
  let optimizer: any Optimizer
  private let setting: HardestExamples
  private let executor: Executor
  private let loader: BatchLoader
  private let criterion: Criterion
  private let reduction: LossReduction
  private let gradient: GradientNorm
  private let clipping: GradientClipping?
  private let averages: RunningAverages
  private let seed: UInt64
  private let figures: StepFigures
  /// The losses of a batch.
  private var all: [Double] = []

  /// - Throws: ``SettingError`` if a group of parameters selects nothing in the proxy.
  init?(
    _ network: Sequential?, _ configuration: Configuration, data: TrainingData,
    criterion: Criterion, context: Context, processes: ProcessGroup? = nil
  ) throws(SettingError) {
    guard let network, let setting = configuration.hardest else { return nil }
    self.network = network
    self.setting = setting
    self.criterion = criterion
    let parameters = OptimizedParameters(
      network, groups: try configuration.parameterGroups(of: network), in: processes?.shared)
    optimizer = configuration.optimizer.type.init(parameters, configuration: configuration)
    executor = Executor(
      network, capacity: min(configuration.batchSize, data.training.count), training: true,
      context: context, processes: processes)
    loader = BatchLoader(
      data.images, data.normalization, into: executor, task: .classification,
      smoothing: configuration.smoothing,
      augmenter: Augmenter(
        configuration.augmentation, of: data.images, partners: data.training,
        seed: configuration.seed, normalization: data.normalization,
        size: (network.inputShape[1], network.inputShape[2])))
    reduction = configuration.lossReduction
    gradient = GradientNorm(network.trainedParameters, in: processes?.shared)
    clipping = GradientClipping(
      value: configuration.clippedValue, norm: configuration.clippedNorm)
    averages = RunningAverages(of: network)
    seed = configuration.forProxy.seed
    figures = StepFigures(capacity: executor.capacity, of: executor)
    all.reserveCapacity(executor.capacity)
  }

  /// The examples of `batch` to train on.
  ///
  /// - Throws: ``NotFiniteError``; the proxy is unchanged then.
  func select(
    from batch: MiniBatch, _ update: OptimizerStep
  ) throws(NotFiniteError) -> MiniBatch {
    let (count, context) = (batch.indices.count, executor.context)
    averages.keep()
    let loaded = loader.load(batch.owned(by: executor.share))
    let outputs = executor.forward(
      count: count, randomKey: RandomKey(seed: seed, step: update.number, firstExample: 0))
    let outputGradient = executor.outputGradient(count: count)
    criterion.evaluate(
      outputs, loaded.targets, totalWeight: 1, losses: figures.losses(count: count),
      gradient: outputGradient, in: context)
    figures.start(correct: nil)
    figures.finish()
    all.removeAll(keepingCapacity: true)
    figures.forEachLoss { all.append($0) }
    guard all.allSatisfy(\.isFinite) else { throw failure(update, "the proxy's loss") }
    let places = all.withUnsafeBufferPointer { setting.places(of: $0) }
    let selected = MiniBatch(
      ArraySlice(places.map { batch.indices[batch.indices.startIndex + $0] }), epoch: batch.epoch)
    guard (update.number - 1) % setting.every == 0 else { return selected }

    let weight = reduction == .mean ? loader.totalWeight(of: selected, by: criterion) : 1
    keepOnly(
      places, of: outputGradient, first: executor.share.examples(among: count).lowerBound,
      dividedBy: Float(weight))
    gradient.zero(in: context)
    executor.backward(count: count)
    let norm = gradient.norm(in: context)
    guard norm.isFinite else { throw failure(update, "the gradient of the proxy") }
    clipping?.clip(gradient, norm: norm, in: context)
    optimizer.update(
      OptimizerStep(
        number: (update.number - 1) / setting.every + 1, learningRate: update.learningRate,
        base: update.base, point: update.point), in: context)
    return selected
  }

  private func failure(_ update: OptimizerStep, _ tensor: String) -> NotFiniteError {
    averages.restore()
    return NotFiniteError(.step(update.number), tensor: tensor)
  }

  /// Divides the rows at `places` by `weight`, and sets the others to 0.
  ///
  /// - Parameter first: the place of the first row among the examples of all processes.
  private func keepOnly(
    _ places: [Int], of gradient: Tensor, first: Int, dividedBy weight: Float
  ) {
    let columns = gradient.shape.countPerExample
    var next = places.lazy.filter { $0 >= first }.makeIterator()
    var kept = next.next()
    for row in 0..<gradient.shape[0] {
      let values = gradient.base + row * columns
      if first + row == kept {
        for column in 0..<columns { values[column] /= weight }
        kept = next.next()
      } else {
        values.update(repeating: 0, count: columns)
      }
    }
  }

  // MARK: State

  /// What checkpoints hold of the proxy: its parameters and the optimizer's state.
  var state: [OptimizerState.Value] {
    let values = network.parameters.map {
      OptimizerState.Value(name: "optim.proxy.\($0.name)", parameter: $0, memory: $0.values)
    }
    let slots = optimizer.parameters.state.map { slot in
      OptimizerState.Value(
        name: "optim.proxy.\(slot.name.dropFirst("optim.".count))", parameter: slot.parameter,
        memory: slot.memory)
    }
    return values + slots
  }
}
