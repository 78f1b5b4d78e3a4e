import Layers

/// The layers of a network that a picture can be about.
extension Sequential {
  /// The layers whose output is worth a look: all but views, and those that do nothing in evaluation.
  public var shownLayers: [Int] {
    layers.indices.filter {
      !(layers[$0] is any ViewLayer) && !layers[$0].isIdentityInEvaluation
        && layers[$0].residualEnd != .branch
    }
  }

  /// The convolutions, of any kind, whose filters can be drawn.
  public var filterLayers: [Int] {
    layers.indices.filter { (layers[$0].parameters.first?.layout.storedShape.count ?? 0) > 2 }
  }

  /// The layers of ReLU.
  public var rectifiers: [Int] { layers.indices.filter { layers[$0] is ReLU } }

  /// The layers whose outputs are images that lie over the input: Grad-CAM's. A signal's outputs do not.
  public var mappedLayers: [Int] {
    let signal = layers.firstIndex { $0 is Signal } ?? layers.count
    return shownLayers.filter { $0 < signal && outputShapes[$0].rank == 4 }
  }

  /// The convolutions among ``mappedLayers``.
  public var mappedConvolutions: [Int] {
    mappedLayers.filter { layers[$0] is any ConvolutionLayer }
  }

  /// The layer whose output the last layer with weights reads: the last features. ``ProbedNetwork/input`` if
  /// the network has no more than one layer with weights.
  public var featureLayer: Int? {
    guard
      let head = layers.lastIndex(where: { layer in
        layer.parameters.contains { $0.layout.storedShape.count > 1 }
      })
    else { return nil }
    let before = layers[..<head].lastIndex {
      !($0 is any ViewLayer) && !$0.isIdentityInEvaluation
    }
    return before ?? ProbedNetwork.input
  }
}
