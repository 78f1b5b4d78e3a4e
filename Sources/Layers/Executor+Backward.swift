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
    /// The layer whose backward pass, now that its sums are complete, comes first.
    var statistics: (any StatisticsLayer)?
    for index in plan.units.indices.reversed() {
      let unit = plan.units[index]
      guard unit.hasBackward else { return }
      let x = index == 0 ? input.base : plan.units[index - 1].output
      switch unit {
      case .batch(let step):
        backward(step, count: count, &passing, input: x, completing: statistics)
        if let source = step.source, step.needsInputGradient {
          backward(source, count: count, &passing, input: x, completing: nil)
        }
      case .examples(let run):
        backward(run, count: count, &passing, input: x, completing: statistics)
      }
      statistics = unit.statistics
    }
  }

  /// The gradient that passes between units, and where the next one goes.
  private struct Gradients {
    var dy: UnsafeMutablePointer<Float>
    var spare: UnsafeMutablePointer<Float>

    mutating func advance() { swap(&dy, &spare) }
  }

  // MARK: A layer of the whole batch

  /// - Parameter statistics: the layer behind this one, whose sums are complete and whose backward pass
  ///   comes first.
  private func backward(
    _ step: ExecutionPlan.BatchStep, count: Int, _ passing: inout Gradients,
    input x: UnsafeMutablePointer<Float>, completing statistics: (any StatisticsLayer)?
  ) {
    let y = Tensor(step.output.with(examples: count), at: step.y)
    let input = step.input.with(examples: count)
    let streaming = step.layer as? any StreamingLayer
    if let statistics, streaming?.streamsGradient != true {
      complete(
        statistics, Tensor(y.shape, at: passing.dy), into: Tensor(y.shape, at: passing.spare),
        from: y)
      passing.advance()
    }
    let dy = Tensor(y.shape, at: passing.dy)
    let dx = step.needsInputGradient ? Tensor(input, at: passing.spare) : nil
    if let streaming {
      step.source?.prepareBackward(in: context)
      streaming.backward(
        streaming.streamsGradient
          ? gradients(dy, from: y, completing: statistics) : Examples(of: dy),
        into: dx?.base,
        from: inputs(of: step, count: count, at: x), of: input, workspace: step.workspace,
        in: context)
    } else {
      step.layer.backward(
        dy, into: dx, of: Pass(x: Tensor(input, at: x), y: y), workspace: step.workspace,
        in: context)
    }
    passing.advance()
  }

  /// The gradients `dy`, behind the backward pass of a layer whose sums are complete.
  private func gradients(
    _ dy: Tensor, from x: Tensor, completing layer: (any StatisticsLayer)?
  ) -> Examples {
    guard let layer else { return Examples(of: dy) }
    return Examples { [self] example, lane in
      let x = x.examples(example..<example + 1)
      // The other block holds an input that is computed.
      let dx = memory(ofThread: lane.worker).other
      layer.backward(
        dy.examples(example..<example + 1), into: Tensor(x.shape, at: dx), of: Pass(x: x, y: x),
        in: lane)
      return UnsafePointer(dx)
    }
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

  // MARK: A run of examples

  private func backward(
    _ run: ExampleRun, count: Int, _ passing: inout Gradients,
    input x: UnsafeMutablePointer<Float>, completing statistics: (any StatisticsLayer)?
  ) {
    run.prepareBackward(in: context)
    let input = run.steps[0].input
    let output = run.steps[run.steps.count - 1].output
    let changes = run.changesGradient || statistics != nil
    let from = passing.dy
    let to = run.givesGradient && changes ? passing.spare : passing.dy
    forEachMicroBatch(of: run.microBatch, among: count) { lane in
      run.statistics?.beginObservingGradient(in: lane)
      run.beginBackward(in: lane)
    } do: { examples, lane, memory in
      var memory = memory
      let x = x + examples.lowerBound * input.countPerExample
      let dx = to + examples.lowerBound * run.gradientCount
      var dy = from + examples.lowerBound * output.countPerExample
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
    if changes { passing.advance() }
  }
}
