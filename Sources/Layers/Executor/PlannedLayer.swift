import Tensors

/// A layer that the executor will run, with the facts that the plan needs.
///
/// Views are left out: they only change the shape in which the next layer reads its input. In
/// evaluation, layers that return their input are left out too. A fused layer replaces two.
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
    let layers = fused(network, training: training)
    let firstTrained = layers.firstIndex { $0.layer.isTrained } ?? layers.count
    return layers.enumerated().map { index, planned in
      let (layer, first, last) = planned
      let input = network.inputShape(ofLayer: first)
      let output = network.outputShapes[last]
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

  /// The layers to execute, each with the first and the last of the network's layers that it
  /// replaces.
  ///
  /// Pairs are fused from the last layer to the first. In `bn relu pool` the ReLU is therefore
  /// fused with pooling.
  private static func fused(
    _ network: Sequential, training: Bool
  ) -> [(layer: any Layer, first: Int, last: Int)] {
    var planned: [(layer: any Layer, first: Int, last: Int)] = []
    for (index, layer) in network.layers.enumerated().reversed()
    where !(layer is any ViewLayer) && (training || !layer.isIdentityInEvaluation) {
      let layer = training ? (layer as? any FreezableLayer)?.frozen ?? layer : layer
      if let next = planned.last, next.first == index + 1,
        let both = Fusion.fused(layer, next.layer)
      {
        planned[planned.count - 1] = (both, index, next.last)
      } else {
        planned.append((layer, index, index))
      }
    }
    return planned.reversed()
  }
}
