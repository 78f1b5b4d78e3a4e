import Tensors

/// One step of a network: a function of its input, with the derivative written by hand beside it
/// (lecture row L1).
///
/// A layer owns its parameters and nothing else. The ``Executor`` owns all activations and gradients,
/// and passes them to the layer's functions. How a layer gets its examples depends on the protocol that
/// it conforms to:
///
/// | protocol | examples per call | for |
/// |---|---|---|
/// | ``ExampleLayer`` | a few, on one thread | ReLU, pooling, most convolutions |
/// | ``StatisticsLayer`` | the same, after sums over the whole batch | batch normalization |
/// | ``BatchLayer`` | the whole batch, on all threads | fully connected |
/// | ``StreamingLayer`` | the whole batch, read and written one example at a time | large convolutions |
/// | ``ViewLayer`` | none: it only changes the shape | flatten |
public protocol Layer: AnyObject {
  /// The kind and its number, in order: `conv1`, `fc2`.
  var name: String { get }
  /// The values that a checkpoint stores, in PyTorch's order: weight, bias, running averages.
  var parameters: [Parameter] { get }

  // MARK: Properties that the executor relies on

  /// True if `backward` reads the layer's input. Otherwise the executor need not store the input,
  /// and ``Pass/x`` is nil.
  var backwardReadsInput: Bool { get }
  /// True if `backward` reads the layer's output. Otherwise the executor need not store the output,
  /// and ``Pass/y`` is nil.
  var backwardReadsOutput: Bool { get }
  /// True if the layer may overwrite its input: `y` may have the address of `x`, and `dx` that of
  /// `dy`.
  ///
  /// Each output of such a layer depends on one input, at the same place, and possibly on values
  /// that belong to its channel.
  var mayWorkInPlace: Bool { get }
  /// True if the backward pass recomputes the layer's output rather than reading a stored one,
  /// where the layer's input is available: recomputing costs less than writing the output to memory
  /// and reading it.
  var isRecomputed: Bool { get }
  /// True if the layer returns its input unchanged in evaluation. The executor then skips it.
  var isIdentityInEvaluation: Bool { get }
  /// The end of a residual block that the layer is; nil for any other layer.
  var residualEnd: ResidualEnd? { get }

  // MARK: Shapes

  /// The shape of the output for an input's shape. Both start with the number of examples.
  ///
  /// - Throws: ``ShapeError`` if the layer cannot take the input.
  func outputShape(for input: Shape) throws(ShapeError) -> Shape
  /// The multiply-adds of one example's forward pass.
  func multiplyAdds(for input: Shape) -> Int
  /// The region of an image that one output reads, and the distance between the regions of
  /// neighboring outputs. Nil for layers whose outputs read a single pixel, or all pixels.
  var window: (size: Extent2D, stride: Extent2D)? { get }
  /// The number of outputs for each step of the window's stride, along each axis: 2 doubles an
  /// image.
  var enlargement: Extent2D { get }
}

extension Layer {
  public var parameters: [Parameter] { [] }
  public var mayWorkInPlace: Bool { false }
  public var isRecomputed: Bool { false }
  public var isIdentityInEvaluation: Bool { false }
  public var residualEnd: ResidualEnd? { nil }
  public func multiplyAdds(for input: Shape) -> Int { 0 }
  public var window: (size: Extent2D, stride: Extent2D)? { nil }
  public var enlargement: Extent2D { 1 }

  /// True if the optimizer changes any of the layer's parameters.
  var isTrained: Bool { parameters.contains(where: \.isTrained) }
}
