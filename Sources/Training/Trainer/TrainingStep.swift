import Layers
import Tensors

/// One step of training, and the memory for it.
package final class TrainingStep {
  package struct Result: Equatable {
    /// The mean over the mini-batch.
    package let loss: Double
    /// Nil if the task has no accuracy.
    package let correct: Int?
    package let examples: Int
    /// Before clipping.
    package let gradientNorm: Double
  }

  package let executor: Executor
  let loader: BatchLoader
  let optimizer: any Optimizer
  private let task: LearningTask
  private let criterion: Criterion
  private let reduction: LossReduction
  private let seed: UInt64
  private let gradient: GradientNorm
  private let clipping: GradientClipping?
  private let averages: RunningAverages
  private let figures: StepFigures

  /// - Parameters:
  ///   - executor: an executor for training; its capacity is the size of a micro-batch.
  ///   - loader: fills the executor's input.
  ///   - clipping: nil to use the gradient as it is.
  ///   - seed: the seed of the steps' random numbers.
  package init(
    _ executor: Executor, loader: BatchLoader, task: LearningTask, criterion: Criterion,
    reduction: LossReduction = .mean, optimizer: any Optimizer,
    clipping: GradientClipping? = nil, seed: UInt64
  ) {
    self.executor = executor
    self.loader = loader
    self.task = task
    self.criterion = criterion
    self.reduction = reduction
    self.optimizer = optimizer
    self.clipping = clipping
    self.seed = seed
    gradient = GradientNorm(
      executor.network.trainedParameters, in: executor.processes?.shared)
    averages = RunningAverages(of: executor.network)
    figures = StepFigures(capacity: executor.capacity, of: executor)
  }

  /// Takes a step: forward, loss, backward, update. This is the lecture's `backprop` (row L2) with
  /// its mini-batch gradient `dθ = (1/N)·G·P` (row L4): the loss divides by N, and layers add
  /// `G·P`. The sum of the losses has the gradient `G·P`.
  ///
  /// If a mini-batch has more examples than the executor's capacity, the step runs micro-batches
  /// and adds their gradients. Where several processes share the executor's batches, each loads its own
  /// examples, and all get the whole gradient.
  ///
  /// - Parameter update: the number of the step and its learning rate.
  /// - Throws: ``NotFiniteError``; parameters and running averages are unchanged then.
  package func takeStep(
    _ miniBatch: MiniBatch, _ update: OptimizerStep
  ) throws(NotFiniteError) -> Result {
    let number = update.number
    let context = executor.context
    let count = miniBatch.indices.count
    gradient.zero(in: context)
    averages.keep()

    let totalWeight = loader.totalWeight(of: miniBatch, by: criterion)
    var lossSum = 0.0
    var correct: Int?
    for first in stride(from: 0, to: count, by: executor.capacity) {
      let part = miniBatch.part(from: first, capacity: executor.capacity)
      let count = part.indices.count
      let batch = loader.load(part.owned(by: executor.share))
      let outputs = executor.forward(
        count: count, randomKey: RandomKey(seed: seed, step: number, firstExample: first))
      criterion.evaluate(
        outputs, batch.targets, totalWeight: reduction == .mean ? totalWeight : 1,
        losses: figures.losses(count: count), gradient: executor.outputGradient(count: count),
        in: context)
      let own = task.correct(outputs, batch.targets)
      figures.start(correct: own)
      executor.backward(count: count)
      figures.finish()
      figures.forEachLoss { lossSum += $0 }
      if own != nil { correct = (correct ?? 0) + figures.correct }
    }

    let norm = try checkedNorm(number, lossSum)
    clipping?.clip(gradient, norm: norm, in: context)
    optimizer.update(update, in: context)
    return Result(
      loss: lossSum / totalWeight, correct: correct, examples: count, gradientNorm: norm)
  }

  /// The norm of the gradient of step `number`, after a check that the norm and the loss are
  /// finite.
  private func checkedNorm(_ number: Int, _ lossSum: Double) throws(NotFiniteError) -> Double {
    guard lossSum.isFinite else {
      averages.restore()
      throw NotFiniteError(.step(number), tensor: "the loss")
    }
    let norm = gradient.norm(in: executor.context)
    guard norm.isFinite else {
      averages.restore()
      let name = gradient.firstNotFinite(in: executor.context) ?? "the sum of all squares"
      throw NotFiniteError(.step(number), tensor: "the gradient of \(name)")
    }
    return norm
  }
}
