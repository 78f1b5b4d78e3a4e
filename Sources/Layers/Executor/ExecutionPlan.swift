import Tensors

/// How a network's layers are executed: which layers run together, where each activation lies, and where
/// each gradient comes from. The plan is made once, with all memory.
package struct ExecutionPlan {
  /// What runs from one activation of the whole batch to the next.
  enum Unit {
    case run(ExampleRun)
    case batch(BatchStep)

    /// The unit's output, for the whole capacity.
    var output: Tensor {
      switch self {
      case .run(let run):
        guard let output = run.output else { preconditionFailure("a unit's output is stored") }
        return output
      case .batch(let step): return step.output
      }
    }

    /// The layer that needs sums over the unit's input before the unit can start: in training.
    var statistics: (any StatisticsLayer)? {
      switch self {
      case .run(let run): run.statistics
      case .batch(let step): step.prologue?.statistics
      }
    }
  }

  /// A micro-batch has at most so many bytes of activations: a part of the second-level cache of any
  /// processor of the last ten years.
  package static let microBatchBytes = 384 << 10

  let training: Bool
  /// The network's input, for the whole capacity.
  let input: Tensor
  /// The units of the forward pass, in order.
  private(set) var units: [Unit] = []
  /// The steps of the backward pass, in order, from the last unit to the first.
  private(set) var backwardSteps: [BackwardStep] = []
  /// Where the caller puts the gradient of the loss with respect to the network's output.
  let outputGradient: Tensor
  /// How each thread's scratch memory is used.
  let scratch: ThreadMemory.Layout

  /// - Parameters:
  ///   - training: whether a backward pass will follow each forward pass.
  ///   - threads: the number of threads. Memory depends on it, results do not.
  ///   - streams: whether layers of the whole batch have prologues and epilogues. Results do not depend
  ///     on it; the tests compare both.
  init(
    _ network: Sequential, capacity: Int, training: Bool, threads: Int,
    microBatchBytes: Int = ExecutionPlan.microBatchBytes, streams: Bool = true, arena: Arena
  ) {
    self.training = training
    input = arena.tensor(network.inputShape.with(examples: capacity))
    var builder = UnitBuilder(
      capacity: capacity, training: training, microBatchBytes: microBatchBytes, streams: streams,
      arena: arena)
    units = builder.units(
      of: PlannedLayer.all(of: network, training: training), input: input, threads: threads)
    scratch = builder.scratch

    let count = training ? builder.gradientCount : 0
    var gradients = BackwardBuilder(
      arena.floats(count), arena.floats(count), mayRepeat: streams)
    let outputShape = network.outputShape.with(examples: capacity)
    outputGradient = gradients.current(outputShape)
    if training { backwardSteps = gradients.steps(of: units, outputGradient) }
  }
}
