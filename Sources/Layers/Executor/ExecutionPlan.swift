import Tensors

/// The plan of a network's passes: which layers run together, where each activation lies, and where
/// each gradient comes from. The plan is made once, and all memory is allocated with it.
///
/// ``ActivationStorage`` decides what is stored and what is recomputed, ``Fusion`` which layers become one,
/// and ``BackwardBuilder`` the steps of the backward pass.
package struct ExecutionPlan {
  /// The layers between one activation of the whole batch and the next.
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

    /// The layer that needs sums over the unit's input before the unit can start, in training.
    var statistics: (any StatisticsLayer)? {
      switch self {
      case .run(let run): run.statistics
      case .batch(let step): step.prologue?.statistics
      }
    }
  }

  /// The maximum size of a chunk's activations, in bytes. It is a part of the second-level
  /// cache of any processor of the last ten years.
  package static let chunkBytes = 384 << 10

  let training: Bool
  /// The network's input, for the whole capacity.
  let input: Tensor
  /// The units of the forward pass, in order.
  private(set) var units: [Unit] = []
  /// The steps of the backward pass, in order, from the last unit to the first.
  private(set) var backwardSteps: [BackwardStep] = []
  /// The gradient of the loss with respect to the network's output, which the caller fills.
  let outputGradient: Tensor
  /// The layout of each thread's scratch memory.
  let scratch: ThreadMemory.Layout
  /// The processes that share a batch, with the memory of their exchanges.
  private let sharing: BatchSharing?

  /// - Parameters:
  ///   - training: true if a backward pass will follow each forward pass.
  ///   - threads: the number of threads. The memory depends on it; the results do not.
  ///   - streams: true if layers of the whole batch have prologues and epilogues. The results do
  ///     not depend on it; the tests compare both.
  ///   - sharing: the processes that share a batch; nil for one process.
  init(
    _ network: Sequential, capacity: Int, training: Bool, threads: Int,
    chunkBytes: Int = ExecutionPlan.chunkBytes, streams: Bool = true, arena: Arena,
    sharing: BatchSharing? = nil
  ) {
    self.training = training
    self.sharing = sharing
    input = arena.tensor(network.inputShape.with(examples: capacity))
    var builder = UnitBuilder(
      capacity: capacity, training: training, chunkBytes: chunkBytes, streams: streams,
      arena: arena, sharing: sharing)
    units = builder.units(
      of: PlannedLayer.all(of: network, training: training), input: input, threads: threads)
    scratch = builder.scratch

    let outputShape = network.outputShape.with(examples: capacity)
    let count = training ? max(builder.gradientCount, outputShape.count) : 0
    var gradients = BackwardBuilder(
      arena.floats(count), arena.floats(count), mayRepeat: streams)
    outputGradient = gradients.current(outputShape)
    if training { backwardSteps = gradients.steps(of: units, outputGradient) }
  }
}
