import Tensors

extension Sequential {
  /// The network for inference: convolutions whose algorithm or tile is another one for forward passes alone are
  /// replaced by copies with the same parameters. Outputs differ by rounding. Requested algorithms stay.
  ///
  /// - Returns: this network, if nothing is replaced.
  public func choosingForInference() -> Sequential {
    var isChanged = false
    let layers = layers.enumerated().map { index, layer in
      guard let convolution = layer as? Convolution2D,
        let copy = convolution.forInference(of: inputShape(ofLayer: index))
      else { return layer }
      isChanged = true
      return copy
    }
    guard isChanged else { return self }
    do throws(ShapeError) { return try Sequential(layers, inputShape: inputShape) } catch {
      preconditionFailure("the copies have the same shapes: \(error)")
    }
  }
}

extension Convolution2D {
  /// The layer for inference on images of `input`'s extents; nil if it computes them as this one does.
  fileprivate func forInference(of input: Shape) -> Convolution2D? {
    let copy = Convolution2D(forInference: self)
    return copy.computation(of: input) == computation(of: input) ? nil : copy
  }

  /// The algorithm, its tile if it is Winograd's, and whether it takes the whole batch, or is one matrix product of it.
  private func computation(of input: Shape) -> Computation {
    let (geometry, name) = (geometry(input), algorithmName(for: input))
    let winograd = WinogradConvolution.self
    return Computation(
      algorithm: name,
      tile: name == winograd.name
        ? WinogradTiling.tile(for: geometry.block.cropped(for: winograd)) : nil,
      takesWholeBatch: takesWholeBatch(of: input), isOneMatrix: asMatrix(for: input) != nil)
  }

  private struct Computation: Equatable {
    let algorithm: String
    let tile: WinogradTiling.Tile?
    let takesWholeBatch: Bool
    let isOneMatrix: Bool
  }
}
