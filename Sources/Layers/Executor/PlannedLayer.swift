import Tensors

/// A layer that the executor will run, with the facts that the plan needs.
///
/// Views are left out: they only change the shape in which the next layer reads its input. In
/// evaluation, layers that return their input are left out too. A fused layer replaces two, and two layers may replace a
/// convolution (``ConvolutionMatrix``).
struct PlannedLayer {
  let layer: any Layer
  /// The shapes for one example.
  let input: Shape
  let output: Shape
  /// True if the layer is the last one of its unit.
  let endsUnit: Bool
  /// True if the backward pass of this layer reads its output.
  let isReadByOwnBackward: Bool
  /// True if the backward pass of this layer or of the next one reads the output of this layer.
  let isReadByBackward: Bool
  /// True if the backward pass must give the gradient with respect to the input, since an earlier
  /// layer is trained.
  let needsInputGradient: Bool

  /// The layer, if it takes the whole batch.
  var batchLayer: (any BatchLayer)? { Self.batchLayer(layer, input) }

  /// True if the layer can be part of a prologue. Its output can then be recomputed any number of
  /// times, since the forward pass saves nothing.
  var canBePrologue: Bool {
    guard let layer = layer as? any ExampleLayer else { return false }
    return layer.isRecomputed && layer.savedStateBytes(for: input) == 0
  }

  /// True if the layer can be part of an epilogue. A streaming layer calls its epilogue in the
  /// middle of its own pass, so the epilogue must not use the thread's scratch memory. It calls it
  /// for groups of examples instead of lanes, so the epilogue must not sum gradients. The ends of
  /// residual blocks are excluded.
  var canBeEpilogue: Bool {
    guard let layer = layer as? any ExampleLayer else { return false }
    return layer.scratchCount(for: input) == 0
      && (layer.parameters.isEmpty || layer is any StatisticsLayer) && layer.residualEnd == nil
  }

  private static func batchLayer(_ layer: any Layer, _ input: Shape) -> (any BatchLayer)? {
    guard let layer = layer as? any BatchLayer, layer.takesWholeBatch(of: input) else { return nil }
    return layer
  }
}

extension PlannedLayer {
  /// The layers of a network to execute, in order.
  static func all(of network: Sequential, training: Bool) -> [PlannedLayer] {
    let layers = executed(network, training: training)
    let firstTrained = layers.firstIndex { $0.layer.isTrained } ?? layers.count
    return layers.enumerated().map { index, executed in
      let (layer, input, output) = (executed.layer, executed.input, executed.output)
      let next = index + 1 < layers.count ? layers[index + 1].layer : nil
      let nextStartsUnit =
        next.map {
          batchLayer($0, output) != nil || training && $0 is any StatisticsLayer
        } ?? true
      return PlannedLayer(
        layer: layer, input: input, output: output,
        endsUnit: batchLayer(layer, input) != nil || nextStartsUnit,
        isReadByOwnBackward: training && layer.backwardReadsOutput,
        isReadByBackward: training
          && (layer.backwardReadsOutput || next?.backwardReadsInput ?? false),
        needsInputGradient: index > firstTrained)
    }
  }

  /// A layer to execute, with its shapes for one example.
  private struct Executed {
    let layer: any Layer
    let input: Shape
    let output: Shape
    /// The index of the first of the network's layers that it replaces.
    let first: Int
  }

  /// The layers to execute.
  ///
  /// Pairs are fused from the last layer to the first. In `bn relu pool` the ReLU is therefore
  /// fused with pooling.
  private static func executed(_ network: Sequential, training: Bool) -> [Executed] {
    var executed: [Executed] = []
    for (index, layer) in network.layers.enumerated().reversed()
    where !(layer is any ViewLayer) && (training || !layer.isIdentityInEvaluation) {
      let (input, output) = (network.inputShape(ofLayer: index), network.outputShapes[index])
      if let convolution = layer as? Convolution2D, let both = convolution.asMatrix(for: input) {
        let rows = both.rows?.outputShape(for: input) ?? input
        executed.append(Executed(layer: both.matrix, input: rows, output: output, first: index))
        if let layer = both.rows {
          executed.append(Executed(layer: layer, input: input, output: rows, first: index))
        }
        continue
      }
      let layer = training ? (layer as? any FreezableLayer)?.frozen ?? layer : layer
      if let next = executed.last, next.first == index + 1,
        let both = Fusion.fused(layer, next.layer)
      {
        executed[executed.count - 1] = Executed(
          layer: both, input: input, output: next.output, first: index)
      } else {
        executed.append(Executed(layer: layer, input: input, output: output, first: index))
      }
    }
    return executed.reversed()
  }
}
