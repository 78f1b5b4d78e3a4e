import CKernels
import Tensors

/// Enlarges images by integer factors, without parameters. Upsampling with a convolution behind it
/// is the alternative to a strided transposed convolution (lecture row L18; Krešo et al. 2017).
///
///     x  [n, h, w, c]        y  [n, s·h, s·w, c]
///
/// The nearest mode repeats each element s×s times. The bilinear mode interpolates along rows and
/// columns: output i of an axis lies at `(i + ½)/s − ½` among the inputs, clamped to the first and
/// the last (PyTorch's `nn.Upsample` with its default `align_corners=False`). Both are linear,
/// `y = R·x·Cᵀ` for each channel, with matrices that depend only on the extents, so
///
///     ∂x = Rᵀ·∂y·C
///
/// In the nearest mode this is the sum over the copies of each element.
public final class Upsampling: ExampleLayer {
  public enum Mode: String, Sendable {
    case nearest
    case bilinear
  }

  public let name: String
  public let factor: Extent2D
  public let mode: Mode

  private let arena = Arena()
  private let rowWeights: UnsafeMutablePointer<Float>
  private let columnWeights: UnsafeMutablePointer<Float>

  /// - Precondition: factors of at least 1.
  public init(_ name: String, by factor: Extent2D, _ mode: Mode = .nearest) {
    precondition(factor.height >= 1 && factor.width >= 1, "\(name): a factor of \(factor)")
    self.name = name
    self.factor = factor
    self.mode = mode
    rowWeights = Self.weights(factor.height, in: arena)
    columnWeights = Self.weights(factor.width, in: arena)
  }

  /// The weight of an input at each output between its neighbors, `1 − |distance|`, rounded once.
  private static func weights(_ factor: Int, in arena: Arena) -> UnsafeMutablePointer<Float> {
    let count = 2 * factor - factor % 2
    let weights = arena.floats(count)
    for i in 0..<count {
      // Distances are multiples of 1/(2·factor), symmetric about the input.
      let distance = abs(2 * i + 1 - count)
      weights[i] = Float(2 * factor - distance) / Float(2 * factor)
    }
    return weights
  }

  public var enlargement: Extent2D { factor }

  /// Bilinear outputs read two inputs along each enlarged axis.
  public var window: (size: Extent2D, stride: Extent2D)? {
    mode == .nearest
      ? (1, 1) : (Extent2D(factor.height > 1 ? 2 : 1, factor.width > 1 ? 2 : 1), 1)
  }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, c]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4 else {
      throw ShapeError(layer: name, expected: "[n, h, w, c]", found: input)
    }
    return [input[0], factor.height * input[1], factor.width * input[2], input[3]]
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    var upsampling = upsampling(x.shape)
    let upsample =
      mode == .nearest ? lane.kernels.upsample_nearest : lane.kernels.upsample_bilinear
    let inputs = x.shape.countPerExample
    let outputs = y.shape.countPerExample
    for n in 0..<x.shape[0] {
      upsample!(&upsampling, x.base + n * inputs, y.base + n * outputs)
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    var upsampling = upsampling(dx.shape)
    let collect =
      mode == .nearest
      ? lane.kernels.upsample_nearest_backward : lane.kernels.upsample_bilinear_backward
    let inputs = dx.shape.countPerExample
    let outputs = dy.shape.countPerExample
    for n in 0..<dx.shape[0] {
      collect!(&upsampling, dy.base + n * outputs, dx.base + n * inputs)
    }
  }

  private func upsampling(_ x: Shape) -> upsampling {
    CKernels.upsampling(
      h: x[1], w: x[2], channels: x[3], factor_h: factor.height, factor_w: factor.width,
      weights_h: rowWeights, weights_w: columnWeights)
  }
}

// MARK: Notation

extension Upsampling {
  package struct Specification: LayerSpecification {
    let factor: Extent2D
    let mode: Mode

    package static let words = [
      LayerWord(
        "upsample", arguments: ["factor"],
        options: [.init("mode", "nearest|bilinear", unlessGiven: "nearest")],
        meaning: "enlargement by a whole factor")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      factor = try arguments.extent("factor", "the factor")
      mode =
        try arguments.choice("mode", of: ["nearest", "bilinear"]) == "nearest"
        ? .nearest : .bilinear
    }

    package var canonical: String {
      CanonicalText("upsample", factor).option("mode", mode.rawValue, unless: "nearest").text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      return Upsampling(builder.name("upsample"), by: factor, mode)
    }

    package var remedyForLargeOutput: String { "a smaller factor" }
  }
}
