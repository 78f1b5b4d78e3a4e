extension Sequential {
  /// True if a training step computes the gradient with respect to the input of layer `index`,
  /// since an earlier layer is trained.
  package func needsInputGradient(ofLayer index: Int) -> Bool {
    layers[..<index].contains { $0.isTrained }
  }

  /// The multiply-adds of one example's forward pass through layer `index`, as the layer's formula
  /// counts them for any algorithm. Effective rates are based on this count.
  public func forwardMultiplyAdds(ofLayer index: Int) -> Int {
    layers[index].multiplyAdds(for: inputShape(ofLayer: index))
  }

  /// The multiply-adds of the backward pass: the forward count for backward weights if the weights
  /// are trained, and once more for backward data if an earlier layer is trained.
  public func backwardMultiplyAdds(ofLayer index: Int) -> Int {
    let trainsWeight = layers[index].parameters.contains {
      if case .vector = $0.layout { false } else { $0.isTrained }
    }
    let passes = (trainsWeight ? 1 : 0) + (needsInputGradient(ofLayer: index) ? 1 : 0)
    return passes * forwardMultiplyAdds(ofLayer: index)
  }

  /// The multiply-adds of one example, in a forward pass or in a training step.
  public func multiplyAdds(training: Bool) -> Int {
    layers.indices.reduce(0) {
      $0 + forwardMultiplyAdds(ofLayer: $1) + (training ? backwardMultiplyAdds(ofLayer: $1) : 0)
    }
  }
}
