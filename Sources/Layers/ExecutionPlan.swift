import Tensors

/// How a network's layers are executed: which run together example by example, and where each
/// activation lies.
struct ExecutionPlan {
  /// A layer that takes the whole batch.
  struct BatchStep {
    let layer: any BatchLayer
    /// Cheap layers before it, whose outputs are not kept but computed whenever it reads one; only a
    /// ``StreamingLayer`` has them.
    let source: ExampleRun?
    /// For the whole capacity.
    let input: Shape
    let output: Shape
    /// Whether the backward pass must give the gradient by the input: there are parameters before.
    let needsInputGradient: Bool
    let y: UnsafeMutablePointer<Float>
    let workspace: UnsafeMutablePointer<Float>
  }

  enum Unit {
    case examples(ExampleRun)
    case batch(BatchStep)

    /// The shape that the unit gives, and where it is kept.
    var output: UnsafeMutablePointer<Float> {
      switch self {
      case .examples(let run): run.output(0..<1).base
      case .batch(let step): step.y
      }
    }

    /// The layer that must see the unit's whole input before the unit can start.
    var statistics: (any StatisticsLayer)? {
      switch self {
      case .examples(let run): run.statistics
      case .batch(let step): step.source?.statistics
      }
    }

    /// Whether the unit has anything to do in the backward pass.
    var hasBackward: Bool {
      switch self {
      case .examples(let run):
        run.givesGradient || run.steps.contains { $0.layer.isTrained }
      case .batch(let step): step.needsInputGradient || step.layer.isTrained
      }
    }
  }

  /// The activations that a thread holds at once should take up no more than this: a part of the
  /// second-level cache of any processor of the last ten years.
  static let microBatchBytes = 384 << 10

  private(set) var units: [Unit] = []
  /// Floats of scratch memory of a thread: what layers ask for, then two activations in turn, then
  /// those that are computed again.
  private(set) var layerScratch = 0
  private(set) var activationScratch = 0
  private(set) var recomputedScratch = 0
  /// The notes of residual blocks whose end is yet to come, while units are added.
  private var openBlocks: [(notes: UnsafeMutablePointer<UInt8>, bytes: Int)] = []
  /// Elements of the largest gradient that passes between units.
  private(set) var gradientCount = 0

  var scratchCount: Int { layerScratch + 2 * activationScratch + recomputedScratch }

  /// - Parameters:
  ///   - training: whether a backward pass will follow each forward pass.
  ///   - threads: as many as the context has; memory depends on it, results do not.
  init(
    _ network: Sequential, capacity: Int, training: Bool, threads: Int,
    microBatchBytes: Int = ExecutionPlan.microBatchBytes, arena: Arena
  ) {
    let places = Self.places(network, training: training)
    // One layer at a time works on the whole batch, so they share their memory.
    let workspace = arena.floats(
      places.reduce(0) { most, place in
        max(
          most,
          place.batchLayer?.workspaceCount(
            for: place.input.with(examples: capacity), threads: threads) ?? 0)
      })
    var first = 0
    var source: ExampleRun?
    while first < places.count {
      let place = places[first]
      let input = place.input.with(examples: capacity)
      let output = place.output.with(examples: capacity)
      if let layer = place.batchLayer {
        layerScratch = max(layerScratch, layer.scratchCount(for: input))
        gradientCount = max(gradientCount, input.count, output.count)
        units.append(
          .batch(
            BatchStep(
              layer: layer, source: source, input: input, output: output,
              needsInputGradient: place.needsInputGradient, y: arena.floats(output.count),
              workspace: workspace)))
        source = nil
        first += 1
      } else {
        let end = places[first...].firstIndex { $0.endsUnit }! + 1
        let isSource =
          end < places.count && places[end].batchLayer is any StreamingLayer
          && places[first..<end].allSatisfy(\.canBeSource)
        let run = makeRun(
          places[first..<end], isSource: isSource, capacity: capacity, training: training,
          bytes: microBatchBytes, arena)
        if isSource { source = run } else { units.append(.examples(run)) }
        first = end
      }
    }
    layerScratch = Self.padded(layerScratch)
  }

  private static func padded(_ count: Int) -> Int { (count + 31) / 16 * 16 }

  private mutating func makeRun(
    _ places: ArraySlice<Place>, isSource: Bool, capacity: Int, training: Bool,
    bytes microBatchBytes: Int, _ arena: Arena
  ) -> ExampleRun {
    var steps: [ExampleRun.Step] = []
    var recomputed = 0
    for (place, keeping) in zip(places, Self.keepings(places, isSource: isSource)) {
      guard let layer = place.layer as? any ExampleLayer else {
        preconditionFailure("\(place.layer.name) is no kind of layer that can be executed")
      }
      var step = ExampleRun.Step(
        layer: layer, input: place.input.with(examples: capacity),
        output: place.output.with(examples: capacity),
        needsInputGradient: place.needsInputGradient,
        parameters: layer is any StatisticsLayer ? [] : layer.parameters.filter(\.isTrained))
      layerScratch = max(layerScratch, layer.scratchCount(for: step.input))
      takeNotes(for: &step, capacity: capacity, training: training, arena)
      if training { for parameter in step.parameters { parameter.prepareLanes() } }
      switch keeping {
      case .kept: step.y = .kept(arena.floats(step.output.count))
      case .passing: step.y = .passing
      case .recomputed:
        step.y = .recomputed(recomputed)
        recomputed += step.output.countPerExample
      case .recomputedInPlace: step.y = steps[steps.count - 1].y
      }
      steps.append(step)
    }
    let activations = steps.reduce(steps[0].input.countPerExample) {
      $0 + $1.output.countPerExample
    }
    let microBatch = min(
      max(1, microBatchBytes / (activations * MemoryLayout<Float>.stride)), capacity)
    let largest = steps.map { max($0.input.countPerExample, $0.output.countPerExample) }.max()!
    activationScratch = max(activationScratch, Self.padded(largest * microBatch))
    recomputedScratch = max(recomputedScratch, Self.padded(recomputed * microBatch))
    gradientCount = max(
      gradientCount, steps[0].input.count, steps[0].output.count,
      steps[steps.count - 1].output.count
    )
    return ExampleRun(
      steps: steps, microBatch: microBatch,
      statistics: training ? steps[0].layer as? any StatisticsLayer : nil)
  }

  /// Evaluation needs no notes, but those that the ends of a residual block share.
  private mutating func takeNotes(
    for step: inout ExampleRun.Step, capacity: Int, training: Bool, _ arena: Arena
  ) {
    if step.layer is ResidualSum {
      guard let block = openBlocks.popLast() else {
        preconditionFailure("\(step.layer.name): a sum without its branch")
      }
      (step.notes, step.noteBytes) = (block.notes, block.bytes)
      return
    }
    let isBranch = step.layer is ResidualBranch
    guard training || isBranch else { return }
    step.noteBytes = step.layer.noteBytes(for: step.input)
    guard step.noteBytes > 0 else { return }
    let notes = arena.bytes(step.noteBytes * capacity)
    step.notes = notes
    if isBranch { openBlocks.append((notes, step.noteBytes)) }
  }

  // MARK: Places

  /// What the network says of one layer's place. Views have none: they only change the shape in which
  /// the next layer reads its input. Nor has what does nothing in evaluation, there.
  private struct Place {
    let layer: any Layer
    let input: Shape
    let output: Shape
    /// Whether the next layer begins another unit.
    let endsUnit: Bool
    /// Whether the backward pass reads the output, and whether that of the layer itself does.
    let isReadLater: Bool
    let ownBackwardReadsIt: Bool
    let needsInputGradient: Bool

    /// The layer, if it takes the whole batch.
    var batchLayer: (any BatchLayer)? { Self.batchLayer(layer, input) }

    /// Whether the output can be had any number of times: it takes little, and notes nothing.
    var canBeSource: Bool {
      guard let layer = layer as? any ExampleLayer else { return false }
      return layer.isCheap && layer.noteBytes(for: input) == 0
    }

    static func batchLayer(_ layer: any Layer, _ input: Shape) -> (any BatchLayer)? {
      guard let layer = layer as? any BatchLayer, layer.takesWholeBatch(of: input) else {
        return nil
      }
      return layer
    }
  }

  private static func places(_ network: Sequential, training: Bool) -> [Place] {
    let layers = fusedLayers(of: network, training: training)
    let firstTrained = layers.firstIndex { $0.layer.isTrained } ?? layers.count
    return layers.enumerated().map { index, fused in
      let (layer, first, last) = fused
      let input = network.inputShape(ofLayer: first)
      let output = network.outputShapes[last]
      let next = index + 1 < layers.count ? layers[index + 1].layer : nil
      return Place(
        layer: layer, input: input, output: output,
        endsUnit: Place.batchLayer(layer, input) != nil
          || next.map {
            Place.batchLayer($0, output) != nil || training && $0 is any StatisticsLayer
          } ?? true,
        isReadLater: training
          && (layer.backwardReadsOutput || next?.backwardReadsInput ?? false),
        ownBackwardReadsIt: training && layer.backwardReadsOutput,
        needsInputGradient: index > firstTrained)
    }
  }

  /// The layers to execute, and which of the network's each stands for. From the last one on, as many
  /// as can be are fused with the one before.
  private static func fusedLayers(
    of network: Sequential, training: Bool
  ) -> [(layer: any Layer, first: Int, last: Int)] {
    var fused: [(layer: any Layer, first: Int, last: Int)] = []
    for (index, layer) in network.layers.enumerated().reversed()
    where !(layer is any ViewLayer) && (training || !layer.isIdentityInEvaluation) {
      if let next = fused.last, next.first == index + 1, let both = layer.fused(with: next.layer) {
        fused[fused.count - 1] = (both, index, next.last)
      } else {
        fused.append((layer, index, index))
      }
    }
    return fused.reversed()
  }

  private enum Keeping { case kept, passing, recomputed, recomputedInPlace }

  /// What becomes of each output of a run. The last one is kept, but that of a source, which is computed
  /// whenever it is read, and had once more if the layer's own backward pass reads it. Another one that is read later is kept, unless cheap layers lead to
  /// it from one that is kept anyway.
  private static func keepings(_ places: ArraySlice<Place>, isSource: Bool) -> [Keeping] {
    var keepings: [Keeping] = []
    /// The cheap layers since the last output that the backward pass has; nil if others came between.
    var cheap: Int? = 0
    for place in places {
      let isReadLater =
        place.endsUnit ? isSource && place.ownBackwardReadsIt : place.isReadLater
      if place.endsUnit && !isSource || isReadLater && !(cheap != nil && place.layer.isCheap) {
        keepings.append(.kept)
        cheap = 0
      } else if place.layer.isCheap, let count = cheap {
        keepings.append(.passing)
        cheap = count + 1
        guard isReadLater else { continue }
        for back in 0...count {
          let index = keepings.count - 1 - (count - back)
          keepings[index] = back == 0 ? .recomputed : .recomputedInPlace
        }
        cheap = 0
      } else {
        keepings.append(.passing)
        cheap = nil
      }
    }
    return keepings
  }
}
