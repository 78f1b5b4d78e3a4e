import Tensors

/// The passes of one layer by one algorithm, without the executor: what the kernels themselves take.
///
/// A run is a batch, dealt to lanes and micro-batches as the executor does, but on the same memory
/// again and again, which stays in the cache. What is done once for a batch, such as transforming the
/// weights, is part of it.
public final class KernelBenchmark {
  /// What is run at a time. The two gradients share work, so that by the data has no run of its own:
  /// it costs what ``gradients`` takes over ``weights``.
  public enum Run: CaseIterable, Sendable {
    case forward
    /// The gradient by the weights alone.
    case weights
    /// The gradients by the weights and by the data.
    case gradients
  }

  public let problem: KernelProblem
  public let algorithm: String
  public let batchSize: Int
  private let passes: any LayerPasses

  /// - Returns: nil if `algorithm` cannot compute the problem.
  public init?(
    _ problem: KernelProblem, algorithm: String, batchSize: Int, context: Context
  ) {
    precondition(batchSize > 0, "a batch of \(batchSize)")
    guard problem.algorithms.contains(algorithm) else { return nil }
    self.problem = problem
    self.algorithm = algorithm
    self.batchSize = batchSize
    if let geometry = problem.geometry {
      guard let type = ConvolutionAlgorithms.all.first(where: { $0.name == algorithm }) else {
        return nil
      }
      passes = ConvolutionPasses(
        type.init(geometry), geometry, batchSize: batchSize, context: context)
    } else {
      passes = FullyConnectedPasses(problem, batchSize: batchSize, context: context)
    }
    // The backward passes follow a forward pass.
    passes.run(.forward)
  }

  public func run(_ run: Run) { passes.run(run) }

  /// The outputs, the gradients by the data and by the weights of the examples at hand.
  var results: (y: Tensor, dx: Tensor, weights: PanelMatrix) { passes.results }
}

/// A layer's passes with all memory that they need.
protocol LayerPasses {
  func run(_ run: KernelBenchmark.Run)
  var results: (y: Tensor, dx: Tensor, weights: PanelMatrix) { get }
}

/// A convolution's.
struct ConvolutionPasses: LayerPasses {
  private let algorithm: any ConvolutionAlgorithm
  private let context: Context
  private let batchSize: Int
  private let microBatch: Int
  private let arena = Arena()
  private let weight: PanelMatrix
  private let bias: UnsafeMutablePointer<Float>
  private let threads: [ThreadMemory]

  /// A thread's micro-batch and its gradient by the weights.
  private struct ThreadMemory {
    let x: Tensor
    let y: Tensor
    let dy: Tensor
    let dx: Tensor
    let gradient: PanelMatrix
  }

  init(
    _ algorithm: any ConvolutionAlgorithm, _ geometry: ConvolutionGeometry, batchSize: Int,
    context: Context
  ) {
    self.algorithm = algorithm
    self.context = context
    self.batchSize = batchSize
    let bytes = (geometry.inputCount + geometry.outputCount) * MemoryLayout<Float>.stride
    let microBatch = max(1, ExecutionPlan.microBatchBytes / bytes)
    self.microBatch = microBatch
    var random = Random(seed: 1, domain: .augmentation)
    let rows = geometry.rows.kernel * geometry.columns.kernel * geometry.inputs
    let arena = arena
    func matrix() -> PanelMatrix {
      PanelMatrix(
        rows: rows, columns: geometry.outputs,
        at: arena.floats(PanelMatrix.storageCount(rows: rows, columns: geometry.outputs)))
    }
    weight = matrix()
    random.fill(weight, bound: 1 / Float(rows).squareRoot())
    bias = arena.floats(geometry.outputs)
    // All threads have the same numbers, so that it does not matter which of them takes a lane.
    threads = (0..<context.threadCount).map { _ in
      func tensor(_ count: Int, bound: Float, seed: UInt64) -> Tensor {
        let tensor = arena.tensor([microBatch, count])
        var random = Random(seed: seed, domain: .augmentation)
        random.fill(tensor, bound: bound)
        return tensor
      }
      return ThreadMemory(
        x: tensor(geometry.inputCount, bound: 1, seed: 2),
        y: arena.tensor([microBatch, geometry.outputCount]),
        // Small, lest sums over many rounds overflow.
        dy: tensor(geometry.outputCount, bound: 1e-3, seed: 3),
        dx: arena.tensor([microBatch, geometry.inputCount]), gradient: matrix())
    }
  }

  func run(_ run: KernelBenchmark.Run) {
    context.reserveScratch(algorithm.scratchCount)
    if run == .forward {
      algorithm.prepareForward(weight, in: context)
    } else {
      algorithm.prepareBackward(weight, givesInputGradient: run == .gradients, in: context)
    }
    context.pool.run(Context.laneCount) { index, worker in
      let lane = Lane(index: index, worker: worker, of: context)
      let memory = threads[worker]
      if run != .forward { algorithm.beginBackward(in: lane) }
      var left = Context.examples(ofLane: index, among: batchSize).count
      while left > 0 {
        let count = min(left, microBatch)
        if run == .forward {
          algorithm.forward(
            memory.x.base, count: count, weight: weight, bias: bias, into: memory.y.base, in: lane)
        } else {
          algorithm.backward(
            memory.x.base, memory.dy.base, count: count,
            into: run == .gradients ? memory.dx.base : nil, addingTo: memory.gradient, in: lane)
        }
        left -= count
      }
      if run != .forward { algorithm.endBackward(addingTo: memory.gradient, in: lane) }
    }
  }

  var results: (y: Tensor, dx: Tensor, weights: PanelMatrix) {
    (threads[0].y, threads[0].dx, threads[0].gradient)
  }
}

/// A fully connected layer's, which are products of the whole batch.
struct FullyConnectedPasses: LayerPasses {
  static let algorithm = "product"

  private let layer: FullyConnected
  private let context: Context
  private let arena = Arena()
  private let x: Tensor
  private let y: Tensor
  private let dy: Tensor
  private let dx: Tensor
  private let workspace: UnsafeMutablePointer<Float>

  init(_ problem: KernelProblem, batchSize: Int, context: Context) {
    guard let layer = problem.makeLayer() as? FullyConnected else {
      preconditionFailure("\(problem) is not fully connected")
    }
    self.layer = layer
    self.context = context
    var random = Random(seed: 1, domain: .augmentation)
    random.fill(layer.weight.matrix, bound: 1 / Float(layer.inputs).squareRoot())
    x = arena.tensor([batchSize, layer.inputs])
    y = arena.tensor([batchSize, layer.outputs])
    dy = arena.tensor(y.shape)
    dx = arena.tensor(x.shape)
    random.fill(x, bound: 1)
    random.fill(dy, bound: 1e-3)
    workspace = arena.floats(layer.workspaceCount(for: x.shape))
  }

  func run(_ run: KernelBenchmark.Run) {
    context.reserveScratch(layer.scratchCount(for: x.shape))
    if run == .forward {
      layer.forward(x, into: y, workspace: workspace, in: context)
    } else {
      layer.backward(
        dy, into: run == .gradients ? dx : nil, of: Pass(x: x, y: y), workspace: workspace,
        in: context)
    }
  }

  var results: (y: Tensor, dx: Tensor, weights: PanelMatrix) {
    (y, dx, layer.weight.panels(at: layer.weight.gradient))
  }
}

extension Random {
  /// Numbers from U(−bound, bound); the columns that fill the last panel stay.
  mutating func fill(_ matrix: PanelMatrix, bound: Float) {
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns { matrix[row, column] = (2 * uniform() - 1) * bound }
    }
  }
}
