import CKernels
import Tensors

/// The Gaussian error linear unit, `y = x·Φ(x)`, with the standard normal distribution
/// `Φ(x) = ½·(1 + erf(x/√2))`: each element times the probability that a normal variable is below
/// it (Hendrycks and Gimpel 2016, "Gaussian error linear units"). PyTorch's `nn.GELU()`.
///
/// With the density `φ(x) = Φ′(x) = exp(−x²/2)/√(2π)` the backward pass is
///
///     ∂x = ∂y ⊙ (Φ(x) + x ⊙ φ(x))
///
/// It reads the input, since the output does not determine it: every output between the minimum,
/// −0.17 at x = −0.75, and 0 has two inputs. The kernels' error is at most 1.5·10⁻⁷·max(1, |x|) in
/// `y` and 5·10⁻⁷ in `∂x/∂y`. A NaN passes through; −∞ gives 0, its limit.
public final class GELU: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    lane.kernels.gelu(x.base, y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.gelu_backward(pass.input(of: self).base, dy.base, dx.base, dy.count)
  }
}

// MARK: Notation

extension GELU {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord(
      "gelu", meaning: "`x·Φ(x)` with the normal distribution Φ, exact as PyTorch's `nn.GELU()`")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      GELU(builder.name("gelu"))
    }
  }
}
