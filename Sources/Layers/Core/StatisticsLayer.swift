import Tensors

/// A layer that needs sums over the whole batch before it can compute an example: batch normalization.
///
/// In training the executor first passes every input to `accumulateStatistics`, lane by lane. After
/// `completeStatistics` the layer computes each example independently. The backward pass does the
/// same with the gradients. In evaluation the layer is like any other ``ExampleLayer``.
public protocol StatisticsLayer: ExampleLayer {
  /// The sums of all lanes, lane by lane, in either pass; arbitrary for lanes without examples. Where several
  /// processes share a batch, the sums of the other processes' lanes are copied here before a `complete` call.
  var laneSums: UnsafeMutableBufferPointer<Double> { get }

  /// Sets a lane's sums to zero.
  func beginStatistics(in lane: Lane)
  /// Adds examples of the lane, in order, to its sums.
  func accumulateStatistics(_ x: Tensor, in lane: Lane)
  /// Adds the sums of the lanes that have some of the batch's `count` examples. The calls of `forward` follow.
  func completeStatistics(_ count: Int, of input: Shape, in context: Context)

  /// Sets a lane's sums of gradients to zero.
  func beginGradientStatistics(in lane: Lane)
  /// Adds gradients with respect to outputs to the lane's sums. ``Pass/x`` holds the inputs.
  func accumulateGradientStatistics(_ dy: Tensor, of pass: Pass, in lane: Lane)
  /// Adds the sums of the lanes that have examples, and adds the parameters' gradients if `addsGradients` is
  /// true: one of the processes that share gradients adds them. The calls of `backward` follow and only set `dx`.
  func completeGradientStatistics(
    _ count: Int, of input: Shape, addsGradients: Bool, in context: Context)
}
