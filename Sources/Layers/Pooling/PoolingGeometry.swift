import CKernels
import Tensors

/// The extents of a pooling layer's windows: size, stride, padding and rounding.
///
/// An axis of `n` elements gives `⌊(n + 2·padding − size) / stride⌋ + 1` outputs, or with ⌈ ⌉ in
/// ceil mode. As in PyTorch, a window of ceil mode must start inside the image or its left padding.
/// It may be larger than the image as long as the formula gives an output: `⌈n / k⌉ = 1` for a
/// stride of `k > n` (lecture row L9).
package struct PoolingGeometry: Equatable, Sendable {
  package let size: Extent2D
  package let stride: Extent2D
  package let padding: Extent2D
  package let ceilMode: Bool

  package init(
    size: Extent2D, stride: Extent2D, padding: Extent2D = 0, ceilMode: Bool = false
  ) {
    self.size = size
    self.stride = stride
    self.padding = padding
    self.ceilMode = ceilMode
  }

  /// The error in the window, or nil.
  package var problem: String? {
    if size.height < 1 || size.width < 1 { return "a window of \(size) (expected 1 or more)" }
    if stride.height < 1 || stride.width < 1 { return "a stride of \(stride) (expected 1 or more)" }
    if padding.height < 0 || padding.width < 0 || 2 * padding.height > size.height
      || 2 * padding.width > size.width
    {
      return "a padding of \(padding) (expected at most half the window of \(size))"
    }
    return nil
  }

  /// - Throws: ``ShapeError`` of the layer unless the input is `[n, h, w, c]` and a window fits into it.
  func outputShape(for input: Shape, layer: String) throws(ShapeError) -> Shape {
    guard input.rank == 4 else {
      throw ShapeError(layer: layer, expected: "[n, h, w, c]", found: input)
    }
    let height = outputExtent(input[1], size.height, stride.height, padding.height)
    let width = outputExtent(input[2], size.width, stride.width, padding.width)
    guard height > 0, width > 0 else {
      throw ShapeError(
        layer: layer, expected: "an image of at least the window \(size), padding \(padding)",
        found: input)
    }
    return [input[0], height, width, input[3]]
  }

  private func outputExtent(_ extent: Int, _ size: Int, _ stride: Int, _ padding: Int) -> Int {
    let free = extent + 2 * padding - size + (ceilMode ? stride - 1 : 0)
    guard free >= 0 else { return 0 }
    let count = free / stride + 1
    return (count - 1) * stride >= extent + padding ? count - 1 : count
  }

  /// The geometry as the kernels read it, for the shapes of an input and its output.
  func pooling(_ x: Shape, _ y: Shape, rectifies: Bool = false) -> pooling {
    CKernels.pooling(
      h: x[1], w: x[2], channels: x[3], out_h: y[1], out_w: y[2],
      window_h: size.height, window_w: size.width, stride_h: stride.height, stride_w: stride.width,
      padding_h: padding.height, padding_w: padding.width, rectifies: rectifies ? 1 : 0)
  }

  private var rowWindows: RowWindows {
    RowWindows(size: size.height, stride: stride.height, before: padding.height)
  }

  /// The output rows whose windows lie within the first rows of the input; all of them for all rows.
  func outputRows(within rows: Int, of input: Shape) -> Int {
    let all = outputExtent(input[1], size.height, stride.height, padding.height)
    return rows < input[1] ? min(all, rowWindows.count(within: rows)) : all
  }

  /// The geometry of some rows of an output, and the rows of the input that lie above all that they read.
  func pooling(
    _ x: Shape, _ y: Shape, rows: Range<Int>, rectifies: Bool = false
  ) -> (pooling: pooling, skipped: Int) {
    var pooling = pooling(x, y, rectifies: rectifies)
    let skip = rowWindows.skip(to: rows.lowerBound)
    pooling.h -= skip.rows
    pooling.padding_h = skip.before
    pooling.out_h = rows.count
    return (pooling, skip.rows)
  }
}

// MARK: Notation

extension PoolingGeometry {
  static let options: [LayerWord.Option] = [
    .init("padding", "n", unlessGiven: "0"), .init("mode", "floor|ceil", unlessGiven: "floor"),
  ]

  /// Reads a window. The caller checks that it is possible.
  ///
  /// - Parameter ofSignal: true if each extent is one number, for windows of one row.
  init(_ arguments: inout NotationArguments, ofSignal: Bool = false) throws(NotationError) {
    let rows = ofSignal ? 1 : nil
    size = try arguments.parseExtent(try arguments.next("the window's size"), "size", rows: rows)
    stride =
      arguments.isEmpty
      ? size : try arguments.parseExtent(try arguments.next("the stride"), "stride", rows: rows)
    padding =
      if let zeros = try arguments.option("padding") {
        try arguments.parseExtent(zeros, "padding", least: 0, rows: ofSignal ? 0 : nil)
      } else {
        0
      }
    ceilMode = try arguments.choice("mode", of: ["floor", "ceil"]) == "ceil"
  }

  /// The window in the notation, as a layer's arguments.
  func canonicalText(_ word: String) -> CanonicalText {
    CanonicalText(word, size).argument(stride, unless: size).option("padding", padding, unless: 0)
      .option("mode", ceilMode ? "ceil" : "floor", unless: "floor")
  }
}
