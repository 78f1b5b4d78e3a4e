import CKernels
import Tensors

/// Multiplication by a constant, `y = c·x`, and `∂x = c·∂y`.
///
/// Before the loss it is the softmax's temperature: logits of a ninth of their size make first
/// predictions even and gradients small.
public final class Scale: ExampleLayer {
  public let name: String
  public let factor: Float

  public init(_ name: String, by factor: Float) {
    self.name = name
    self.factor = factor
  }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    lane.kernels.scale(factor, x.base, y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.scale(factor, dy.base, dx.base, dy.count)
  }
}
