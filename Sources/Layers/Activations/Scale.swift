import CKernels
import Tensors

/// Multiplication by a constant, `y = c·x`, and `∂x = c·∂y`.
///
/// In front of the loss it sets the softmax's temperature: logits scaled by 1/9 make the first
/// predictions nearly uniform and their gradients small.
public final class Scale: PixelwiseLayer {
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

// MARK: Notation

extension Scale {
  package struct Specification: LayerSpecification {
    let factor: Double

    package static let words = [
      LayerWord(
        "scale", arguments: ["factor"], note: "a number or a fraction as 1/9",
        meaning: "multiplication by a constant")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      let value = try arguments.next("the factor")
      let parts = value.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2 {
        let numerator = try arguments.parseNumber(parts[0], "factor")
        factor = Double(numerator) / Double(try arguments.parseNumber(parts[1], "factor"))
      } else {
        factor = try arguments.parseReal(value, "factor", 1e-6...1e6, "0.000001 to 1000000")
      }
    }

    /// A short decimal, or the fraction of the smallest denominator that equals the number, or a
    /// long decimal.
    package var canonical: String {
      let decimal = factor.notation
      return CanonicalText("scale", decimal.count > 8 ? fraction ?? decimal : decimal).text
    }

    private var fraction: String? {
      for denominator in 2...1000 {
        let numerator = (factor * Double(denominator)).rounded()
        if (1...1000).contains(numerator), numerator / Double(denominator) == factor {
          return "\(Int(numerator))/\(denominator)"
        }
      }
      return nil
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      Scale(builder.name("scale"), by: Float(factor))
    }
  }
}
