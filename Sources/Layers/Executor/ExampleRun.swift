import Tensors

/// Consecutive layers that treat each example alone: one thread takes a few examples at a time
/// through all of them, forward or backward, while their activations are in its cache.
struct ExampleRun {
  /// One layer's place in the run.
  struct Step {
    let layer: any ExampleLayer
    /// For the whole capacity.
    let input: Shape
    let output: Shape
    /// Whether the backward pass must give the gradient by the input: there are parameters before.
    let needsInputGradient: Bool
    /// The parameters whose gradients each lane sums.
    let parameters: [Parameter]
    var y = Output.passing
    /// Where the layer's notes for the backward pass are kept.
    var notes: UnsafeMutablePointer<UInt8>?
    var noteBytes = 0
  }

  /// Where a layer's output lies.
  enum Output {
    /// Kept for the whole batch.
    case kept(UnsafeMutablePointer<Float>)
    /// In a thread's memory, until the next layer has read it.
    case passing
    /// The same, and the backward pass computes it again, so many floats behind
    /// ``ThreadMemory/recomputed`` for each example of a micro-batch.
    case recomputed(Int)
  }

  /// A thread's memory for activations and gradients of a micro-batch: two blocks used in turn, one for
  /// outputs that are computed again, and one for what a streaming layer gives, or its gradient.
  struct ThreadMemory {
    var current: UnsafeMutablePointer<Float>
    var other: UnsafeMutablePointer<Float>
    let recomputed: UnsafeMutablePointer<Float>
    let streamed: UnsafeMutablePointer<Float>

    mutating func next() -> UnsafeMutablePointer<Float> {
      swap(&current, &other)
      return current
    }
  }

  let steps: [Step]
  /// The examples that a thread takes at a time.
  let microBatch: Int
  /// The first layer, if it needs sums over the batch before it can compute: in training.
  let statistics: (any StatisticsLayer)?
  /// Whether what can be had again need not be kept.
  let streams: Bool

  /// The steps whose backward pass runs with this run; that of ``statistics`` runs with the layers
  /// before it.
  private var ownSteps: Range<Int> { (statistics == nil ? 0 : 1)..<steps.count }

  /// Whether the backward pass gives another gradient than it gets.
  var changesGradient: Bool { !ownSteps.isEmpty }

  /// Whether the backward pass must give the gradient by the input, or with ``statistics`` that by
  /// its output.
  var givesGradient: Bool { statistics != nil || steps[0].needsInputGradient }

  /// Whether the run's backward pass is that of one pooling layer behind ``statistics``, or the like:
  /// what it gives is larger than what it gets and soon had again, so it is not kept for the batch.
  var canRepeatBackward: Bool {
    guard streams, let step = steps.last, statistics != nil, ownSteps.count == 1 else {
      return false
    }
    return step.layer.parameters.isEmpty && !step.layer.backwardReadsInput
      && !step.layer.backwardReadsOutput && step.output.count < step.input.count
  }

  /// The shape that the run gives, for the whole capacity.
  var outputShape: Shape { steps[steps.count - 1].output }

  /// Floats of the gradient that the run gives for each example.
  var gradientCount: Int {
    (statistics == nil ? steps[0].input : steps[0].output).countPerExample
  }

  func prepareForward(training: Bool, in context: Context) {
    for step in steps {
      step.layer.prepareForward(for: step.input, training: training, in: context)
    }
  }

  func prepareBackward(in context: Context) {
    for step in steps {
      step.layer.prepareBackward(
        for: step.input, givesInputGradient: step.needsInputGradient, in: context)
    }
  }

  /// Starts a lane's sums of gradients.
  func beginBackward(in lane: Lane) {
    for step in steps[ownSteps] {
      for parameter in step.parameters { parameter.zeroGradient(ofLane: lane.index) }
      step.layer.beginBackward(in: lane)
    }
  }

  /// Completes them.
  func endBackward(in lane: Lane) {
    for step in steps[ownSteps] { step.layer.endBackward(for: step.input, in: lane) }
  }

  /// The outputs of some examples, kept for the whole batch.
  func output(_ examples: Range<Int>) -> Tensor {
    let step = steps[steps.count - 1]
    guard case .kept(let y) = step.y else { preconditionFailure("a run keeps its output") }
    return Tensor(
      step.output.with(examples: examples.count),
      at: y + examples.lowerBound * step.output.countPerExample)
  }

  /// Computes the outputs of some examples, whose inputs start at `x`.
  ///
  /// - Returns: where the outputs are: kept, or in the thread's memory.
  @discardableResult
  func forward(
    _ examples: Range<Int>, from x: UnsafeMutablePointer<Float>, in lane: Lane,
    _ memory: ThreadMemory
  ) -> UnsafeMutablePointer<Float> {
    var memory = memory
    var x = x
    var xIsKept = true
    for step in steps {
      let y: UnsafeMutablePointer<Float>
      if case .kept(let kept) = step.y {
        y = kept + examples.lowerBound * step.output.countPerExample
        xIsKept = true
      } else {
        y = step.layer.isCheap && !xIsKept ? x : memory.next()
        xIsKept = false
      }
      step.layer.forward(
        Tensor(step.input.with(examples: examples.count), at: x),
        into: Tensor(step.output.with(examples: examples.count), at: y),
        notes: step.notes.map { $0 + examples.lowerBound * step.noteBytes }, in: lane)
      x = y
    }
    return x
  }

  /// Takes the gradients `dy` of some examples back to `dx`, all beginning at the given places.
  ///
  /// - Parameter dx: where the gradient by the input goes; with ``statistics``, that by the output of
  ///   that layer. Nil if nobody wants it.
  func backward(
    _ examples: Range<Int>, from dy: UnsafeMutablePointer<Float>,
    to dx: UnsafeMutablePointer<Float>?, input x: UnsafeMutablePointer<Float>, in lane: Lane,
    _ memory: ThreadMemory
  ) {
    var memory = memory
    computeAgain(examples, from: x, in: lane, memory)
    var dy = dy
    for index in ownSteps.reversed() {
      let step = steps[index]
      let inputShape = step.input.with(examples: examples.count)
      let outputShape = step.output.with(examples: examples.count)
      let target: UnsafeMutablePointer<Float>? =
        if index == ownSteps.lowerBound { dx } else if !step.needsInputGradient {
          nil
        } else if step.layer.isCheap && dy == memory.current {
          dy
        } else { memory.next() }
      // A tensor that backward does not read may be gone; its address is then of no account.
      step.layer.backward(
        Tensor(outputShape, at: dy), into: target.map { Tensor(inputShape, at: $0) },
        of: Pass(
          x: Tensor(inputShape, at: index == 0 ? x : place(index - 1, examples, memory) ?? x),
          y: Tensor(outputShape, at: place(index, examples, memory) ?? x),
          notes: step.notes.map { $0 + examples.lowerBound * step.noteBytes }),
        in: lane)
      guard let target else { return }
      dy = target
    }
  }

  /// Computes the outputs that were not kept and are wanted again.
  private func computeAgain(
    _ examples: Range<Int>, from x: UnsafeMutablePointer<Float>, in lane: Lane,
    _ memory: ThreadMemory
  ) {
    for (index, step) in steps.enumerated() {
      guard case .recomputed = step.y, let y = place(index, examples, memory) else { continue }
      let input = index == 0 ? x : place(index - 1, examples, memory)!
      step.layer.forward(
        Tensor(step.input.with(examples: examples.count), at: input),
        into: Tensor(step.output.with(examples: examples.count), at: y), notes: nil, in: lane)
    }
  }

  /// Where the backward pass finds the output of a step for these examples.
  private func place(
    _ index: Int, _ examples: Range<Int>, _ memory: ThreadMemory
  ) -> UnsafeMutablePointer<Float>? {
    switch steps[index].y {
    case .kept(let y): y + examples.lowerBound * steps[index].output.countPerExample
    case .recomputed(let offset): memory.recomputed + offset * microBatch
    case .passing: nil
    }
  }
}
