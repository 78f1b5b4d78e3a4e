import Tensors

/// The forward pass of a network, from its first unit to its last (lecture row L2).
extension Executor {
  /// Computes the outputs of the first `count` examples of ``input``.
  ///
  /// - `randomKey`: the key of the pass's random numbers. Networks with dropout need it in
  ///   training.
  /// - Returns: `[count, …]`, valid until the next call.
  public func forward(count: Int, randomKey: RandomKey? = nil) -> Tensor {
    precondition(count > 0 && count <= capacity, "\(count) examples of \(capacity)")
    context.reserveScratch(plan.scratch.count)
    let units = plan.units
    defer { isPrepared = hasFixedParameters }
    if let statistics = units.first?.statistics {
      accumulate(input.examples(0..<count), by: statistics)
    }
    for (index, unit) in units.enumerated() {
      // The statistics of the next unit are accumulated while its input is in the cache.
      let next = index + 1 < units.count ? units[index + 1].statistics : nil
      switch unit {
      case .run(let run):
        forward(run, count: count, randomKey: randomKey, accumulatedBy: next)
      case .batch(let step):
        if let layer = step.layer as? any StreamingLayer {
          forward(step, layer, count: count, randomKey: randomKey, accumulatedBy: next)
        } else {
          forward(step, count: count, accumulatedBy: next)
        }
      }
    }
    let output = units.last?.output ?? input
    return Tensor(network.outputShape.with(examples: count), at: output.base)
  }

  /// Computes the statistics of a layer over its whole input.
  private func accumulate(_ x: Tensor, by statistics: any StatisticsLayer) {
    forEachChunk(of: 1, among: x.shape[0]) { lane in
      statistics.beginStatistics(in: lane)
    } do: { examples, lane, _ in
      statistics.accumulateStatistics(x.examples(examples), in: lane)
    }
    statistics.completeStatistics(x.shape[0], of: x.shape, in: context)
  }

  // MARK: Units

  private func forward(
    _ run: ExampleRun, count: Int, randomKey: RandomKey?,
    accumulatedBy next: (any StatisticsLayer)?
  ) {
    guard let input = run.input, let output = run.output else {
      preconditionFailure("a unit's input and output are stored")
    }
    if !isPrepared { run.prepareForward(training: plan.training, in: context) }
    forEachChunk(of: run.chunkSize, among: count) { lane in
      next?.beginStatistics(in: lane)
    } do: { examples, lane, memory in
      let lane = Lane(
        index: lane.index, on: lane.worker, randomKey: randomKey?.advanced(by: examples.lowerBound))
      run.forward(examples, from: input.examples(examples).base, in: lane, memory)
      next?.accumulateStatistics(output.examples(examples), in: lane)
    }
    next?.completeStatistics(count, of: output.shape, in: context)
  }

  private func forward(
    _ step: BatchStep, count: Int, accumulatedBy next: (any StatisticsLayer)?
  ) {
    let y = step.output.examples(0..<count)
    step.layer.forward(
      Tensor(step.layerInput.with(examples: count), at: step.input.base), into: y,
      sharedScratch: step.sharedScratch, in: context)
    if let next { accumulate(y, by: next) }
  }

  /// Runs a streaming layer. The threads share lanes. If a lane has fewer examples than the layer
  /// needs per call, they share groups of examples instead.
  private func forward(
    _ step: BatchStep, _ layer: any StreamingLayer, count: Int, randomKey: RandomKey?,
    accumulatedBy next: (any StatisticsLayer)?
  ) {
    if !isPrepared {
      step.prologue?.prepareForward(training: plan.training, in: context)
      step.epilogue?.prepareForward(training: plan.training, in: context)
      layer.prepareForward(for: step.layerInput, training: plan.training, in: context)
    }
    let layerInput = step.layerInput.with(examples: count)
    let x = inputs(of: step, count: count)
    guard count >= Context.laneCount * layer.minimumExamples(for: layerInput) else {
      layer.forEachGroup(of: layerInput, in: context) { group in
        layer.forward(
          x, group.examples, into: outputs(of: step, on: group.worker), in: group.worker
        ) { example, y in
          _ = output(of: step, example, from: y, randomKey, on: group.worker)
        }
      }
      if let next { accumulate(step.output.examples(0..<count), by: next) }
      return
    }
    forEachLane { index, worker in
      let lane = Lane(index: index, worker: worker, of: context)
      next?.beginStatistics(in: lane)
      layer.forward(
        x, Context.examples(ofLane: index, among: count), into: outputs(of: step, on: lane.worker),
        in: lane.worker
      ) { example, y in
        let output = output(of: step, example, from: y, randomKey, on: lane.worker)
        next?.accumulateStatistics(output, in: lane)
      }
    }
    next?.completeStatistics(count, of: step.output.shape, in: context)
  }

  // MARK: The neighbors of a streaming layer

  /// The inputs of a step's layer: stored, or computed by its prologue as they are read.
  func inputs(of step: BatchStep, count: Int) -> Examples {
    guard let prologue = step.prologue else {
      return Examples(of: Tensor(step.layerInput.with(examples: count), at: step.input.base))
    }
    return Examples { [self] example, worker in
      let examples = example..<example + 1
      return UnsafePointer(
        prologue.forward(
          examples, from: step.input.examples(examples).base, in: Lane(index: nil, on: worker),
          memory(ofThread: worker.index)))
    }
  }

  /// The memory that a thread writes the layer's own outputs to.
  private func outputs(of step: BatchStep, on worker: Worker) -> Outputs {
    switch step.y {
    case .stored(let y): Outputs(y)
    case .ring(let count):
      Outputs(
        ring: count, at: memory(ofThread: worker.index).streamed,
        countPerExample: step.layerOutput.countPerExample)
    }
  }

  /// The output of the step's epilogue for one example, given the layer's own output `y`.
  private func output(
    of step: BatchStep, _ example: Int, from y: UnsafeMutablePointer<Float>,
    _ randomKey: RandomKey?, on worker: Worker
  ) -> Tensor {
    guard let epilogue = step.epilogue else {
      return Tensor(step.layerOutput.with(examples: 1), at: y)
    }
    let examples = example..<example + 1
    let lane = Lane(index: nil, on: worker, randomKey: randomKey?.advanced(by: example))
    epilogue.forward(examples, from: y, in: lane, memory(ofThread: worker.index))
    return step.output.examples(examples)
  }
}
