import Tensors

/// The backward pass of a network, from its last layer to its first (lecture row L2).
extension Executor {
  /// The gradient of the loss with respect to the outputs, `[count, …]`. The caller fills it before
  /// ``backward(count:)``, where several processes share a batch for the examples of this process.
  public func outputGradient(count: Int) -> Tensor {
    Tensor(
      network.outputShape.with(examples: share.examples(among: count).count),
      at: plan.outputGradient.base)
  }

  /// Adds the gradients of all parameters, for the examples of the last ``forward(count:randomKey:)``.
  public func backward(count: Int) {
    precondition(plan.training, "an executor for evaluation has no backward pass")
    for step in plan.backwardSteps {
      switch step {
      case .run(let run, let dy, let dx): backward(run, dy, into: dx, count: count)
      case .store(let dy, let dx): store(dy, into: dx, count: count)
      case .layer(let step, let dy, let dx): backward(step, dy, into: dx, count: count)
      }
    }
    finishExchanges()
  }

  /// The backward pass of a run's layers. For a batch normalization at the start of the run it only
  /// computes the sums.
  private func backward(
    _ run: ExampleRun, _ source: GradientSource, into destination: Tensor?, count: Int
  ) {
    run.prepareBackward(in: context)
    forEachChunk(of: run.chunkSize, among: count) { lane in
      run.statistics?.beginGradientStatistics(in: lane)
      run.beginBackward(in: lane)
    } do: { examples, lane, memory in
      var memory = memory
      let destination = destination?.examples(examples).base
      // Without backward layers, the source computes directly into the destination.
      let target = run.backwardLayers.isEmpty ? destination : nil
      let dy = source.read(examples, into: target, in: lane, &memory)
      // The sums need the gradient even if it is not stored.
      let dx = destination ?? (run.givesGradient ? memory.next() : nil)
      let result = run.backward(examples, from: dy, to: dx, in: lane, memory)
      if let statistics = run.statistics, let x = run.input?.examples(examples), let result {
        statistics.accumulateGradientStatistics(
          Tensor(x.shape, at: result), of: Pass(x: x, y: nil), in: lane)
      }
    } after: { lane in
      run.endBackward(in: lane)
    }
    run.addLanes(occupied: Context.occupiedLanes(among: count), in: context)
    if let statistics = run.statistics {
      gather(statistics)
      statistics.completeGradientStatistics(
        count, of: run.steps[0].input, addsGradients: addsSharedGradients, in: context)
    }
  }

  /// Stores gradients that are computed as they are read.
  private func store(_ source: GradientSource, into dx: Tensor, count: Int) {
    source.prepare(in: context)
    forEachChunk(of: 1, among: count) { examples, lane, memory in
      var memory = memory
      _ = source.read(examples, into: dx.examples(examples).base, in: lane, &memory)
    }
  }

  /// The backward pass of a layer of the whole batch, which reads its inputs through the prologue.
  private func backward(
    _ step: BatchStep, _ source: GradientSource, into dx: Tensor?, count: Int
  ) {
    let own = share.examples(among: count).count
    let dx = dx?.examples(0..<own)
    if let layer = step.layer as? any StreamingLayer {
      step.prologue?.prepareBackward(in: context)
      source.prepare(in: context)
      var exchange: ChainExchange?
      if case .chain(let chain) = step.exchange { exchange = chain }
      layer.backward(
        gradients(source, count: own), into: dx?.base, from: inputs(of: step, count: own),
        of: step.layerInput.with(examples: own), sharedScratch: step.sharedScratch,
        exchange: exchange, batch: count, in: context)
    } else {
      guard case .stored(let dy) = source else {
        preconditionFailure("\(step.layer.name): the plan stores its gradient")
      }
      let layer = step.layer
      if case .gathering(let exchange) = step.exchange {
        exchange.backward(
          dy.examples(0..<own), into: dx, count: count, sharedScratch: step.sharedScratch,
          in: context)
        return beginWithLastLane()
      }
      let x = Tensor(step.layerInput.with(examples: own), at: step.input.base)
      layer.backward(
        dy.examples(0..<own), into: dx,
        of: Pass(
          x: layer.backwardReadsInput ? x : nil,
          y: layer.backwardReadsOutput ? step.storedOutput?.examples(0..<own) : nil),
        sharedScratch: step.sharedScratch, in: context)
    }
    beginWithLastLane()
  }

  /// The gradients with respect to a streaming layer's outputs: stored, or computed as they are
  /// read.
  private func gradients(_ source: GradientSource, count: Int) -> Examples {
    if case .stored(let dy) = source { return Examples(of: dy.examples(0..<count)) }
    return Examples { [self] example, worker in
      var memory = memory(ofThread: worker.index)
      return UnsafePointer(
        source.read(
          example..<example + 1, into: memory.streamed,
          in: Lane(index: nil, on: worker, firstExample: example), &memory))
    }
  }
}
