import Layers
import Tensors

/// Times the passes of one layer by one algorithm, without the rest of the network.
///
/// A run is a batch, divided into lanes and chunks as in the executor. A layer that computes
/// each example independently uses the same memory for each chunk, which stays in the cache.
/// Work that is done once for a batch, such as transforming the weights, is part of a run, except in inference.
public final class KernelBenchmark {
  /// The passes that run together. The two backward passes share work, so backward data has no run
  /// of its own: it costs the difference between ``gradients`` and ``weights``.
  public enum Run: CaseIterable, Sendable {
    case forward
    /// The forward pass with weights that were transformed before.
    case inference
    /// Backward weights.
    case weights
    /// Backward weights and backward data.
    case gradients
  }

  public let problem: KernelProblem
  public let algorithm: String
  private let layer: any Layer
  private let passes: any LayerPasses
  /// Other layers of the same extents, whose weights compete for the cache in inference as in a network; they read and
  /// write the same examples.
  private var others: [any LayerPasses] = []
  private var turn = 0
  private static let layersOfNetwork = 8

  /// - Parameter algorithm: one of the problem's algorithms or tiles.
  /// - Returns: nil if `algorithm` cannot compute the problem.
  public init?(
    _ problem: KernelProblem, algorithm: String, context: Context
  ) {
    guard (problem.algorithms + problem.tiles).contains(algorithm) else { return nil }
    self.problem = problem
    self.algorithm = algorithm
    layer = Self.layer(problem, algorithm)
    passes = Self.passes(layer, problem, nil, context)
    if problem.isInference {
      others = (1..<Self.layersOfNetwork).map { _ in
        Self.passes(Self.layer(problem, algorithm), problem, passes, context)
      }
    }
    // Backward passes, and inference, need a forward pass before them.
    for passes in [passes] + others { passes.run(.forward) }
  }

  private static func layer(_ problem: KernelProblem, _ algorithm: String) -> any Layer {
    let layer = problem.makeLayer(algorithm: algorithm == KernelProblem.product ? nil : algorithm)
    for parameter in layer.parameters { parameter.initialize(seed: 1, index: 0, gain: 1) }
    return layer
  }

  /// - Parameter other: passes whose memory of examples these share; nil for their own.
  private static func passes(
    _ layer: any Layer, _ problem: KernelProblem, _ other: (any LayerPasses)?, _ context: Context
  ) -> any LayerPasses {
    let input = problem.input.with(examples: problem.batchSize)
    if let layer = layer as? any BatchLayer, layer.takesWholeBatch(of: input) {
      return BatchPasses(layer, input, context, sharing: other as? BatchPasses)
    } else if let layer = layer as? any ExampleLayer {
      return ExamplePasses(layer, input, context, sharing: other as? ExamplePasses)
    } else {
      preconditionFailure("\(problem) is no kind of layer that can be executed")
    }
  }

  public func run(_ run: Run) {
    guard run == .inference, !others.isEmpty else { return passes.run(run) }
    turn = (turn + 1) % Self.layersOfNetwork
    (turn == 0 ? passes : others[turn - 1]).run(run)
  }

  /// The outputs and the gradient with respect to the input, for the examples in memory.
  var y: Tensor { passes.memory.y }
  var dx: Tensor { passes.memory.dx }
  /// The gradient with respect to the weights, summed over all runs.
  var weightGradient: [Float] {
    guard let weight = layer.parameters.first else { return [] }
    passes.collectGradients()
    return weight.storedGradient()
  }
}

/// The passes of a layer, with all memory that they need.
private protocol LayerPasses {
  var memory: PassMemory { get }
  func run(_ run: KernelBenchmark.Run)
  /// Completes the parameters' gradients, so that they can be read.
  func collectGradients()
}

/// The tensors that passes read and write.
private struct PassMemory {
  let x: Tensor
  let y: Tensor
  let dy: Tensor
  let dx: Tensor

  /// Fills the tensors with the same random numbers each time.
  init(_ layer: any Layer, _ input: Shape, in arena: Arena) {
    guard let output = try? layer.outputShape(for: input) else {
      preconditionFailure("\(layer.name) takes its input")
    }
    var random = Random(seed: 2, domain: .augmentation)
    x = arena.tensor(input)
    y = arena.tensor(output)
    dy = arena.tensor(output)
    dx = arena.tensor(input)
    random.fill(x, bound: 1)
    // The gradients are small, so that sums over many rounds do not overflow.
    random.fill(dy, bound: 1e-3)
  }
}

/// The passes of a layer that computes each example independently.
private struct ExamplePasses: LayerPasses {
  private let layer: any ExampleLayer
  private let context: Context
  /// The shape for the whole batch.
  private let input: Shape
  private let chunkSize: Int
  private let arena = Arena()
  private let saved: [UnsafeMutablePointer<UInt8>]
  /// A chunk for each thread. All of them have the same numbers, so results do not depend on
  /// the thread that takes a lane.
  private let memories: [PassMemory]

  /// - Parameter other: passes of the same extents whose examples these read and write too.
  init(
    _ layer: any ExampleLayer, _ input: Shape, _ context: Context, sharing other: ExamplePasses?
  ) {
    self.layer = layer
    self.context = context
    self.input = input
    let bytes =
      (input.countPerExample + ((try? layer.outputShape(for: input))?.countPerExample ?? 0))
      * MemoryLayout<Float>.stride
    let chunkSize = min(max(1, ExecutionPlan.chunkBytes / bytes), input[0])
    self.chunkSize = chunkSize
    let arena = arena
    memories =
      other?.memories
      ?? (0..<context.threadCount).map { _ in
        PassMemory(layer, input.with(examples: chunkSize), in: arena)
      }
    saved = (0..<context.threadCount).map { _ in
      arena.bytes(layer.savedStateBytes(for: input) * chunkSize)
    }
    for parameter in layer.parameters { parameter.prepareLanes() }
  }

  var memory: PassMemory { memories[0] }

  func run(_ run: KernelBenchmark.Run) {
    context.reserveScratch(layer.scratchCount(for: input))
    if run == .inference { return infer() }
    if run == .forward {
      layer.prepareForward(for: input, training: true, in: context)
    } else {
      layer.prepareBackward(for: input, givesInputGradient: run == .gradients, in: context)
    }
    context.pool.run(Context.laneCount) { index, worker in
      var left = Context.examples(ofLane: index, among: input[0]).count
      // As in a step, lanes without examples do nothing.
      guard left > 0 else { return }
      let lane = Lane(index: index, worker: worker, of: context)
      if run != .forward { layer.beginBackward(in: lane) }
      while left > 0 {
        let count = min(left, chunkSize)
        pass(run, count, memories[worker], saved[worker], in: lane)
        left -= count
      }
      if run != .forward { layer.endBackward(for: input, in: lane) }
    }
  }

  /// Calls have as many examples as the choice of algorithms assumes.
  private func infer() {
    let size = min(chunkSize, ConvolutionUse(batch: input[0], isInference: true).callExamples)
    let calls = (input[0] + size - 1) / size
    context.pool.run(calls) { call, worker in
      let count = min(size, input[0] - call * size)
      pass(
        .inference, count, memories[worker], saved[worker],
        in: Lane(index: 0, worker: worker, of: context))
    }
  }

  private func pass(
    _ run: KernelBenchmark.Run, _ count: Int, _ memory: PassMemory,
    _ saved: UnsafeMutablePointer<UInt8>, in lane: Lane
  ) {
    let examples = 0..<count
    let (x, y) = (memory.x.examples(examples), memory.y.examples(examples))
    if run == .forward || run == .inference {
      layer.forward(x, into: y, saved: saved, in: lane)
    } else {
      layer.backward(
        memory.dy.examples(examples), into: run == .gradients ? memory.dx.examples(examples) : nil,
        of: Pass(x: x, y: y, saved: saved), in: lane)
    }
  }

  func collectGradients() {
    for parameter in layer.parameters {
      parameter.zeroGradient()
      parameter.addLanes(occupied: .max, in: context)
    }
  }
}

/// The passes of a layer that takes the whole batch.
private struct BatchPasses: LayerPasses {
  private let layer: any BatchLayer
  private let context: Context
  private let arena = Arena()
  private let sharedScratch: UnsafeMutablePointer<Float>
  let memory: PassMemory

  /// - Parameter other: passes of the same extents whose examples these read and write too.
  init(
    _ layer: any BatchLayer, _ input: Shape, _ context: Context, sharing other: BatchPasses?
  ) {
    self.layer = layer
    self.context = context
    memory = other?.memory ?? PassMemory(layer, input, in: arena)
    sharedScratch =
      other?.sharedScratch
      ?? arena.floats(layer.sharedScratchCount(for: input, threads: context.threadCount))
  }

  func run(_ run: KernelBenchmark.Run) {
    context.reserveScratch(layer.scratchCount(for: memory.x.shape))
    if run == .inference, let layer = layer as? any StreamingLayer {
      layer.forwardPrepared(memory.x, into: memory.y, in: context)
    } else if run == .forward || run == .inference {
      layer.forward(memory.x, into: memory.y, sharedScratch: sharedScratch, in: context)
    } else {
      layer.backward(
        memory.dy, into: run == .gradients ? memory.dx : nil, of: Pass(x: memory.x, y: memory.y),
        sharedScratch: sharedScratch, in: context)
    }
  }

  func collectGradients() {}
}
