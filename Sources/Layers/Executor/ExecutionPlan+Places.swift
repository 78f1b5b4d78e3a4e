import Tensors

/// What a plan knows of the network's layers before it is made.
extension ExecutionPlan {
  /// What the network says of one layer's place. Views have none: they only change the shape in which
  /// the next layer reads its input. Nor has what does nothing in evaluation, there.
  struct Place {
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

    /// Whether the layer can take outputs in the midst of another layer's pass: it sums nothing over examples,
    /// needs no scratch memory, which that layer uses, and is no end of a residual block. The number of the
    /// lane that it gets may be that of any part of the batch.
    var canBeSink: Bool {
      guard let layer = layer as? any ExampleLayer else { return false }
      return layer.scratchCount(for: input) == 0
        && (layer.parameters.isEmpty || layer is any StatisticsLayer)
        && !(layer is ResidualBranch || layer is ResidualSum)
    }

    static func batchLayer(_ layer: any Layer, _ input: Shape) -> (any BatchLayer)? {
      guard let layer = layer as? any BatchLayer, layer.takesWholeBatch(of: input) else {
        return nil
      }
      return layer
    }
  }

  /// Takes the places of the next unit from the beginning of `rest`.
  static func takeUnit(from rest: inout ArraySlice<Place>) -> ArraySlice<Place> {
    let end = rest.firstIndex { $0.endsUnit }.map { $0 + 1 } ?? rest.endIndex
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  /// Whether these layers compute the inputs of the layer at the beginning of `rest`, as it reads them.
  func isSource(_ group: ArraySlice<Place>, before rest: ArraySlice<Place>) -> Bool {
    streams && rest.first?.batchLayer is any StreamingLayer && group.allSatisfy(\.canBeSource)
  }

  /// Whether these layers, behind a ``StreamingLayer``, take its outputs as it hands them on.
  func isSink(_ group: ArraySlice<Place>, before rest: ArraySlice<Place>) -> Bool {
    guard streams, let first = group.first else { return false }
    return !(training && first.layer is any StatisticsLayer) && group.allSatisfy(\.canBeSink)
      && !isSource(group, before: rest)
  }

  static func places(_ network: Sequential, training: Bool) -> [Place] {
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

  enum Keeping { case kept, passing, recomputed, recomputedInPlace }

  /// What becomes of each output of a run. The last one is kept, but that of a source, which is computed
  /// whenever it is read, and had once more if the layer's own backward pass reads it. Another one that is
  /// read later is kept, unless cheap layers lead to it from one that is kept anyway.
  ///
  /// - Parameter hasInput: whether the backward pass has the run's input.
  static func keepings(
    _ places: ArraySlice<Place>, isSource: Bool, hasInput: Bool
  ) -> [Keeping] {
    var keepings: [Keeping] = []
    /// The cheap layers since the last output that the backward pass has; nil if others came between.
    var cheap: Int? = hasInput ? 0 : nil
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
