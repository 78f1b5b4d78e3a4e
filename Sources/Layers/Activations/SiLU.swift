import CKernels
import Tensors

/// The sigmoid linear unit, `y = x·σ(x)` with `σ(x) = 1/(1 + e⁻ˣ)` (Elfwing, Uchibe and Doya 2018,
/// "Sigmoid-weighted linear units", equation 3). PyTorch's `nn.SiLU()`.
///
///     ∂x = ∂y ⊙ σ(x) ⊙ (1 + x ⊙ (1 − σ(x)))
///
/// The backward pass reads the input: two inputs share each output between the minimum, −0.28 at
/// x = −1.28, and 0. The kernels are exact to 2 units in the last place of `y`, and to 3·10⁻⁷ in
/// `∂x/∂y`. A NaN passes through; −∞ gives −0, its limit.
public final class SiLU: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    lane.kernels.silu(x.base, y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.silu_backward(pass.input(of: self).base, dy.base, dx.base, dy.count)
  }
}

// MARK: Notation

extension SiLU {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord(
      "silu", meaning: "`x/(1 + exp(−x))`, as PyTorch's `nn.SiLU()`")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      SiLU(builder.name("silu"))
    }
  }
}
