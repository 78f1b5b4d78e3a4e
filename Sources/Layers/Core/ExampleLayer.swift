import Tensors

/// A layer that computes each example independently of all others.
///
/// The executor assigns the examples of a batch to a fixed number of lanes. One thread passes a few
/// examples of a lane through many such layers, while their activations are in its cache. Each lane
/// sums its own parameter gradients (`Parameter/gradient(ofLane:)`); the lanes' sums are added
/// afterwards.
///
/// The calls of a training step, in order:
///
///     prepareForward                                    once
///     forward                                           for the examples of a lane, in order
///     prepareBackward                                   once
///     beginBackward, backward …, endBackward            for each lane, on one thread
public protocol ExampleLayer: Layer {
  /// Bytes per example that `forward` saves for `backward`, besides input and output: the positions of
  /// maxima, or a mask.
  func savedStateBytes(for input: Shape) -> Int
  /// Floats of scratch memory that a call needs.
  func scratchCount(for input: Shape) -> Int

  /// Called before each forward pass, since the parameters may have changed.
  ///
  /// - `training`: true if a backward pass may follow, false in evaluation.
  func prepareForward(for input: Shape, training: Bool, in context: Context)
  /// Computes `y` from `x`.
  ///
  /// - `saved`: memory for the examples' saved state. Nil in evaluation, and where the
  ///   backward pass only recomputes `y`.
  func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane)

  /// Called before each backward pass.
  ///
  /// - `givesInputGradient`: true if the pass will set `dx`.
  func prepareBackward(for input: Shape, givesInputGradient: Bool, in context: Context)
  /// Called before the first `backward` of a lane, on its thread.
  func beginBackward(in lane: Lane)
  /// Adds the parameters' gradients to the lane's sums, and sets `dx` unless it is nil.
  ///
  /// - `dy`: the gradient of the loss with respect to the output.
  /// - `dx`: the gradient with respect to the input; nil if no earlier layer is trained.
  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane)
  /// Called after the last `backward` of a lane, on its thread.
  func endBackward(for input: Shape, in lane: Lane)
}

extension ExampleLayer {
  public func savedStateBytes(for input: Shape) -> Int { 0 }
  public func scratchCount(for input: Shape) -> Int { 0 }
  public func prepareForward(for input: Shape, training: Bool, in context: Context) {}
  public func prepareBackward(
    for input: Shape, givesInputGradient: Bool, in context: Context
  ) {}
  public func beginBackward(in lane: Lane) {}
  public func endBackward(for input: Shape, in lane: Lane) {}
}
