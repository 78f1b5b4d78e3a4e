import Tensors

extension Convolution2D {
  /// The algorithm that computes images of `input`'s extents: one of ``ConvolutionAlgorithms/names``.
  public func algorithmName(for input: Shape) -> String {
    (forced ?? ConvolutionAlgorithms.choose(for: geometry(input))).name
  }

  /// The algorithms that can compute images of `input`'s extents, in order of preference.
  public func supportedAlgorithms(for input: Shape) -> [String] {
    let geometry = geometry(input)
    return ConvolutionAlgorithms.all.filter { $0.supports(geometry) }.map { $0.name }
  }

  /// Chooses the algorithm for images of `input`'s extents, or leaves the choice to their rule.
  ///
  /// To be called before an ``Executor`` is made for the layer's network: the algorithm decides on the
  /// memory that it takes.
  ///
  /// - Parameter name: one of ``ConvolutionAlgorithms/names``; nil for the first that suits.
  /// - Throws: ``ConvolutionChoiceError`` if there is no such algorithm, or it does not compute this
  ///   convolution.
  public func setAlgorithm(
    _ name: String?, for input: Shape
  ) throws(ConvolutionChoiceError) {
    guard let name else {
      forced = nil
      return
    }
    guard let algorithm = ConvolutionAlgorithms.named(name) else {
      throw .unknownAlgorithm(found: name)
    }
    guard algorithm.supports(geometry(input)) else {
      let image = Extent2D(input[1], input[2])
      throw .unsupported(
        layer: self.name,
        convolution: "\(inputs) to \(outputs) channels, kernel \(kernel), stride \(stride), "
          + "over \(image)",
        algorithm: name, scope: algorithm.scope)
    }
    forced = algorithm
  }
}

extension Sequential {
  /// Chooses the algorithm of every convolution; see ``Convolution2D/setAlgorithm(_:for:)``.
  ///
  /// - Throws: ``ConvolutionChoiceError`` for a layer that does not exist or that its algorithm does
  ///   not compute.
  public func setConvolutionAlgorithms(
    _ choice: ConvolutionChoice
  ) throws(ConvolutionChoiceError) {
    let convolutions = layers.enumerated().compactMap { index, layer in
      (layer as? Convolution2D).map { (layer: $0, input: inputShape(ofLayer: index)) }
    }
    if case .byLayer(let choices) = choice {
      let known = convolutions.map(\.layer.name)
      for choice in choices where !known.contains(choice.layer) {
        throw .unknownLayer(found: choice.layer, known: known)
      }
    }
    for (layer, input) in convolutions {
      try layer.setAlgorithm(choice.algorithm(of: layer.name), for: input)
    }
  }
}
