import CKernels
import Tensors

/// Batch normalization and the ReLU behind it in one: `y = max(0, γ·x̂ + β)`.
///
/// The backward pass reads `x` alone, from which it knows where `y` is positive, and treats `∂y` as 0
/// elsewhere.
final class RectifiedBatchNormalization: StatisticsLayer {
  private let normalization: BatchNormalization

  init(_ normalization: BatchNormalization) { self.normalization = normalization }

  var name: String { normalization.name }
  var parameters: [Parameter] { normalization.parameters }
  var backwardReadsInput: Bool { true }
  var backwardReadsOutput: Bool { false }
  var isCheap: Bool { true }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try normalization.outputShape(for: input)
  }

  func prepareForward(for input: Shape, training: Bool, in context: Context) {
    normalization.prepareForward(for: input, training: training, in: context)
  }

  func beginObserving(in lane: Lane) { normalization.beginObserving(in: lane) }

  func observe(_ x: Tensor, in lane: Lane) { normalization.observe(x, in: lane) }

  func endObserving(_ count: Int, of input: Shape, in context: Context) {
    normalization.endObserving(count, of: input, in: context)
  }

  func forward(_ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    normalization.forward(x, into: y, rectifies: true, in: lane)
  }

  func prepareBackward(for input: Shape, givesInputGradient: Bool, in context: Context) {
    normalization.prepareBackward(
      for: input, givesInputGradient: givesInputGradient, in: context)
  }

  func beginObservingGradient(in lane: Lane) { normalization.beginObservingGradient(in: lane) }

  func observeGradient(_ dy: Tensor, of pass: Pass, in lane: Lane) {
    normalization.observeGradient(dy, of: pass, rectifies: true, in: lane)
  }

  func endObservingGradient(_ count: Int, of input: Shape, in context: Context) {
    normalization.endObservingGradient(count, of: input, in: context)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    normalization.backward(dy, into: dx, of: pass, rectifies: true, in: lane)
  }
}
