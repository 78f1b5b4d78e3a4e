import Layers
import Tensors

/// Times the passes of one layer of a network alone, on a batch, as the executor runs them.
///
/// Random activations replace the layers before it, and a random gradient replaces the loss. Here
/// outputs are written for the whole batch, while in a network the next layer may read them from
/// the cache. The network's time is therefore not the sum of its layers' times.
public final class LayerBenchmark {
  public let name: String
  /// The output's extents for one example.
  public let outputShape: Shape
  public let batchSize: Int
  /// Multiply-adds of the whole batch, as ``Sequential`` counts them.
  public let forwardMultiplyAdds: Int
  public let backwardMultiplyAdds: Int
  private let isTraining: Bool
  private let executor: Executor

  /// - Parameter training: false for a forward pass of evaluation, with parameters that do not change.
  /// - Returns: nil for a layer that only changes the shape or is left out in evaluation, since it takes no time, and
  ///   for an end of a residual block, since it cannot run alone.
  public init?(
    _ network: Sequential, layer index: Int, batchSize: Int, training: Bool = true, context: Context
  ) {
    let layer = network.layers[index]
    let isLeftOut = !training && layer.isIdentityInEvaluation
    guard !(layer is any ViewLayer || layer.residualEnd != nil || isLeftOut) else {
      return nil
    }
    name = layer.name
    outputShape = network.outputShapes[index]
    self.batchSize = batchSize
    isTraining = training
    forwardMultiplyAdds = batchSize * network.forwardMultiplyAdds(ofLayer: index)
    backwardMultiplyAdds = batchSize * network.backwardMultiplyAdds(ofLayer: index)

    let before = RandomActivations(needsGradient: network.needsInputGradient(ofLayer: index))
    guard
      let alone = try? Sequential(
        [before, layer], inputShape: network.inputShape(ofLayer: index))
    else { preconditionFailure("\(layer.name) takes its input in the network") }
    executor = Executor(alone, capacity: batchSize, training: training, context: context)
    if training {
      var random = Random(seed: 2, domain: .augmentation)
      // The gradient is small, so that sums over many rounds do not overflow.
      random.fill(executor.outputGradient(count: batchSize), bound: 1e-3)
    } else {
      executor.hasFixedParameters = true
    }
    forward()
  }

  public func forward() {
    _ = executor.forward(
      count: batchSize, randomKey: isTraining ? RandomKey(seed: 1, step: 1) : nil)
  }
  /// Only of a benchmark of training.
  public func backward() { executor.backward(count: batchSize) }
}

/// Replaces the layers before the measured one. Its outputs are the same each time and cost
/// nothing.
private final class RandomActivations: BatchLayer {
  let name = "activations"
  /// A parameter that makes the executor compute gradients with respect to activations, present if
  /// an earlier layer of the network is trained.
  let parameters: [Parameter]
  private var isFilled = false

  init(needsGradient: Bool) {
    parameters =
      needsGradient
      ? [Parameter("activations.scale", .vector(count: 1), fanIn: 1)] : []
  }

  var backwardReadsInput: Bool { false }
  var backwardReadsOutput: Bool { false }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }
  func scratchCount(for input: Shape) -> Int { 0 }
  func sharedScratchCount(for input: Shape, threads: Int) -> Int { 0 }

  func forward(
    _ x: Tensor, into y: Tensor, sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    guard !isFilled else { return }
    var random = Random(seed: 1, domain: .augmentation)
    random.fill(y, bound: 1)
    isFilled = true
  }

  func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {}
}

extension Random {
  /// Numbers from U(−bound, bound).
  mutating func fill(_ tensor: Tensor, bound: Float) {
    for i in 0..<tensor.count { tensor.base[i] = (2 * uniform() - 1) * bound }
  }
}
