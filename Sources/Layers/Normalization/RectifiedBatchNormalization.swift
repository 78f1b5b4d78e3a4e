import CKernels
import Tensors

/// Batch normalization and the following ReLU in one layer: `y = max(0, γ·x̂ + β)`.
///
/// The backward pass reads only `x`. From `x` it computes where `y` is positive, and it treats `∂y`
/// as 0 elsewhere.
final class RectifiedBatchNormalization: StatisticsLayer, PixelwiseLayer {
  private let normalization: BatchNormalization

  init(_ normalization: BatchNormalization) { self.normalization = normalization }

  var name: String { normalization.name }
  var parameters: [Parameter] { normalization.parameters }
  var backwardReadsInput: Bool { true }
  var backwardReadsOutput: Bool { false }
  var isRecomputed: Bool { true }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try normalization.outputShape(for: input)
  }

  func prepareForward(for input: Shape, training: Bool, in context: Context) {
    normalization.prepareForward(for: input, training: training, in: context)
  }

  var laneSums: UnsafeMutableBufferPointer<Double> { normalization.laneSums }

  func beginStatistics(in lane: Lane) { normalization.beginStatistics(in: lane) }

  func accumulateStatistics(_ x: Tensor, in lane: Lane) {
    normalization.accumulateStatistics(x, in: lane)
  }

  func completeStatistics(_ count: Int, of input: Shape, in context: Context) {
    normalization.completeStatistics(count, of: input, in: context)
  }

  func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    normalization.forward(x, into: y, rectifies: true, in: lane)
  }

  func prepareBackward(for input: Shape, givesInputGradient: Bool, in context: Context) {
    normalization.prepareBackward(
      for: input, givesInputGradient: givesInputGradient, in: context)
  }

  func beginGradientStatistics(in lane: Lane) {
    normalization.beginGradientStatistics(in: lane)
  }

  func accumulateGradientStatistics(_ dy: Tensor, of pass: Pass, in lane: Lane) {
    normalization.accumulateGradientStatistics(dy, of: pass, rectifies: true, in: lane)
  }

  func completeGradientStatistics(
    _ count: Int, of input: Shape, addsGradients: Bool, in context: Context
  ) {
    normalization.completeGradientStatistics(
      count, of: input, addsGradients: addsGradients, in: context)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    normalization.backward(dy, into: dx, of: pass, rectifies: true, in: lane)
  }
}
