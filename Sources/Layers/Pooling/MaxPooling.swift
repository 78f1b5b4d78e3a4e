import CKernels
import Tensors

/// The maximum of each window, channel by channel.
///
///     x  [n, h, w, c]        y  [n, h′, w′, c]
///     h′ = ⌊(h + 2·padding − size) / stride⌋ + 1, or with ⌈ ⌉ in ceil mode
///
/// Lecture row L9 pools disjoint regions of which the last may be smaller, which is ceil mode.
/// Windows may also overlap or leave gaps. As in PyTorch, a window of ceil mode must start inside
/// the image or its left padding, and padding is never the maximum. The backward pass sends each
/// `∂y` to the position of its maximum, the first of equal values:
///
///     ∂x = Σᵢ ∂yᵢ · embed(onehot(argmax regionᵢ), i)
public final class MaxPooling: RowLayer {
  public let name: String
  private let geometry: PoolingGeometry
  /// True if the layer includes a ReLU (``Fusion``).
  private let rectifies: Bool

  /// - Precondition: a window of 1 to 256 elements, and padding of at most half its size.
  public convenience init(
    _ name: String, size: Extent2D, stride: Extent2D? = nil, padding: Extent2D = 0,
    ceilMode: Bool = false
  ) {
    let geometry = PoolingGeometry(
      size: size, stride: stride ?? size, padding: padding, ceilMode: ceilMode)
    precondition(Self.problem(geometry) == nil, name)
    self.init(name, geometry, rectifies: false)
  }

  private init(_ name: String, _ geometry: PoolingGeometry, rectifies: Bool) {
    self.name = name
    self.geometry = geometry
    self.rectifies = rectifies
  }

  public var size: Extent2D { geometry.size }
  public var stride: Extent2D { geometry.stride }
  public var padding: Extent2D { geometry.padding }
  public var ceilMode: Bool { geometry.ceilMode }

  /// This layer and a ReLU in one. Nil if one byte cannot encode every position of a window and
  /// "none".
  var rectified: MaxPooling? {
    guard !rectifies, size.height * size.width < 256 else { return nil }
    return MaxPooling(name, geometry, rectifies: true)
  }

  /// The error in a window, or nil.
  package static func problem(_ geometry: PoolingGeometry) -> String? {
    let size = geometry.size
    if size.height < 1 || size.width < 1 || size.height * size.width > 256 {
      return "a window of \(size) (expected 1 to 256 elements)"
    }
    return geometry.problem
  }

  public var window: (size: Extent2D, stride: Extent2D)? { (size, stride) }
  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, c]` and a window fits into it.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try geometry.outputShape(for: input, layer: name)
  }

  /// One byte for each output: the position of the maximum in its window.
  public func savedStateBytes(for input: Shape) -> Int {
    guard let output = try? outputShape(for: input) else { return 0 }
    return output.countPerExample
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    var pooling = geometry.pooling(x.shape, y.shape, rectifies: rectifies)
    let inputs = x.shape.countPerExample
    let outputs = y.shape.countPerExample
    for n in 0..<x.shape[0] {
      lane.kernels.max_pool(
        &pooling, x.base + n * inputs, y.base + n * outputs, saved.map { $0 + n * outputs })
    }
  }

  public func outputRows(within rows: Int, of input: Shape) -> Int {
    geometry.outputRows(within: rows, of: input)
  }

  public func forward(
    rows: Range<Int>, of x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?,
    in lane: Lane
  ) {
    var (pooling, skipped) = geometry.pooling(x.shape, y.shape, rows: rows, rectifies: rectifies)
    let first = rows.lowerBound * y.shape[2] * y.shape[3]
    lane.kernels.max_pool(
      &pooling, x.base + skipped * x.shape[2] * x.shape[3], y.base + first,
      saved.map { $0 + first })
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    let saved = pass.savedState(of: self)
    var pooling = geometry.pooling(dx.shape, dy.shape, rectifies: rectifies)
    let inputs = dx.shape.countPerExample
    let outputs = dy.shape.countPerExample
    for n in 0..<dx.shape[0] {
      lane.kernels.max_pool_backward(
        &pooling, dy.base + n * outputs, saved + n * outputs, dx.base + n * inputs)
    }
  }
}

// MARK: Notation

extension MaxPooling {
  package struct Specification: LayerSpecification {
    let window: PoolingGeometry

    package static let words = [
      LayerWord(
        "pool", aliases: ["maxpool"], arguments: ["size", "size,stride"],
        options: PoolingGeometry.options,
        meaning: "max pooling; the stride is the size unless given"),
      LayerWord(
        "pool1d", arguments: ["size", "size,stride"], options: PoolingGeometry.options,
        meaning: "`pool(1xsize,1xstride)`, which is its canonical form"),
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      window = try PoolingGeometry(&arguments, ofSignal: arguments.word.name == "pool1d")
      try arguments.refuse(MaxPooling.problem(window))
    }

    package var canonical: String { window.canonicalText("pool").text }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      return MaxPooling(
        builder.name("pool"), size: window.size, stride: window.stride, padding: window.padding,
        ceilMode: window.ceilMode)
    }
  }
}
