import Tensors

/// The backward pass of a network, from its last layer to its first (lecture row L2).
extension Executor {
  /// Where the caller puts the loss's gradient by the outputs, `[count, …]`, before ``backward``.
  public func outputGradient(count: Int) -> Tensor {
    Tensor(network.outputShape.with(examples: count), at: gradients.0)
  }

  /// Adds the gradients of all parameters for the examples of the last ``forward(count:)``.
  public func backward(count: Int) {
    precondition(training, "an executor for evaluation has no backward pass")
    var passing = Gradients(dy: gradients.0, spare: gradients.1)
    var completion: Completion?
    for index in plan.units.indices.reversed() {
      let unit = plan.units[index]
      guard unit.hasBackward else { return }
      let x = index == 0 ? input.base : plan.units[index - 1].output
      switch unit {
      case .batch(let step):
        backward(step, count: count, &passing, input: x, completion)
        completion = nil
        if let source = step.source, step.needsInputGradient {
          completion = backward(source, count: count, &passing, input: x, nil)
        }
      case .examples(let run):
        completion = backward(run, count: count, &passing, input: x, completion)
      }
    }
  }

  /// The gradient that passes between units, and where the next one goes.
  private struct Gradients {
    var dy: UnsafeMutablePointer<Float>
    var spare: UnsafeMutablePointer<Float>

    mutating func advance() { swap(&dy, &spare) }
  }

  /// The backward pass of a layer whose sums are complete, which comes first in the next unit.
  struct Completion {
    let layer: any StatisticsLayer
    /// The layers behind it, if their backward pass has to be repeated.
    let run: ExampleRun?

    /// Sets `dx`, the gradients of some examples by the layer's inputs `x`, which begin there, from
    /// those of all examples at `dy`.
    func backward(
      _ examples: Range<Int>, from dy: UnsafeMutablePointer<Float>,
      to dx: UnsafeMutablePointer<Float>,
      input x: Tensor, in lane: Lane, _ memory: ExampleRun.ThreadMemory
    ) {
      var byOutput = dy
      if let run {
        let output = run.outputShape
        run.backward(
          examples, from: dy + examples.lowerBound * output.countPerExample, to: dx, input: x.base,
          in: lane, memory)
        byOutput = dx
      } else {
        byOutput += examples.lowerBound * x.shape.countPerExample
      }
      layer.backward(
        Tensor(x.shape, at: byOutput), into: Tensor(x.shape, at: dx), of: Pass(x: x, y: x), in: lane
      )
    }
  }

  // MARK: A layer of the whole batch

  private func backward(
    _ step: ExecutionPlan.BatchStep, count: Int, _ passing: inout Gradients,
    input x: UnsafeMutablePointer<Float>, _ completion: Completion?
  ) {
    let streaming = step.layer as? any StreamingLayer
    let streamsGradient = streaming?.streamsGradient ?? false
    var completion = completion
    if let sink = step.sink, !streamsGradient {
      completion = backward(
        sink, count: count, &passing, input: step.place(of: 0), completion)
    }
    let y = Tensor(step.layerOutput.with(examples: count), at: step.place(of: 0))
    if let completion, !streamsGradient {
      forEachMicroBatch(of: 1, among: count) { [passing] examples, lane, memory in
        completion.backward(
          examples, from: passing.dy,
          to: passing.spare + examples.lowerBound * y.shape.countPerExample,
          input: y.examples(examples), in: lane, memory)
      }
      passing.advance()
    }
    let dy = Tensor(y.shape, at: passing.dy)
    let input = step.input.with(examples: count)
    let dx = step.needsInputGradient ? Tensor(input, at: passing.spare) : nil
    if let streaming {
      step.source?.prepareBackward(in: context)
      if streamsGradient { step.sink?.prepareBackward(in: context) }
      streaming.backward(
        streamsGradient
          ? gradients(of: step, count: count, from: dy.base, completion) : Examples(of: dy),
        into: dx?.base, from: inputs(of: step, count: count, at: x), of: input,
        workspace: step.workspace, in: context)
    } else {
      step.layer.backward(
        dy, into: dx, of: Pass(x: Tensor(input, at: x), y: y), workspace: step.workspace,
        in: context)
    }
    passing.advance()
    descends = true  // since layers of the whole batch begin with the first examples
  }

  // MARK: A run of examples

  /// - Returns: what the next unit has to begin with.
  private func backward(
    _ run: ExampleRun, count: Int, _ passing: inout Gradients,
    input x: UnsafeMutablePointer<Float>, _ completion: Completion?
  ) -> Completion? {
    run.prepareBackward(in: context)
    let input = run.steps[0].input
    let output = run.outputShape
    let changes = run.changesGradient || completion != nil
    let repeats = run.canRepeatBackward && completion == nil
    let from = passing.dy
    let to = run.givesGradient && changes ? passing.spare : passing.dy
    forEachMicroBatch(of: run.microBatch, among: count) { lane in
      run.statistics?.beginObservingGradient(in: lane)
      run.beginBackward(in: lane)
    } do: { examples, lane, memory in
      var memory = memory
      let x = x + examples.lowerBound * input.countPerExample
      let dx = repeats ? memory.next() : to + examples.lowerBound * run.gradientCount
      var dy = from + examples.lowerBound * output.countPerExample
      if let completion {
        dy = run.changesGradient ? memory.next() : dx
        completion.backward(
          examples, from: from, to: dy, input: run.output(examples), in: lane, memory)
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
    if changes && !repeats { passing.advance() }
    return run.statistics.map { Completion(layer: $0, run: repeats ? run : nil) }
  }
}
