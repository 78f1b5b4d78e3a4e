import CKernels
import Tensors

/// The hyperbolic tangent, `y = tanh x = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)`, which maps every number to a
/// number between −1 and 1. PyTorch's `nn.Tanh()`.
///
/// Since `tanh′ = 1 − tanh²` the backward pass reads only the output:
///
///     ∂x = ∂y ⊙ (1 − y²)
///
/// The kernels' error in `y` is at most 2 units in the last place. A NaN passes through.
public final class Tanh: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { true }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    lane.kernels.hyperbolic_tangent(x.base, y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.hyperbolic_tangent_backward(pass.output(of: self).base, dy.base, dx.base, dy.count)
  }
}

// MARK: Notation

extension Tanh {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord("tanh", meaning: "the hyperbolic tangent")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      Tanh(builder.name("tanh"))
    }
  }
}
