extension Sequential {
  /// Whether a training step computes the gradient by the input of layer `index`: there are trained
  /// parameters before it.
  package func needsInputGradient(ofLayer index: Int) -> Bool {
    layers[..<index].contains { $0.isTrained }
  }

  /// The multiply-adds of one example's forward pass through layer `index`, counted as the formula
  /// has them, whatever the algorithm: what effective rates are about.
  public func forwardMultiplyAdds(ofLayer index: Int) -> Int {
    layers[index].multiplyAdds(for: inputShape(ofLayer: index))
  }

  /// The same for the backward pass: as many for the gradient by the weights if they are trained, and
  /// as many for that by the input if there are trained parameters before.
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
