import Tensors

/// The activations of a forward pass that a layer's `backward` may read, for the examples of one
/// call.
///
/// An activation is nil unless the layer declares that it reads it. A wrong declaration therefore
/// stops the program, and the layer never reads another layer's memory.
public struct Pass {
  /// The input, if ``Layer/backwardReadsInput``.
  public let x: Tensor?
  /// The output, if ``Layer/backwardReadsOutput``.
  public let y: Tensor?
  /// The state that the forward pass saved, if ``ExampleLayer/savedStateBytes(for:)`` is not 0.
  public let saved: UnsafeMutablePointer<UInt8>?

  public init(x: Tensor?, y: Tensor?, saved: UnsafeMutablePointer<UInt8>? = nil) {
    self.x = x
    self.y = y
    self.saved = saved
  }

  /// The input of `layer`.
  ///
  /// - Precondition: the layer's ``Layer/backwardReadsInput`` is true.
  public func input(of layer: any Layer) -> Tensor {
    guard let x else {
      preconditionFailure(
        "\(layer.name): backward reads the input, but backwardReadsInput is false")
    }
    return x
  }

  /// The output of `layer`.
  ///
  /// - Precondition: the layer's ``Layer/backwardReadsOutput`` is true.
  public func output(of layer: any Layer) -> Tensor {
    guard let y else {
      preconditionFailure(
        "\(layer.name): backward reads the output, but backwardReadsOutput is false")
    }
    return y
  }

  /// The state that the forward pass of `layer` saved.
  ///
  /// - Precondition: the layer's ``ExampleLayer/savedStateBytes(for:)`` is not 0.
  public func savedState(of layer: any Layer) -> UnsafeMutablePointer<UInt8> {
    guard let saved else {
      preconditionFailure("\(layer.name): backward reads saved state, but forward saved none")
    }
    return saved
  }
}
