import Tensors

/// Runs a network forward and backward (lecture row L2), in memory that is taken once.
///
/// Consecutive layers that treat each example alone run in micro-batches: one thread takes a few
/// examples through all of them while their activations are in its cache. Examples are dealt to a
/// fixed number of lanes, each of which sums its parameters' gradients in the order of its examples;
/// so neither the number of threads nor the size of a micro-batch changes a bit.
public final class Executor {
  public let network: Sequential
  /// The most examples in one pass.
  public let capacity: Int
  public let context: Context
  /// Where the caller puts the examples, `[capacity, …]`.
  public let input: Tensor

  private let arena = Arena()
  let plan: ExecutionPlan
  let training: Bool
  /// Gradients that pass between units, in turn.
  let gradients: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  /// Whether the next pass over the lanes begins with the last ones.
  var descends = false

  /// - Parameter training: whether ``backward(count:)`` will be called; without it far less memory is
  ///   taken.
  public convenience init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context
  ) {
    self.init(
      network, capacity: capacity, training: training, context: context, streams: true)
  }

  /// - Parameters:
  ///   - microBatchBytes: how much the activations of a micro-batch may take up.
  ///   - streams: whether outputs and gradients that are soon had again, or used at once, are not kept.
  init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context,
    microBatchBytes: Int = ExecutionPlan.microBatchBytes, streams: Bool = true
  ) {
    precondition(capacity > 0, "a capacity of \(capacity) examples")
    self.network = network
    self.capacity = capacity
    self.training = training
    self.context = context
    input = arena.tensor(network.inputShape.with(examples: capacity))
    plan = ExecutionPlan(
      network, capacity: capacity, training: training, threads: context.threadCount,
      microBatchBytes: microBatchBytes, streams: streams, arena: arena)
    let count = training ? plan.gradientCount : 0
    gradients = (arena.floats(count), arena.floats(count))
    context.reserveScratch(plan.scratchCount)
  }

  /// The bytes of activations, gradients and notes, without parameters.
  public var byteCount: Int { arena.byteCount }

  // MARK: Forward

  /// Computes the outputs of the first `count` examples of ``input``.
  ///
  /// - Parameter randomKey: what names the random numbers; training needs it for networks with dropout.
  /// - Returns: `[count, …]`, valid until the next call.
  public func forward(count: Int, randomKey: RandomKey? = nil) -> Tensor {
    precondition(count > 0 && count <= capacity, "\(count) examples of \(capacity)")
    context.reserveScratch(plan.scratchCount)
    var x = input.base
    for (index, unit) in plan.units.enumerated() {
      // The sums that the next unit starts from are taken while its input is in the cache.
      let next = index + 1 < plan.units.count ? plan.units[index + 1].statistics : nil
      if index == 0, let statistics = unit.statistics {
        observe(input.examples(0..<count), by: statistics)
      }
      switch unit {
      case .batch(let step):
        forward(step, from: x, count: count, randomKey: randomKey, observedBy: next)
      case .examples(let run):
        forward(run, from: x, count: count, randomKey: randomKey, observedBy: next)
      }
      x = unit.output
    }
    return Tensor(network.outputShape.with(examples: count), at: x)
  }

  private func forward(
    _ step: ExecutionPlan.BatchStep, from x: UnsafeMutablePointer<Float>, count: Int,
    randomKey: RandomKey?, observedBy next: (any StatisticsLayer)?
  ) {
    if let layer = step.layer as? any StreamingLayer {
      return forward(step, layer, from: x, count: count, randomKey: randomKey, observedBy: next)
    }
    let y = step.output(count)
    step.layer.forward(
      Tensor(step.input.with(examples: count), at: x), into: y, workspace: step.workspace,
      in: context)
    if let next { observe(y, by: next) }
  }

  private func forward(
    _ run: ExampleRun, from x: UnsafeMutablePointer<Float>, count: Int, randomKey: RandomKey?,
    observedBy next: (any StatisticsLayer)?
  ) {
    run.prepareForward(training: training, in: context)
    let inputCount = run.steps[0].input.countPerExample
    forEachMicroBatch(of: run.microBatch, among: count) { lane in
      next?.beginObserving(in: lane)
    } do: { examples, lane, memory in
      let lane = Lane(
        index: lane.index, worker: lane.worker, of: context,
        randomKey: randomKey?.advanced(by: examples.lowerBound))
      run.forward(examples, from: x + examples.lowerBound * inputCount, in: lane, memory)
      next?.observe(run.output(examples), in: lane)
    }
    next?.endObserving(count, of: run.outputShape, in: context)
  }

  /// Shows a layer its whole input.
  func observe(_ x: Tensor, by statistics: any StatisticsLayer) {
    forEachMicroBatch(of: 1, among: x.shape[0]) { lane in
      statistics.beginObserving(in: lane)
    } do: { examples, lane, _ in
      statistics.observe(x.examples(examples), in: lane)
    }
    statistics.endObserving(x.shape[0], of: x.shape, in: context)
  }

  // MARK: Lanes

  /// Calls `body` for every lane. Every pass over the lanes goes against the direction of the one before,
  /// and so begins with what that one left in the cache.
  func runLanes(_ body: WorkerPool.Body) {
    context.pool.run(Context.laneCount, descending: descends, body)
    descends.toggle()
  }

  func memory(ofThread worker: Int) -> ExampleRun.ThreadMemory {
    let activations = context.scratch(of: worker) + plan.layerScratch
    return ExampleRun.ThreadMemory(
      current: activations, other: activations + plan.activationScratch,
      recomputed: activations + 2 * plan.activationScratch,
      streamed: activations + 2 * plan.activationScratch + plan.recomputedScratch)
  }

  /// Calls `body` for a few examples at a time, in order within each lane, lanes in parallel.
  func forEachMicroBatch(
    of size: Int, among count: Int, before: (_ lane: Lane) -> Void = { _ in },
    do body: (_ examples: Range<Int>, _ lane: Lane, _ memory: ExampleRun.ThreadMemory) -> Void,
    after: (_ lane: Lane) -> Void = { _ in }
  ) {
    runLanes { index, worker in
      let range = Context.examples(ofLane: index, among: count)
      let memory = memory(ofThread: worker)
      let lane = Lane(index: index, worker: worker, of: context)
      before(lane)
      var first = range.lowerBound
      while first < range.upperBound {
        let end = min(first + size, range.upperBound)
        body(first..<end, lane, memory)
        first = end
      }
      after(lane)
    }
  }
}
