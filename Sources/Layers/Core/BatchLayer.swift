import Tensors

/// A layer that computes the whole batch at once, with all threads: a fully connected layer is one
/// matrix product.
public protocol BatchLayer: Layer {
  /// True if the layer takes the whole batch for inputs of this shape. Otherwise it must also be an
  /// ``ExampleLayer``, and runs as one. The answer depends only on the shape of one example.
  func takesWholeBatch(of input: Shape) -> Bool
  /// Floats of scratch memory that each thread needs.
  func scratchCount(for input: Shape) -> Int
  /// Floats of scratch memory that all threads share during one pass.
  func sharedScratchCount(for input: Shape, threads: Int) -> Int

  /// Computes `y` from `x`.
  func forward(
    _ x: Tensor, into y: Tensor, sharedScratch: UnsafeMutablePointer<Float>, in context: Context)
  /// Adds the parameters' gradients, and sets `dx` unless it is nil.
  func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context)
}

extension BatchLayer {
  public func takesWholeBatch(of input: Shape) -> Bool { true }
}
