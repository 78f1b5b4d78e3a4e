import CKernels
import Tensors

/// The greatest value of each window, channel by channel.
///
///     x  [n, h, w, c]        y  [n, h′, w′, c]
///     h′ = ⌊(h + 2·padding − size) / stride⌋ + 1, or with ⌈ ⌉ in ceil mode
///
/// Lecture row L9 pools disjoint regions, the last one ragged, which is ceil mode; windows may also
/// overlap or leave gaps. As in PyTorch a window of ceil mode must start inside the image or its left
/// padding, and padding is never the maximum. The backward pass sends each `∂y` to the place of its
/// maximum, the first one of equal values:
///
///     ∂x = Σᵢ ∂yᵢ · embed(onehot(argmax regionᵢ), i)
public final class MaxPooling: ExampleLayer {
  public let name: String
  public let size: Extent2D
  public let stride: Extent2D
  public let padding: Extent2D
  public let ceilMode: Bool
  /// Whether a ReLU is part of the layer. Before and behind it are the same: the greatest of max(0, x) is
  /// max(0, the greatest x), and `∂y` reaches that place, if it is positive, either way.
  private let rectifies: Bool

  /// - Precondition: a window of 1 to 256 elements, and padding of at most half its size.
  public convenience init(
    _ name: String, size: Extent2D, stride: Extent2D? = nil, padding: Extent2D = 0,
    ceilMode: Bool = false
  ) {
    self.init(
      name, size: size, stride: stride, padding: padding, ceilMode: ceilMode, rectifies: false)
  }

  private init(
    _ name: String, size: Extent2D, stride: Extent2D?, padding: Extent2D, ceilMode: Bool,
    rectifies: Bool
  ) {
    let stride = stride ?? size
    precondition(Self.problem(size: size, stride: stride, padding: padding) == nil, name)
    self.name = name
    self.size = size
    self.stride = stride
    self.padding = padding
    self.ceilMode = ceilMode
    self.rectifies = rectifies
  }

  /// Pooling and a ReLU in one, where a byte has room for a place that no gradient reaches.
  public func fused(with next: any Layer) -> (any ExampleLayer)? {
    next is ReLU ? rectified : nil
  }

  var rectified: MaxPooling? {
    guard !rectifies, size.height * size.width < 256 else { return nil }
    return MaxPooling(
      name, size: size, stride: stride, padding: padding, ceilMode: ceilMode, rectifies: true)
  }

  /// What is wrong with a window, or nil.
  public static func problem(size: Extent2D, stride: Extent2D, padding: Extent2D) -> String? {
    if size.height < 1 || size.width < 1 || size.height * size.width > 256 {
      return "a window of \(size) (expected 1 to 256 elements)"
    }
    if stride.height < 1 || stride.width < 1 { return "a stride of \(stride) (expected 1 or more)" }
    if padding.height < 0 || padding.width < 0 || 2 * padding.height > size.height
      || 2 * padding.width > size.width
    {
      return "a padding of \(padding) (expected at most half the window of \(size))"
    }
    return nil
  }

  public var window: (size: Extent2D, stride: Extent2D)? { (size, stride) }
  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, c]` and a window fits into it.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4 else {
      throw ShapeError(layer: name, expected: "[n, h, w, c]", found: input)
    }
    let height = outputExtent(input[1], size.height, stride.height, padding.height)
    let width = outputExtent(input[2], size.width, stride.width, padding.width)
    guard height > 0, width > 0 else {
      throw ShapeError(
        layer: name, expected: "an image of at least the window \(size), padding \(padding)",
        found: input)
    }
    return [input[0], height, width, input[3]]
  }

  private func outputExtent(_ extent: Int, _ size: Int, _ stride: Int, _ padding: Int) -> Int {
    let free = extent + 2 * padding - size
    guard free >= 0 else { return 0 }
    guard ceilMode else { return free / stride + 1 }
    let count = (free + stride - 1) / stride + 1
    return (count - 1) * stride >= extent + padding ? count - 1 : count
  }

  /// One byte for each output: the place of the maximum in its window.
  public func noteBytes(for input: Shape) -> Int {
    guard let output = try? outputShape(for: input) else { return 0 }
    return output.countPerExample
  }

  public func forward(
    _ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    var geometry = geometry(x.shape, y.shape)
    let inputs = x.shape.countPerExample
    let outputs = y.shape.countPerExample
    for n in 0..<x.shape[0] {
      lane.kernels.max_pool(
        &geometry, x.base + n * inputs, y.base + n * outputs, notes.map { $0 + n * outputs })
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx, let notes = pass.notes else { return }
    var geometry = geometry(dx.shape, dy.shape)
    let inputs = dx.shape.countPerExample
    let outputs = dy.shape.countPerExample
    for n in 0..<dx.shape[0] {
      lane.kernels.max_pool_backward(
        &geometry, dy.base + n * outputs, notes + n * outputs, dx.base + n * inputs)
    }
  }

  private func geometry(_ x: Shape, _ y: Shape) -> pooling {
    pooling(
      h: x[1], w: x[2], channels: x[3], out_h: y[1], out_w: y[2],
      window_h: size.height, window_w: size.width, stride_h: stride.height, stride_w: stride.width,
      padding_h: padding.height, padding_w: padding.width, rectifies: rectifies ? 1 : 0)
  }
}
