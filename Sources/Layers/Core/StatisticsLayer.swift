import Tensors

/// A layer that needs sums over the whole batch before it can compute an example: batch normalization.
///
/// In training the executor first passes it every input, lane by lane, in `accumulateStatistics`. After
/// `completeStatistics` the layer computes each example alone. The backward pass does the same with the
/// gradients. In evaluation it is like any other ``ExampleLayer``.
public protocol StatisticsLayer: ExampleLayer {
  /// Sets a lane's sums to zero.
  func beginStatistics(in lane: Lane)
  /// Adds some examples of the lane, in order, to its sums.
  func accumulateStatistics(_ x: Tensor, in lane: Lane)
  /// Adds the lanes' sums, over `count` examples. `forward` comes next.
  func completeStatistics(_ count: Int, of input: Shape, in context: Context)

  /// Sets a lane's sums of gradients to zero.
  func beginGradientStatistics(in lane: Lane)
  /// Adds the gradients with respect to some outputs to the lane's sums. ``Pass/x`` holds the inputs.
  func accumulateGradientStatistics(_ dy: Tensor, of pass: Pass, in lane: Lane)
  /// Adds the lanes' sums, and adds the parameters' gradients. `backward` comes next and only sets
  /// `dx`.
  func completeGradientStatistics(_ count: Int, of input: Shape, in context: Context)
}
