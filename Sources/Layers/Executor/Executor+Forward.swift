import Tensors

/// The forward pass of a network, from its first unit to its last (lecture row L2).
extension Executor {
  /// Computes the outputs of the first `count` examples of ``input``.
  ///
  /// Where several processes share a batch, `count` is the number of examples of the batch; ``input`` holds
  /// those of this process, `LaneShare.examples(among:)`, and the outputs are theirs.
  ///
  /// - `randomKey`: the key of the pass's random numbers, from the first example of the batch on. Networks
  ///   with dropout need it in training.
  /// - Returns: `[count, …]`, valid until the next call.
  public func forward(count: Int, randomKey: RandomKey? = nil) -> Tensor {
    precondition(count > 0 && count <= capacity, "\(count) examples of \(capacity)")
    context.reserveScratch(plan.scratch.count)
    let units = plan.units
    let own = share.examples(among: count)
    let randomKey = randomKey?.advanced(by: own.lowerBound)
    defer { isPrepared = hasFixedParameters }
    if let statistics = units.first?.statistics {
      accumulate(input, count: count, by: statistics)
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
    return Tensor(network.outputShape.with(examples: own.count), at: output.base)
  }

  /// Computes the statistics of a layer over its whole input.
  private func accumulate(_ x: Tensor, count: Int, by statistics: any StatisticsLayer) {
    forEachChunk(of: 1, among: count) { lane in
      statistics.beginStatistics(in: lane)
    } do: { examples, lane, _ in
      statistics.accumulateStatistics(x.examples(examples), in: lane)
    }
    complete(statistics, count: count, of: x.shape)
  }

  /// Completes the statistics of a layer over `count` examples.
  private func complete(_ statistics: any StatisticsLayer, count: Int, of input: Shape) {
    gather(statistics)
    statistics.completeStatistics(count, of: input, in: context)
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
    if !plan.training, !context.leavesThreadsIdle(count) {
      return forEachGroup(of: run.chunkSize, among: count) { examples, worker in
        run.forward(
          examples, from: input.examples(examples).base,
          in: Lane(index: nil, on: worker, firstExample: examples.lowerBound),
          memory(ofThread: worker.index))
      }
    }
    forEachChunk(of: run.chunkSize, among: count) { lane in
      next?.beginStatistics(in: lane)
    } do: { examples, lane, memory in
      let first = examples.lowerBound
      let lane = lane.at(first, randomKey: randomKey?.advanced(by: first))
      run.forward(examples, from: input.examples(examples).base, in: lane, memory)
      next?.accumulateStatistics(output.examples(examples), in: lane)
    }
    if let next { complete(next, count: count, of: output.shape) }
  }

  private func forward(
    _ step: BatchStep, count: Int, accumulatedBy next: (any StatisticsLayer)?
  ) {
    let own = share.examples(among: count).count
    let x = Tensor(step.layerInput.with(examples: own), at: step.input.base)
    let y = step.output.examples(0..<own)
    if case .gathering(let exchange) = step.exchange {
      exchange.forward(x, into: y, count: count, sharedScratch: step.sharedScratch, in: context)
    } else {
      step.layer.forward(x, into: y, sharedScratch: step.sharedScratch, in: context)
    }
    if let next { accumulate(step.output, count: count, by: next) }
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
    let own = share.examples(among: count).count
    let layerInput = step.layerInput.with(examples: own)
    let x = inputs(of: step, count: own)
    guard own >= share.lanes.count * layer.minimumExamples(for: layerInput) else {
      layer.forEachGroup(of: layerInput, in: context) { group in
        layer.forward(
          x, group.examples, into: outputs(of: step, on: group.worker), in: group.worker
        ) { example, y in
          _ = output(of: step, example, from: y, randomKey, on: group.worker)
        }
      }
      if let next { accumulate(step.output, count: count, by: next) }
      return
    }
    forEachLane(among: count) { index, worker in
      let lane = Lane(index: index, worker: worker, of: context)
      next?.beginStatistics(in: lane)
      layer.forward(
        x, share.examples(ofLane: index, among: count), into: outputs(of: step, on: lane.worker),
        in: lane.worker
      ) { example, y in
        let output = output(of: step, example, from: y, randomKey, on: lane.worker)
        next?.accumulateStatistics(output, in: lane)
      }
    }
    if let next { complete(next, count: count, of: step.output.shape) }
  }

  // MARK: The neighbors of a streaming layer

  /// The inputs of a step's layer, for `count` examples of this process: stored, or computed by its
  /// prologue as they are read.
  func inputs(of step: BatchStep, count: Int) -> Examples {
    guard let prologue = step.prologue else {
      return Examples(of: Tensor(step.layerInput.with(examples: count), at: step.input.base))
    }
    return Examples { [self] example, worker in
      let examples = example..<example + 1
      return UnsafePointer(
        prologue.forward(
          examples, from: step.input.examples(examples).base,
          in: Lane(index: nil, on: worker, firstExample: example),
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
    let lane = Lane(
      index: nil, on: worker, randomKey: randomKey?.advanced(by: example), firstExample: example)
    epilogue.forward(examples, from: y, in: lane, memory(ofThread: worker.index))
    return step.output.examples(examples)
  }
}
