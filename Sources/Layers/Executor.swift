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
      network, capacity: capacity, training: training, microBatchBytes: microBatchBytes,
      arena: arena)
    let count = training ? plan.gradientCount : 0
    gradients = (arena.floats(count), arena.floats(count))
    context.reserveScratch(plan.layerScratch + 2 * plan.activationScratch)
  }

  /// The bytes of activations, gradients and notes, without parameters.
  public var byteCount: Int { arena.byteCount }

  // MARK: Forward

  /// Computes the outputs of the first `count` examples of ``input``.
  ///
  /// - Returns: `[count, …]`, valid until the next call.
  public func forward(count: Int) -> Tensor {
    precondition(count > 0 && count <= capacity, "\(count) examples of \(capacity)")
    context.reserveScratch(plan.layerScratch + 2 * plan.activationScratch)
    var x = input.base
    for unit in plan.units {
      switch unit {
      case .batch(let step):
        step.layer.forward(
          Tensor(step.input.with(examples: count), at: x),
          into: Tensor(step.output.with(examples: count), at: step.y!),
          workspace: step.workspace!, in: context)
      case .examples(let steps, let microBatch):
        let start = x
        for step in steps {
          step.layer.prepareForward(for: step.input, training: training, in: context)
        }
        forEachMicroBatch(of: microBatch, among: count) { examples, lane, scratch in
          forward(steps, examples, from: start, in: lane, scratch)
        }
      }
      x = unit.output.base
    }
    return Tensor(network.outputShape.with(examples: count), at: x)
  }

  private func forward(
    _ steps: [ExecutionPlan.ExampleStep], _ examples: Range<Int>,
    from start: UnsafeMutablePointer<Float>,
    in lane: Lane, _ scratch: AlternatingMemory
  ) {
    var scratch = scratch
    var x = start + examples.lowerBound * steps[0].input.countPerExample
    for step in steps {
      let y =
        step.y.map { $0 + examples.lowerBound * step.output.countPerExample } ?? scratch.next()
      step.layer.forward(
        Tensor(step.input.with(examples: examples.count), at: x),
        into: Tensor(step.output.with(examples: examples.count), at: y),
        notes: step.notes.map { $0 + examples.lowerBound * step.noteBytes }, in: lane)
      x = y
    }
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
    for index in plan.units.indices.reversed() {
      let unit = plan.units[index]
      guard unit.needsInputGradient || unit.isTrained else { return }
      let x = index == 0 ? input.base : plan.units[index - 1].output.base
      let dx = unit.needsInputGradient ? spare : nil
      switch unit {
      case .batch(let step):
        let inputShape = step.input.with(examples: count)
        let outputShape = step.output.with(examples: count)
        step.layer.backward(
          Tensor(outputShape, at: dy), into: dx.map { Tensor(inputShape, at: $0) },
          of: Pass(x: Tensor(inputShape, at: x), y: Tensor(outputShape, at: step.y!)),
          workspace: step.workspace!, in: context)
      case .examples(let steps, let microBatch):
        backward(steps, microBatch, count: count, from: dy, to: dx, input: x)
      }
      swap(&dy, &spare)
    }
  }

  private func backward(
    _ steps: [ExecutionPlan.ExampleStep], _ microBatch: Int, count: Int,
    from dy: UnsafeMutablePointer<Float>, to dx: UnsafeMutablePointer<Float>?,
    input: UnsafeMutablePointer<Float>
  ) {
    for step in steps {
      step.layer.prepareBackward(
        for: step.input, givesInputGradient: step.needsInputGradient, in: context)
    }
    forEachMicroBatch(of: microBatch, among: count) { lane in
      for step in steps {
        for parameter in step.layer.parameters where parameter.isTrained {
          parameter.zeroGradient(ofLane: lane.index)
        }
        step.layer.beginBackward(in: lane)
      }
    } do: { examples, lane, scratch in
      backward(steps, examples, from: dy, to: dx, input: input, in: lane, scratch)
    } after: { lane in
      for step in steps { step.layer.endBackward(for: step.input, in: lane) }
    }
    for step in steps {
      for parameter in step.layer.parameters { parameter.addLanes(in: context) }
    }
  }

  private func backward(
    _ steps: [ExecutionPlan.ExampleStep], _ examples: Range<Int>,
    from dy: UnsafeMutablePointer<Float>, to dx: UnsafeMutablePointer<Float>?,
    input: UnsafeMutablePointer<Float>, in lane: Lane, _ scratch: AlternatingMemory
  ) {
    var scratch = scratch
    let first = examples.lowerBound
    var dy = dy + first * steps.last!.output.countPerExample
    for index in steps.indices.reversed() {
      let step = steps[index]
      let inputShape = step.input.with(examples: examples.count)
      let outputShape = step.output.with(examples: examples.count)
      // A tensor that backward does not read may be gone; its address is then of no account.
      let x = index == 0 ? input : steps[index - 1].y ?? input
      let y = step.y ?? input
      let target: UnsafeMutablePointer<Float>? =
        if !step.needsInputGradient { nil } else if index == 0 {
          dx.map { $0 + first * step.input.countPerExample }
        } else { scratch.next() }
      step.layer.backward(
        Tensor(outputShape, at: dy), into: target.map { Tensor(inputShape, at: $0) },
        of: Pass(
          x: Tensor(inputShape, at: x + first * step.input.countPerExample),
          y: Tensor(outputShape, at: y + first * step.output.countPerExample),
          notes: step.notes.map { $0 + first * step.noteBytes }),
        in: lane)
      guard let target else { return }
      dy = target
    }
  }

  // MARK: Lanes

  /// Two blocks of a thread's memory, used in turn.
  private struct AlternatingMemory {
    var current: UnsafeMutablePointer<Float>
    var other: UnsafeMutablePointer<Float>

    mutating func next() -> UnsafeMutablePointer<Float> {
      swap(&current, &other)
      return current
    }
  }

  /// Calls `body` for a few examples at a time, in order within each lane, lanes in parallel.
  private func forEachMicroBatch(
    of size: Int, among count: Int, before: (_ lane: Lane) -> Void = { _ in },
    do body: (_ examples: Range<Int>, _ lane: Lane, _ scratch: AlternatingMemory) -> Void,
    after: (_ lane: Lane) -> Void = { _ in }
  ) {
    context.pool.run(Context.laneCount) { index, worker in
      let range = Context.examples(ofLane: index, among: count)
      let activations = context.scratch(of: worker) + plan.layerScratch
      let scratch = AlternatingMemory(
        current: activations, other: activations + plan.activationScratch)
      let lane = Lane(index: index, worker: worker, of: context)
      before(lane)
      var first = range.lowerBound
      while first < range.upperBound {
        let end = min(first + size, range.upperBound)
        body(first..<end, lane, scratch)
        first = end
      }
      after(lane)
    }
  }
}
