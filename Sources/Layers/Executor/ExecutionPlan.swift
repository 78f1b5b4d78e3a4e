import Tensors

/// How a network's layers are executed: which run together example by example, and where each
/// activation lies.
package struct ExecutionPlan {
  /// A layer that takes the whole batch.
  struct BatchStep {
    let layer: any BatchLayer
    /// Cheap layers before it, whose outputs are not kept but computed whenever it reads one; only a
    /// ``StreamingLayer`` has them.
    let source: ExampleRun?
    /// Layers behind it that take each output while it is in the cache; likewise.
    let sink: ExampleRun?
    /// For the whole capacity.
    let input: Shape
    let layerOutput: Shape
    /// Whether the backward pass must give the gradient by the input: there are parameters before.
    let needsInputGradient: Bool
    let y: Output
    let workspace: UnsafeMutablePointer<Float>

    /// Where the layer's own outputs lie.
    enum Output {
      /// Kept for the whole batch.
      case kept(UnsafeMutablePointer<Float>)
      /// In a thread's memory, until the sink has read them; so many in turn.
      case inTurn(Int)
    }

    /// The outputs of the first `count` examples, behind the sink.
    func output(_ count: Int) -> Tensor {
      sink?.output(0..<count)
        ?? Tensor(layerOutput.with(examples: count), at: place(of: 0))
    }

    /// Where an example's output of the layer itself is kept. If it is not, no backward pass reads it, and
    /// the address is of no account.
    func place(of example: Int) -> UnsafeMutablePointer<Float> {
      guard case .kept(let y) = y else { return workspace }
      return y + example * layerOutput.countPerExample
    }
  }

  enum Unit {
    case examples(ExampleRun)
    case batch(BatchStep)

    /// Where what the unit gives is kept.
    var output: UnsafeMutablePointer<Float> {
      switch self {
      case .examples(let run): run.output(0..<1).base
      case .batch(let step): step.output(1).base
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
  package static let microBatchBytes = 384 << 10

  private(set) var units: [Unit] = []
  /// Floats of scratch memory of a thread: what layers ask for, then two activations in turn, then
  /// those that are computed again, then those that stream by.
  private(set) var layerScratch = 0
  private(set) var activationScratch = 0
  private(set) var recomputedScratch = 0
  private(set) var streamedScratch = 0
  /// The notes of residual blocks whose end is yet to come, while units are added.
  private var openBlocks: [(notes: UnsafeMutablePointer<UInt8>, bytes: Int)] = []
  /// Elements of the largest gradient that passes between units.
  private(set) var gradientCount = 0

  var scratchCount: Int {
    layerScratch + 2 * activationScratch + recomputedScratch + streamedScratch
  }

  private let capacity: Int
  let training: Bool
  private let microBatchBytes: Int
  let streams: Bool
  private let arena: Arena

  /// - Parameters:
  ///   - training: whether a backward pass will follow each forward pass.
  ///   - threads: as many as the context has; memory depends on it, results do not.
  ///   - streams: whether outputs and gradients that are soon had again, or used at once, are not kept:
  ///     layers of the whole batch then have sources and sinks, and pooling may go backward twice. Results do
  ///     not depend on it.
  init(
    _ network: Sequential, capacity: Int, training: Bool, threads: Int,
    microBatchBytes: Int = ExecutionPlan.microBatchBytes, streams: Bool = true, arena: Arena
  ) {
    self.capacity = capacity
    self.training = training
    self.microBatchBytes = microBatchBytes
    self.streams = streams
    self.arena = arena
    let places = Self.places(network, training: training)
    // One layer at a time works on the whole batch, so they share their memory.
    let workspace = arena.floats(
      places.reduce(0) { most, place in
        max(
          most,
          place.batchLayer?.workspaceCount(
            for: place.input.with(examples: capacity), threads: threads) ?? 0)
      })
    var source: ExampleRun?
    var rest = places[...]
    while let place = rest.first {
      let group = Self.takeUnit(from: &rest)
      if let layer = place.batchLayer {
        units.append(
          .batch(makeStep(place, layer, source: source, before: &rest, workspace)))
        source = nil
        continue
      }
      let isSource = isSource(group, before: rest)
      let run = makeRun(group, isSource: isSource)
      takeGradients(of: run)
      if isSource { source = run } else { units.append(.examples(run)) }
    }
    layerScratch = Self.padded(layerScratch)
  }

  private static func padded(_ count: Int) -> Int { (count + 31) / 16 * 16 }

  /// - Parameter rest: the places behind; a sink is taken from them.
  private mutating func makeStep(
    _ place: Place, _ layer: any BatchLayer, source: ExampleRun?,
    before rest: inout ArraySlice<Place>, _ workspace: UnsafeMutablePointer<Float>
  ) -> BatchStep {
    let input = place.input.with(examples: capacity)
    let output = place.output.with(examples: capacity)
    layerScratch = max(layerScratch, layer.scratchCount(for: input))
    var sink: ExampleRun?
    var y: BatchStep.Output?
    if let layer = layer as? any StreamingLayer {
      var turn = training && layer.streamsGradient ? 1 : 0
      var behind = rest
      let group = Self.takeUnit(from: &behind)
      if isSink(group, before: behind) {
        sink = makeRun(group, hasInput: place.isReadLater)
        rest = behind
        if !place.isReadLater {
          turn = min(layer.outputsTogether(of: input), capacity)
          y = .inTurn(turn)
        }
      }
      streamedScratch = max(streamedScratch, Self.padded(turn * output.countPerExample))
      if let sink, !layer.streamsGradient { takeGradients(of: sink) }
    }
    gradientCount = max(gradientCount, input.count, sink?.outputShape.count ?? output.count)
    return BatchStep(
      layer: layer, source: source, sink: sink, input: input, layerOutput: output,
      needsInputGradient: place.needsInputGradient, y: y ?? .kept(arena.floats(output.count)),
      workspace: workspace)
  }

  private mutating func makeRun(
    _ places: ArraySlice<Place>, isSource: Bool = false, hasInput: Bool = true
  ) -> ExampleRun {
    var steps: [ExampleRun.Step] = []
    var recomputed = 0
    let keepings = Self.keepings(places, isSource: isSource, hasInput: hasInput)
    for (place, keeping) in zip(places, keepings) {
      guard let layer = place.layer as? any ExampleLayer else {
        preconditionFailure("\(place.layer.name) is no kind of layer that can be executed")
      }
      var step = ExampleRun.Step(
        layer: layer, input: place.input.with(examples: capacity),
        output: place.output.with(examples: capacity),
        needsInputGradient: place.needsInputGradient,
        parameters: layer is any StatisticsLayer ? [] : layer.parameters.filter(\.isTrained))
      layerScratch = max(layerScratch, layer.scratchCount(for: step.input))
      takeNotes(for: &step)
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
    return ExampleRun(
      steps: steps, microBatch: microBatch,
      statistics: training ? steps[0].layer as? any StatisticsLayer : nil, streams: streams)
  }

  /// Makes room for the gradients that a run gets and gives, all of them at once.
  private mutating func takeGradients(of run: ExampleRun) {
    gradientCount = max(gradientCount, capacity * run.gradientCount, run.outputShape.count)
  }

  /// Evaluation needs no notes, but those that the ends of a residual block share.
  private mutating func takeNotes(for step: inout ExampleRun.Step) {
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
}
