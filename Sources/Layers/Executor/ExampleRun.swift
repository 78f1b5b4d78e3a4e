import Tensors

/// Consecutive layers that compute each example independently.
///
/// One thread passes a chunk, a few examples, through all of the layers, forward or backward,
/// while their activations are in its cache.
struct ExampleRun {
  /// One layer of the run.
  struct Step {
    let layer: any ExampleLayer
    /// The shapes for the whole capacity.
    let input: Shape
    let output: Shape
    /// True if the backward pass must give the gradient with respect to the input.
    let needsInputGradient: Bool
    /// The parameters whose gradients each lane sums.
    let parameters: [Parameter]
    var y: Output
    /// The saved state of the whole batch, and its bytes per example.
    let saved: UnsafeMutablePointer<UInt8>?
    let savedBytes: Int
    /// The layer, if it computes rows of an example by themselves.
    let rows: (any RowLayer)?

    func savedState(of examples: Range<Int>) -> UnsafeMutablePointer<UInt8>? {
      saved.map { $0 + examples.lowerBound * savedBytes }
    }
  }

  /// The memory of a layer's output: an ``ActivationStorage`` with its place.
  enum Output {
    case stored(Tensor)
    case passing
    case passingInPlace
    /// In ``ThreadMemory/recomputed``, at this offset in floats per example of a chunk.
    case recomputed(offset: Int)
    case recomputedInPlace(offset: Int)
  }

  /// The input of the first layer, for the whole capacity. Nil if the run is an epilogue whose inputs are
  /// not stored.
  let input: Tensor?
  let steps: [Step]
  /// The maximum number of examples in a chunk.
  let chunkSize: Int
  /// The first layer, if it needs sums over the batch, in training. Its forward pass is part of
  /// this run; its backward pass is part of the unit before
  /// (``GradientSource/throughNormalization``).
  let statistics: (any StatisticsLayer)?
  /// For each step, the number of steps that the rows of a large example go through together, from this step on; 0 for
  /// examples that fit the cache.
  let chains: [Int]
  /// Adds the gradients of several processes; nil if there is one process, or nothing to add.
  let exchange: LaneSumExchange?

  /// The steps whose backward pass is part of this run.
  var backwardLayers: Range<Int> { (statistics == nil ? 0 : 1)..<steps.count }

  /// True if the backward pass gives a gradient. It is the gradient with respect to the run's
  /// input, or with ``statistics`` the gradient with respect to the output of that layer.
  var givesGradient: Bool { statistics != nil || steps[0].needsInputGradient }

  /// The shape of that gradient, for the whole capacity.
  var gradientShape: Shape { statistics == nil ? steps[0].input : steps[0].output }

  /// The shape of the run's output, for the whole capacity.
  var outputShape: Shape { steps[steps.count - 1].output }

  /// The run's output, for the whole capacity; nil for a prologue, whose output is not stored.
  var output: Tensor? {
    if case .stored(let y) = steps[steps.count - 1].y { y } else { nil }
  }

  // MARK: Forward

  func prepareForward(training: Bool, in context: Context) {
    for step in steps {
      step.layer.prepareForward(for: step.input, training: training, in: context)
    }
  }

  /// Computes the outputs of some examples, whose inputs start at `x`.
  ///
  /// - Returns: the address of the outputs, in stored memory or in the thread's memory.
  @discardableResult
  func forward(
    _ examples: Range<Int>, from x: UnsafeMutablePointer<Float>, in lane: Lane,
    _ memory: ThreadMemory
  ) -> UnsafeMutablePointer<Float> {
    var memory = memory
    var x = x
    var index = 0
    let goesByRows = examples.count == 1 && lane.worker.threadCount == 1
    while index < steps.count {
      let count = goesByRows ? chains[index] : 0
      if count > 1 {
        x = forwardByRows(index..<index + count, examples, from: x, in: lane, &memory)
      } else {
        let y = steps[index].y(of: examples, from: x, &memory)
        steps[index].forward(x, into: y, of: examples, in: lane)
        x = y
      }
      index += max(1, count)
    }
    return x
  }

  // MARK: Backward

  func prepareBackward(in context: Context) {
    for step in steps {
      step.layer.prepareBackward(
        for: step.input, givesInputGradient: step.needsInputGradient, in: context)
    }
  }

  /// Starts a lane's sums of gradients.
  func beginBackward(in lane: Lane) {
    for step in steps[backwardLayers] {
      for parameter in step.parameters { parameter.zeroGradient(ofLane: lane.index) }
      step.layer.beginBackward(in: lane)
    }
  }

  /// Completes a lane's sums of gradients.
  func endBackward(in lane: Lane) {
    for step in steps[backwardLayers] { step.layer.endBackward(for: step.input, in: lane) }
  }

  /// Adds the lanes' gradients to those of the parameters. With several processes it starts the sum, and
  /// ``Executor/finishExchanges()`` completes it.
  ///
  /// - Parameter occupied: the lanes that have examples, a bit for each.
  func addLanes(occupied: UInt64, in context: Context) {
    if let exchange { return exchange.start(occupied: occupied, in: context) }
    for step in steps {
      for parameter in step.parameters { parameter.addLanes(occupied: occupied, in: context) }
    }
  }

  /// Computes the gradients of some examples with respect to the run's input, or with
  /// ``statistics`` with respect to the output of that layer.
  ///
  /// - Parameters:
  ///   - dy: the first of the examples' gradients with respect to the run's output.
  ///   - dx: the destination; nil if nobody reads the result.
  /// - Returns: the address of the result: `dx`, or `dy` if the run has no layers to go through.
  func backward(
    _ examples: Range<Int>, from dy: UnsafeMutablePointer<Float>,
    to dx: UnsafeMutablePointer<Float>?, in lane: Lane, _ memory: ThreadMemory
  ) -> UnsafeMutablePointer<Float>? {
    recompute(examples, in: lane, memory)
    var memory = memory
    var dy = dy
    for index in backwardLayers.reversed() {
      let step = steps[index]
      let target: UnsafeMutablePointer<Float>? =
        if index == backwardLayers.lowerBound {
          dx
        } else if !step.needsInputGradient {
          nil
        } else if step.layer.mayWorkInPlace && dy == memory.current {
          dy
        } else {
          memory.next()
        }
      step.backward(
        Tensor(step.output.with(examples: examples.count), at: dy),
        into: target.map { Tensor(step.input.with(examples: examples.count), at: $0) },
        of: Pass(
          x: step.layer.backwardReadsInput ? input(of: index, examples, memory) : nil,
          y: step.layer.backwardReadsOutput ? output(of: index, examples, memory) : nil,
          saved: step.savedState(of: examples)),
        in: lane)
      guard let target else { return nil }
      dy = target
    }
    return dy
  }

  /// Recomputes the outputs that the backward pass reads and that are not stored.
  private func recompute(_ examples: Range<Int>, in lane: Lane, _ memory: ThreadMemory) {
    for (index, step) in steps.enumerated() {
      switch step.y {
      case .stored, .passing, .passingInPlace: continue
      case .recomputed, .recomputedInPlace: break
      }
      guard let x = input(of: index, examples, memory), let y = output(of: index, examples, memory)
      else { preconditionFailure("\(step.layer.name): its input was not stored") }
      step.layer.forward(x, into: y, saved: nil, in: lane)
    }
  }

  /// The input of a step for these examples, as the backward pass reads it; nil if it is not
  /// stored.
  private func input(
    of index: Int, _ examples: Range<Int>, _ memory: ThreadMemory
  ) -> Tensor? {
    index == 0 ? input?.examples(examples) : output(of: index - 1, examples, memory)
  }

  /// The output of a step for these examples, as the backward pass reads it; nil if it is neither
  /// stored nor recomputed.
  private func output(
    of index: Int, _ examples: Range<Int>, _ memory: ThreadMemory
  ) -> Tensor? {
    switch steps[index].y {
    case .stored(let y): y.examples(examples)
    case .passing, .passingInPlace: nil
    case .recomputed(let offset), .recomputedInPlace(let offset):
      Tensor(
        steps[index].output.with(examples: examples.count),
        at: memory.recomputed + offset * chunkSize)
    }
  }
}
