import Tensors

/// Divides a network's layers into units, and allocates memory for their activations.
struct UnitBuilder {
  let capacity: Int
  let training: Bool
  let chunkBytes: Int
  let streams: Bool
  let arena: Arena
  /// The processes that share a batch; nil for one process.
  let sharing: BatchSharing?
  /// With shared memory, the distance of two processes' shared scratch in floats.
  private var scratchStride = 0

  private(set) var scratch = ThreadMemory.Layout()
  /// The size of the largest gradient that is stored for the whole batch, in elements.
  private(set) var gradientCount = 0
  /// The saved state of residual blocks whose end is not planned yet.
  private var openBlocks: [(saved: UnsafeMutablePointer<UInt8>, bytes: Int)] = []

  init(
    capacity: Int, training: Bool, chunkBytes: Int, streams: Bool, arena: Arena,
    sharing: BatchSharing? = nil
  ) {
    self.sharing = sharing
    self.capacity = capacity
    self.training = training
    self.chunkBytes = chunkBytes
    self.streams = streams
    self.arena = arena
  }

  mutating func units(
    of layers: [PlannedLayer], input: Tensor, threads: Int
  ) -> [ExecutionPlan.Unit] {
    let sharedScratch = sharedScratch(for: layers, threads: threads)
    var units: [ExecutionPlan.Unit] = []
    var input = input
    var prologue: ExampleRun?
    var rest = layers[...]
    while let first = rest.first {
      let group = Self.takeUnit(from: &rest)
      if let layer = first.batchLayer {
        let step = makeStep(
          first, layer, input: input, prologue: prologue, before: &rest, sharedScratch)
        prologue = nil
        input = step.output
        units.append(.batch(step))
      } else if isPrologue(group, before: rest) {
        prologue = makeRun(group, input: input, isPrologue: true)
      } else {
        let unit = ExecutionPlan.Unit.run(makeRun(group, input: input))
        input = unit.output
        units.append(unit)
      }
    }
    scratch.layers = ThreadMemory.Layout.padded(scratch.layers)
    return units
  }

  /// The shared scratch of this process. With shared memory the processes see each other's.
  private mutating func sharedScratch(
    for layers: [PlannedLayer], threads: Int
  ) -> UnsafeMutablePointer<Float> {
    let count = sharedScratchCount(for: layers, threads: threads)
    guard let sharing, sharing.group.shared != nil else { return arena.floats(count) }
    scratchStride = Arena.alignedCount(count) + ChainExchange.trailer
    return sharing.memory.floats(sharing.group.count * scratchStride)
      + sharing.group.rank * scratchStride
  }

  /// Layers of the whole batch run one after the other, so they share one memory.
  private func sharedScratchCount(for layers: [PlannedLayer], threads: Int) -> Int {
    layers.reduce(0) { most, planned in
      guard let layer = planned.batchLayer else { return most }
      // With several processes a convolution holds the points of all its examples.
      return max(
        most,
        layer.sharedScratchCount(
          for: scratchShape(of: planned, layer),
          threads: sharing == nil ? threads : capacity))
    }
  }

  /// The input by which a layer of the whole batch reserves scratch memory: a layer that gathers has the
  /// examples of all processes.
  private func scratchShape(of planned: PlannedLayer, _ layer: any BatchLayer) -> Shape {
    planned.input.with(
      examples: layer is any GatheringLayer ? sharing?.capacity ?? capacity : capacity)
  }

  // MARK: Units

  /// Removes the layers of the next unit from the beginning of `rest`, and returns them.
  private static func takeUnit(from rest: inout ArraySlice<PlannedLayer>) -> [PlannedLayer] {
    let end = rest.firstIndex { $0.endsUnit }.map { $0 + 1 } ?? rest.endIndex
    defer { rest = rest[end...] }
    return Array(rest[..<end])
  }

  /// True if these layers are the prologue of the layer at the beginning of `rest`.
  private func isPrologue(_ group: [PlannedLayer], before rest: ArraySlice<PlannedLayer>) -> Bool {
    streams && rest.first?.batchLayer is any StreamingLayer && group.allSatisfy(\.canBePrologue)
  }

  /// True if these layers, behind a ``StreamingLayer``, are its epilogue.
  private func isEpilogue(_ group: [PlannedLayer], before rest: ArraySlice<PlannedLayer>) -> Bool {
    guard streams, let first = group.first else { return false }
    return !(training && first.layer is any StatisticsLayer) && group.allSatisfy(\.canBeEpilogue)
      && !isPrologue(group, before: rest)
  }

  /// - Parameter rest: the layers behind. The epilogue is removed from them.
  private mutating func makeStep(
    _ planned: PlannedLayer, _ layer: any BatchLayer, input: Tensor, prologue: ExampleRun?,
    before rest: inout ArraySlice<PlannedLayer>, _ sharedScratch: UnsafeMutablePointer<Float>
  ) -> BatchStep {
    let layerInput = planned.input.with(examples: capacity)
    let layerOutput = planned.output.with(examples: capacity)
    scratch.layers = max(
      scratch.layers, layer.scratchCount(for: scratchShape(of: planned, layer)))

    let streaming = layer as? any StreamingLayer
    var behind = rest
    let group = Self.takeUnit(from: &behind)
    let hasEpilogue = streaming != nil && isEpilogue(group, before: behind)
    var ring: Int?
    if let streaming, hasEpilogue, !planned.isReadByBackward {
      ring = min(streaming.maximumIncompleteOutputs(for: layerInput), capacity)
    }
    let y = ring.map { BatchStep.Output.ring(examples: $0) } ?? .stored(arena.tensor(layerOutput))
    var epilogue: ExampleRun?
    if hasEpilogue {
      rest = behind
      var stored: Tensor?
      if case .stored(let y) = y { stored = y }
      epilogue = makeRun(
        group, input: stored, givesStoredGradient: !(streaming?.streamsGradient ?? false))
    }
    let streamed = max(ring ?? 0, training && streaming?.streamsGradient == true ? 1 : 0)
    scratch.streamed = max(
      scratch.streamed, ThreadMemory.Layout.padded(streamed * layerOutput.countPerExample))
    gradientCount = max(
      gradientCount, layerInput.count, epilogue?.outputShape.count ?? layerOutput.count)
    return BatchStep(
      layer: layer, prologue: prologue, epilogue: epilogue, input: input, layerInput: layerInput,
      layerOutput: layerOutput, needsInputGradient: planned.needsInputGradient, y: y,
      sharedScratch: sharedScratch, exchange: exchange(of: layer))
  }

  private func exchange(of layer: any BatchLayer) -> BatchStep.Exchange? {
    guard training, layer.isTrained, let sharing else { return nil }
    if let layer = layer as? any GatheringLayer {
      return .gathering(GatheringExchange(of: layer, among: sharing))
    }
    if let layer = layer as? Convolution2D {
      return .chain(
        ChainExchange(
          weight: layer.weight, bias: layer.bias, among: sharing, scratchStride: scratchStride))
    }
    preconditionFailure("\(layer.name): several processes cannot share its batch")
  }

  // MARK: Runs

  /// - Parameters:
  ///   - input: nil if it is not stored. A view may have changed its shape.
  ///   - givesStoredGradient: true if the gradient that the run gives is stored for the whole
  ///     batch.
  private mutating func makeRun(
    _ layers: [PlannedLayer], input: Tensor?, isPrologue: Bool = false,
    givesStoredGradient: Bool = true
  ) -> ExampleRun {
    var steps: [ExampleRun.Step] = []
    /// The size of the recomputed outputs so far, in floats per example.
    var recomputed = 0
    let storage = ActivationStorage.assign(
      to: layers, isPrologue: isPrologue, hasInput: input != nil)
    for (planned, storage) in zip(layers, storage) {
      let output = planned.output.with(examples: capacity)
      let y: ExampleRun.Output
      switch storage {
      case .stored: y = .stored(arena.tensor(output))
      case .passing: y = .passing
      case .passingInPlace: y = .passingInPlace
      case .recomputed:
        y = .recomputed(offset: recomputed)
        recomputed += output.countPerExample
      case .recomputedInPlace: y = .recomputedInPlace(offset: recomputed - output.countPerExample)
      }
      steps.append(makeStep(planned, y))
    }
    // Evaluation reads no activation again behind the next layer.
    let activations =
      training
      ? layers.reduce(layers[0].input.count) { $0 + $1.output.count }
      : layers.map { $0.input.count + $0.output.count }.max()!
    let fitting = chunkBytes / (activations * MemoryLayout<Float>.stride)
    let chunkSize = min(max(1, fitting), capacity)
    let largest = layers.map { max($0.input.count, $0.output.count) }.max() ?? 0
    scratch.activations = max(
      scratch.activations, ThreadMemory.Layout.padded(largest * chunkSize))
    scratch.recomputed = max(
      scratch.recomputed, ThreadMemory.Layout.padded(recomputed * chunkSize))
    let run = ExampleRun(
      input: input.map { Tensor(steps[0].input, at: $0.base) }, steps: steps,
      chunkSize: chunkSize,
      statistics: training ? steps[0].layer as? any StatisticsLayer : nil,
      chains: fitting > 0 ? steps.map { _ in 0 } : ExampleRun.chains(of: steps),
      exchange: sharing.flatMap { sharing in
        LaneSumExchange(of: training ? steps.flatMap(\.parameters) : [], among: sharing)
      })
    if givesStoredGradient {
      gradientCount = max(gradientCount, run.gradientShape.count, run.outputShape.count)
    }
    return run
  }

  private mutating func makeStep(
    _ planned: PlannedLayer, _ y: ExampleRun.Output
  ) -> ExampleRun.Step {
    guard let layer = planned.layer as? any ExampleLayer else {
      preconditionFailure("\(planned.layer.name) conforms to no protocol that can be executed")
    }
    let input = planned.input.with(examples: capacity)
    scratch.layers = max(scratch.layers, layer.scratchCount(for: input))
    let parameters =
      layer is any StatisticsLayer ? [] : layer.parameters.filter(\.isTrained)
    if training { for parameter in parameters { parameter.prepareLanes() } }
    let (saved, savedBytes) = takeSavedState(of: layer, input)
    return ExampleRun.Step(
      layer: layer, input: input, output: planned.output.with(examples: capacity),
      needsInputGradient: planned.needsInputGradient, parameters: parameters, y: y, saved: saved,
      savedBytes: savedBytes, rows: Self.rowLayer(layer, input))
  }

  /// The layer, if it computes rows of images by themselves.
  private static func rowLayer(_ layer: any ExampleLayer, _ input: Shape) -> (any RowLayer)? {
    guard let layer = layer as? any RowLayer, input.rank == 4, layer.dividesRows(of: input)
    else { return nil }
    return layer
  }

  /// Both ends of a residual block share their saved state, in evaluation too.
  private mutating func takeSavedState(
    of layer: any ExampleLayer, _ input: Shape
  ) -> (saved: UnsafeMutablePointer<UInt8>?, bytes: Int) {
    if layer.residualEnd == .sum {
      guard let block = openBlocks.popLast() else {
        preconditionFailure("\(layer.name): a sum without its branch")
      }
      return block
    }
    let isBranch = layer.residualEnd == .branch
    let bytes = training || isBranch ? layer.savedStateBytes(for: input) : 0
    guard bytes > 0 else { return (nil, 0) }
    let saved = arena.bytes(bytes * capacity)
    if isBranch { openBlocks.append((saved, bytes)) }
    return (saved, bytes)
  }
}
