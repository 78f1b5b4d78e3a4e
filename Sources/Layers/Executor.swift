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
  private let plan: ExecutionPlan
  private let training: Bool
  /// Gradients that pass between units, in turn.
  private let gradients: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)

  /// - Parameter training: whether ``backward(count:)`` will be called; without it far less memory is
  ///   taken.
  public convenience init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context
  ) {
    self.init(
      network, capacity: capacity, training: training, context: context,
      microBatchBytes: ExecutionPlan.microBatchBytes)
  }

  /// - Parameter microBatchBytes: how much the activations of a micro-batch may take up.
  init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context, microBatchBytes: Int
  ) {
    precondition(capacity > 0, "a capacity of \(capacity) examples")
    self.network = network
    self.capacity = capacity
    self.training = training
    self.context = context
    input = arena.tensor(network.inputShape.with(examples: capacity))
    plan = ExecutionPlan(
      network, capacity: capacity, training: training, threads: context.threadCount,
      microBatchBytes: microBatchBytes,
      arena: arena)
    let count = training ? plan.gradientCount : 0
    gradients = (arena.floats(count), arena.floats(count))
    context.reserveScratch(plan.scratchCount)
  }

  /// The bytes of activations, gradients and notes, without parameters.
  public var byteCount: Int { arena.byteCount }

  // MARK: Forward

  /// Computes the outputs of the first `count` examples of ``input``.
  ///
  /// - Parameter chance: what names the random numbers; training needs it for networks with dropout.
  /// - Returns: `[count, …]`, valid until the next call.
  public func forward(count: Int, chance: Chance? = nil) -> Tensor {
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
        let y = Tensor(step.output.with(examples: count), at: step.y)
        step.layer.forward(
          Tensor(step.input.with(examples: count), at: x), into: y, workspace: step.workspace,
          in: context)
        if let next { observe(y, by: next) }
      case .examples(let run):
        forward(run, from: x, count: count, chance: chance, observedBy: next)
      }
      x = unit.output
    }
    return Tensor(network.outputShape.with(examples: count), at: x)
  }

  private func forward(
    _ run: ExampleRun, from x: UnsafeMutablePointer<Float>, count: Int, chance: Chance?,
    observedBy next: (any StatisticsLayer)?
  ) {
    for step in run.steps {
      step.layer.prepareForward(for: step.input, training: training, in: context)
    }
    let inputCount = run.steps[0].input.countPerExample
    forEachMicroBatch(of: run.microBatch, among: count) { lane in
      next?.beginObserving(in: lane)
    } do: { examples, lane, memory in
      let lane = Lane(
        index: lane.index, worker: lane.worker, of: context,
        chance: chance?.advanced(by: examples.lowerBound))
      run.forward(examples, from: x + examples.lowerBound * inputCount, in: lane, memory)
      next?.observe(run.output(examples), in: lane)
    }
    next?.endObserving(count, of: run.steps[run.steps.count - 1].output, in: context)
  }

  /// Shows a layer its whole input.
  private func observe(_ x: Tensor, by statistics: any StatisticsLayer) {
    forEachMicroBatch(of: 1, among: x.shape[0]) { lane in
      statistics.beginObserving(in: lane)
    } do: { examples, lane, _ in
      statistics.observe(x.examples(examples), in: lane)
    }
    statistics.endObserving(x.shape[0], of: x.shape, in: context)
  }

  // MARK: Backward

  /// Where the caller puts the loss's gradient by the outputs, `[count, …]`, before ``backward``.
  public func outputGradient(count: Int) -> Tensor {
    Tensor(network.outputShape.with(examples: count), at: gradients.0)
  }

  /// Adds the gradients of all parameters for the examples of the last ``forward(count:)``.
  public func backward(count: Int) {
    precondition(training, "an executor for evaluation has no backward pass")
    var (dy, spare) = gradients
    /// The layer whose backward pass, now that its sums are complete, comes first.
    var statistics: (any StatisticsLayer)?
    for index in plan.units.indices.reversed() {
      let unit = plan.units[index]
      guard unit.hasBackward else { return }
      let x = index == 0 ? input.base : plan.units[index - 1].output
      switch unit {
      case .batch(let step):
        let y = Tensor(step.output.with(examples: count), at: step.y)
        if let layer = statistics {
          complete(layer, Tensor(y.shape, at: dy), into: Tensor(y.shape, at: spare), from: y)
          swap(&dy, &spare)
        }
        let inputShape = step.input.with(examples: count)
        step.layer.backward(
          Tensor(y.shape, at: dy),
          into: step.needsInputGradient ? Tensor(inputShape, at: spare) : nil,
          of: Pass(x: Tensor(inputShape, at: x), y: y), workspace: step.workspace, in: context)
        swap(&dy, &spare)
      case .examples(let run):
        let changes = run.changesGradient || statistics != nil
        backward(
          run, count: count, from: dy, to: run.givesGradient && changes ? spare : dy, input: x,
          completing: statistics)
        if changes { swap(&dy, &spare) }
      }
      statistics = unit.statistics
    }
  }

  /// - Parameter statistics: the layer behind the run, whose sums are complete and whose backward pass
  ///   comes first.
  private func backward(
    _ run: ExampleRun, count: Int, from dy: UnsafeMutablePointer<Float>,
    to dx: UnsafeMutablePointer<Float>, input x: UnsafeMutablePointer<Float>,
    completing statistics: (any StatisticsLayer)?
  ) {
    for step in run.steps {
      step.layer.prepareBackward(
        for: step.input, givesInputGradient: step.needsInputGradient, in: context)
    }
    let input = run.steps[0].input
    let output = run.steps[run.steps.count - 1].output
    forEachMicroBatch(of: run.microBatch, among: count) { lane in
      run.statistics?.beginObservingGradient(in: lane)
      run.beginBackward(in: lane)
    } do: { examples, lane, memory in
      var memory = memory
      let x = x + examples.lowerBound * input.countPerExample
      let dx = dx + examples.lowerBound * run.gradientCount
      var dy = dy + examples.lowerBound * output.countPerExample
      if let statistics {
        let y = run.output(examples)
        let target = run.changesGradient ? memory.next() : dx
        statistics.backward(
          Tensor(y.shape, at: dy), into: Tensor(y.shape, at: target), of: Pass(x: y, y: y),
          in: lane)
        dy = target
      }
      run.backward(
        examples, from: dy, to: run.givesGradient ? dx : nil, input: x, in: lane, memory)
      if let statistics = run.statistics {
        let x = Tensor(input.with(examples: examples.count), at: x)
        statistics.observeGradient(
          Tensor(x.shape, at: run.changesGradient ? dx : dy), of: Pass(x: x, y: x), in: lane)
      }
    } after: { lane in
      run.endBackward(in: lane)
    }
    for step in run.steps {
      for parameter in step.parameters { parameter.addLanes(in: context) }
    }
    run.statistics?.endObservingGradient(count, of: input, in: context)
  }

  /// The backward pass of a layer whose sums are complete, on the whole batch.
  private func complete(
    _ layer: any StatisticsLayer, _ dy: Tensor, into dx: Tensor, from x: Tensor
  ) {
    forEachMicroBatch(of: 1, among: x.shape[0]) { examples, lane, _ in
      let x = x.examples(examples)
      layer.backward(
        dy.examples(examples), into: dx.examples(examples), of: Pass(x: x, y: x), in: lane)
    }
  }

  // MARK: Lanes

  /// Calls `body` for a few examples at a time, in order within each lane, lanes in parallel.
  private func forEachMicroBatch(
    of size: Int, among count: Int, before: (_ lane: Lane) -> Void = { _ in },
    do body: (_ examples: Range<Int>, _ lane: Lane, _ memory: ExampleRun.ThreadMemory) -> Void,
    after: (_ lane: Lane) -> Void = { _ in }
  ) {
    context.pool.run(Context.laneCount) { index, worker in
      let range = Context.examples(ofLane: index, among: count)
      let activations = context.scratch(of: worker) + plan.layerScratch
      let memory = ExampleRun.ThreadMemory(
        current: activations, other: activations + plan.activationScratch,
        recomputed: activations + 2 * plan.activationScratch)
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
