import CKernels
import Tensors

/// The rectifier, `y = max(0, x)`.
///
/// The backward pass (lecture row L7) is `∂x = ∂y ⊙ ⟦x > 0⟧`. It reads only the output, since
/// `y > 0` exactly where `x > 0`. A NaN passes through and is not hidden.
public final class ReLU: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { true }
  public var isRecomputed: Bool { true }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    lane.kernels.relu(x.base, y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.relu_backward(pass.output(of: self).base, dy.base, dx.base, dy.count)
  }
}

// MARK: Notation

extension ReLU {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord("relu", meaning: "`max(0, x)`")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      ReLU(builder.name("relu"))
    }
  }
}
