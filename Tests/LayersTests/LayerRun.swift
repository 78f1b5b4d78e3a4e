import Tensors
import TestSupport
import Textbook

@testable import Layers

/// One layer alone, forward and backward, in the executor's way: examples dealt to lanes.
struct LayerRun {
  let y: [Float]
  let dx: [Float]
  /// The gradients of the parameters, in PyTorch's order.
  let gradients: [[Float]]

  /// - Parameters:
  ///   - rounds: how often forward and backward are run before the gradients are read.
  ///   - randomKey: what names the random numbers, if the layer draws any.
  init(
    _ layer: any Layer, x: [Float], shape: Shape, dy: [Float], kernelSet: KernelSet = .best,
    threads: Int = 1, rounds: Int = 1, randomKey: RandomKey? = nil
  ) throws {
    let context = Context(threadCount: threads, kernelSet: kernelSet)
    let arena = Arena()
    let input = arena.tensor(shape)
    _ = input.elements.update(fromContentsOf: x)
    let outputShape = try layer.outputShape(for: shape)
    let output = arena.tensor(outputShape)
    let gradient = arena.tensor(outputShape)
    _ = gradient.elements.update(fromContentsOf: dy)
    let target = arena.tensor(shape)
    for parameter in layer.parameters { parameter.zeroGradient() }

    for _ in 0..<rounds {
      switch layer {
      case let layer as any BatchLayer where layer.takesWholeBatch(of: shape):
        context.reserveScratch(layer.scratchCount(for: shape))
        let workspace = arena.floats(layer.workspaceCount(for: shape, threads: threads))
        layer.forward(input, into: output, workspace: workspace, in: context)
        layer.backward(
          gradient, into: target, of: Pass(x: input, y: output), workspace: workspace, in: context)
      case let layer as any ExampleLayer:
        Self.run(layer, input, output, gradient, target, arena, context, randomKey)
      default: preconditionFailure("a view has nothing to run")
      }
    }
    y = Array(output.elements)
    dx = Array(target.elements)
    gradients = layer.parameters.map { $0.storedGradient() }
  }

  private static func run(
    _ layer: any ExampleLayer, _ x: Tensor, _ y: Tensor, _ dy: Tensor, _ dx: Tensor,
    _ arena: Arena, _ context: Context, _ randomKey: RandomKey?
  ) {
    let count = x.shape[0]
    context.reserveScratch(layer.scratchCount(for: x.shape))
    let noteBytes = layer.noteBytes(for: x.shape)
    let notes = arena.bytes(noteBytes * count)
    let statistics = layer as? any StatisticsLayer
    let summed = statistics == nil ? layer.parameters.filter(\.isTrained) : []
    for parameter in summed { parameter.prepareLanes() }
    if let statistics {
      context.pool.run(Context.laneCount) { index, worker in
        let lane = Lane(index: index, worker: worker, of: context)
        statistics.beginObserving(in: lane)
        statistics.observe(
          x.examples(Context.examples(ofLane: index, among: count)), in: lane)
      }
      statistics.endObserving(count, of: x.shape, in: context)
    }
    layer.prepareForward(for: x.shape, training: true, in: context)
    context.pool.run(Context.laneCount) { index, worker in
      let range = Context.examples(ofLane: index, among: count)
      let lane = Lane(
        index: index, worker: worker, of: context,
        randomKey: randomKey?.advanced(by: range.lowerBound))
      guard !range.isEmpty else { return }
      layer.forward(
        x.examples(range), into: y.examples(range),
        notes: notes + range.lowerBound * noteBytes, in: lane)
    }
    if let statistics {
      context.pool.run(Context.laneCount) { index, worker in
        let lane = Lane(index: index, worker: worker, of: context)
        let range = Context.examples(ofLane: index, among: count)
        statistics.beginObservingGradient(in: lane)
        statistics.observeGradient(
          dy.examples(range), of: Pass(x: x.examples(range), y: y.examples(range)), in: lane)
      }
      statistics.endObservingGradient(count, of: x.shape, in: context)
    }
    layer.prepareBackward(for: x.shape, givesInputGradient: true, in: context)
    context.pool.run(Context.laneCount) { index, worker in
      let lane = Lane(index: index, worker: worker, of: context)
      let range = Context.examples(ofLane: index, among: count)
      for parameter in summed { parameter.zeroGradient(ofLane: index) }
      layer.beginBackward(in: lane)
      if !range.isEmpty {
        layer.backward(
          dy.examples(range), into: dx.examples(range),
          of: Pass(
            x: x.examples(range), y: y.examples(range),
            notes: notes + range.lowerBound * noteBytes),
          in: lane)
      }
      layer.endBackward(for: x.shape, in: lane)
    }
    for parameter in summed { parameter.addLanes(in: context) }
  }
}

/// `[n, h, w, c]` as one volume `[c, h, w]` for each example.
func volumes<Scalar>(_ values: [Scalar], _ shape: Shape) -> [Volume<Scalar>] {
  let (h, w, c) = (shape[1], shape[2], shape[3])
  return (0..<shape[0]).map { n in
    Volume(channels: c, rows: h, columns: w) { f, i, j in
      values[((n * h + i) * w + j) * c + f]
    }
  }
}

/// The inverse of ``volumes(_:_:)``.
func elements<Scalar>(_ volumes: [Volume<Scalar>]) -> [Scalar] {
  volumes.flatMap { volume in
    (0..<volume.rows).flatMap { i in
      (0..<volume.columns).flatMap { j in (0..<volume.channels).map { volume[$0, i, j] } }
    }
  }
}
