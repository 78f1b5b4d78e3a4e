import Tensors

/// The passes of a ``StreamingLayer`` with the layers around it that compute an example at a time: its
/// source, when it reads an input, and its sink, when it hands on an output or reads its gradient.
extension Executor {
  func forward(
    _ step: ExecutionPlan.BatchStep, _ layer: any StreamingLayer,
    from x: UnsafeMutablePointer<Float>, count: Int, randomKey: RandomKey?,
    observedBy next: (any StatisticsLayer)?
  ) {
    step.source?.prepareForward(training: training, in: context)
    step.sink?.prepareForward(training: training, in: context)
    layer.prepareForward(for: step.input, training: training, in: context)
    let input = step.input.with(examples: count)
    let x = inputs(of: step, count: count, at: x)
    guard count >= Context.laneCount * layer.examplesTogether(of: input) else {
      layer.forEachGroup(of: input, in: context) { examples, lane in
        layer.forward(x, examples, into: outputs(of: step, in: lane), in: lane) { example, y in
          _ = passThroughSink(example, y, of: step, randomKey, in: lane)
        }
      }
      if let next { observe(step.output(count), by: next) }
      return
    }
    runLanes { index, worker in
      let lane = Lane(index: index, worker: worker, of: context)
      next?.beginObserving(in: lane)
      layer.forward(
        x, Context.examples(ofLane: index, among: count), into: outputs(of: step, in: lane),
        in: lane
      ) { example, y in
        let output = passThroughSink(example, y, of: step, randomKey, in: lane)
        next?.observe(output, in: lane)
      }
    }
    next?.endObserving(count, of: step.output(count).shape, in: context)
  }

  /// An example's outputs behind the step's sink, if there is one.
  private func passThroughSink(
    _ example: Int, _ y: UnsafeMutablePointer<Float>, of step: ExecutionPlan.BatchStep,
    _ randomKey: RandomKey?, in lane: Lane
  ) -> Tensor {
    guard let sink = step.sink else { return Tensor(step.layerOutput.with(examples: 1), at: y) }
    let lane = Lane(
      index: lane.index, worker: lane.worker, of: context,
      randomKey: randomKey?.advanced(by: example))
    sink.forward(example..<example + 1, from: y, in: lane, memory(ofThread: lane.worker))
    return sink.output(example..<example + 1)
  }

  /// Where the layer's own outputs go.
  private func outputs(of step: ExecutionPlan.BatchStep, in lane: Lane) -> Outputs {
    switch step.y {
    case .kept(let y): Outputs(Tensor(step.layerOutput, at: y))
    case .inTurn(let count):
      Outputs(
        inTurn: count, at: memory(ofThread: lane.worker).streamed,
        countPerExample: step.layerOutput.countPerExample)
    }
  }

  /// The inputs of a layer: those at `x`, or what its source makes of them, computed as they are asked
  /// for.
  func inputs(
    of step: ExecutionPlan.BatchStep, count: Int, at x: UnsafeMutablePointer<Float>
  ) -> Examples {
    guard let run = step.source else {
      return Examples(of: Tensor(step.input.with(examples: count), at: x))
    }
    let inputCount = run.steps[0].input.countPerExample
    return Examples { [self] example, lane in
      UnsafePointer(
        run.forward(
          example..<example + 1, from: x + example * inputCount, in: lane,
          memory(ofThread: lane.worker)))
    }
  }

  /// The gradients by the outputs of a step's layer: those at `dy`, or what the sink and the layer behind
  /// make of them, computed as they are asked for.
  func gradients(
    of step: ExecutionPlan.BatchStep, count: Int, from dy: UnsafeMutablePointer<Float>,
    _ completion: Completion?
  ) -> Examples {
    let output = step.output(count)
    guard completion != nil || step.sink != nil else {
      return Examples(of: Tensor(output.shape, at: dy))
    }
    return Examples { [self] example, lane in
      var memory = memory(ofThread: lane.worker)
      let examples = example..<example + 1
      var gradient = dy + example * output.shape.countPerExample
      if let completion {
        gradient = step.sink == nil ? memory.streamed : memory.next()
        completion.backward(
          examples, from: dy, to: gradient, input: output.examples(examples), in: lane, memory)
      }
      guard let sink = step.sink else { return UnsafePointer(gradient) }
      sink.backward(
        examples, from: gradient, to: memory.streamed, input: step.place(of: example),
        in: lane, memory)
      return UnsafePointer(memory.streamed)
    }
  }
}
