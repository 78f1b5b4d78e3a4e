import CKernels
import Tensors

/// The logistic function, `y = σ(x) = 1/(1 + e⁻ˣ)`, which maps every number to a number between 0
/// and 1. PyTorch's `nn.Sigmoid()`.
///
/// Since `σ′ = σ·(1 − σ)` the backward pass reads only the output:
///
///     ∂x = ∂y ⊙ (1 − y) ⊙ y
///
/// The kernels' error in `y` is at most 2 units in the last place. A NaN passes through.
public final class Sigmoid: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { true }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    lane.kernels.sigmoid(x.base, y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.sigmoid_backward(pass.output(of: self).base, dy.base, dx.base, dy.count)
  }
}

// MARK: Notation

extension Sigmoid {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord("sigmoid", meaning: "`1/(1 + exp(−x))`")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      Sigmoid(builder.name("sigmoid"))
    }
  }
}
