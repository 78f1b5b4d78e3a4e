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

  // MARK: What the executor may do

  /// Whether `backward` reads the layer's input. If not, the executor need not store it, and
  /// ``Pass/x`` is nil.
  var backwardReadsInput: Bool { get }
  /// Whether `backward` reads the layer's output. If not, the executor need not store it, and
  /// ``Pass/y`` is nil.
  var backwardReadsOutput: Bool { get }
  /// Whether the layer may overwrite its input: `y` may lie where `x` lies, and `dx` where `dy` lies.
  ///
  /// Such a layer works element by element, or element by element within a channel: each output depends
  /// on one input, at the same place.
  var mayWorkInPlace: Bool { get }
  /// Whether the layer's output is recomputed in the backward pass rather than stored, where its input
  /// is at hand: recomputing it costs less than writing and reading it in memory.
  var isRecomputed: Bool { get }
  /// Whether the layer returns its input unchanged in evaluation. The executor then skips it.
  var isIdentityInEvaluation: Bool { get }
  /// Which end of a residual block the layer is; nil for any other layer.
  var residualEnd: ResidualEnd? { get }

  // MARK: Shapes

  /// The output's shape for an input's. Both start with the number of examples.
  ///
  /// - Throws: ``ShapeError`` if the layer cannot take the input.
  func outputShape(for input: Shape) throws(ShapeError) -> Shape
  /// The multiply-adds of one example's forward pass.
  func multiplyAdds(for input: Shape) -> Int
  /// The part of an image that one output reads, and the distance between neighboring outputs. Nil for
  /// layers that read each pixel alone, or all pixels.
  var window: (size: Extent2D, stride: Extent2D)? { get }
  /// The number of outputs for each step of the window's stride, along each axis: 2 doubles an image.
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

  /// Whether the optimizer changes any of the layer's parameters.
  var isTrained: Bool { parameters.contains(where: \.isTrained) }
}
