import CKernels
import Tensors

/// The mean of each window, channel by channel. PyTorch's `nn.AvgPool2d`.
///
///     x  [n, h, w, c]        y  [n, h′, w′, c]
///     h′ = ⌊(h + 2·padding − size) / stride⌋ + 1, or with ⌈ ⌉ in ceil mode
///     y_i = (1/nᵢ)·Σ regionᵢ
///
/// `nᵢ` is the number of elements under the window. With ``countsPadding``, PyTorch's default
/// (`count_include_pad`), the padding counts as zeros; otherwise only the elements of the image
/// count. In ceil mode, elements beyond the padding never count. The backward pass gives each
/// element of a region an equal share:
///
///     ∂x = Σᵢ embed(∂yᵢ/nᵢ, everywhere in regionᵢ)
public final class AveragePooling: RowLayer {
  public let name: String
  public let countsPadding: Bool
  private let geometry: PoolingGeometry

  /// - Precondition: extents of at least 1, and padding of at most half the window.
  public init(
    _ name: String, size: Extent2D, stride: Extent2D? = nil, padding: Extent2D = 0,
    ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    geometry = PoolingGeometry(
      size: size, stride: stride ?? size, padding: padding, ceilMode: ceilMode)
    precondition(geometry.problem == nil, name)
    self.name = name
    self.countsPadding = countsPadding
  }

  public var size: Extent2D { geometry.size }
  public var stride: Extent2D { geometry.stride }
  public var padding: Extent2D { geometry.padding }
  public var ceilMode: Bool { geometry.ceilMode }

  public var window: (size: Extent2D, stride: Extent2D)? { (size, stride) }
  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, c]` and a window fits into it.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try geometry.outputShape(for: input, layer: name)
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    var pooling = geometry.pooling(x.shape, y.shape)
    let inputs = x.shape.countPerExample
    let outputs = y.shape.countPerExample
    for n in 0..<x.shape[0] {
      lane.kernels.average_pool(
        &pooling, countsPadding ? 1 : 0, x.base + n * inputs, y.base + n * outputs)
    }
  }

  /// False if the elements of a mean are counted among rows of padding, which the kernel takes for rows above the image.
  public func dividesRows(of input: Shape) -> Bool {
    !countsPadding || geometry.padding.height == 0
  }

  public func outputRows(within rows: Int, of input: Shape) -> Int {
    geometry.outputRows(within: rows, of: input)
  }

  public func forward(
    rows: Range<Int>, of x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?,
    in lane: Lane
  ) {
    var (pooling, skipped) = geometry.pooling(x.shape, y.shape, rows: rows)
    lane.kernels.average_pool(
      &pooling, countsPadding ? 1 : 0, x.base + skipped * x.shape[2] * x.shape[3],
      y.base + rows.lowerBound * y.shape[2] * y.shape[3])
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    var pooling = geometry.pooling(dx.shape, dy.shape)
    let inputs = dx.shape.countPerExample
    let outputs = dy.shape.countPerExample
    for n in 0..<dx.shape[0] {
      lane.kernels.average_pool_backward(
        &pooling, countsPadding ? 1 : 0, dy.base + n * outputs, dx.base + n * inputs)
    }
  }
}

// MARK: Notation

extension AveragePooling {
  package struct Specification: LayerSpecification {
    let window: PoolingGeometry
    let countsPadding: Bool

    package static let words = [
      LayerWord(
        "avgpool", arguments: ["size", "size,stride"],
        options: PoolingGeometry.options + [.init("countpadding", "yes|no", unlessGiven: "yes")],
        meaning: "average pooling; the stride is the size unless given")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      window = try PoolingGeometry(&arguments)
      countsPadding = try arguments.flag("countpadding", unlessGiven: true)
      try arguments.refuse(window.problem)
    }

    package var canonical: String {
      window.canonicalText("avgpool").option("countpadding", countsPadding, unless: true).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      return AveragePooling(
        builder.name("avgpool"), size: window.size, stride: window.stride, padding: window.padding,
        ceilMode: window.ceilMode, countsPadding: countsPadding)
    }
  }
}
