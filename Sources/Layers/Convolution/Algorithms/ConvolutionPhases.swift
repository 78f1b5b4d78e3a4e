import CKernels
import Tensors

/// A convolution as one of stride 1 and a smaller kernel, over more channels.
///
/// A *phase* of a row holds every s-th pixel. Only the taps a, s + a, 2s + a, … of the kernel reach
/// the pixels of phase a, so that a stride s becomes s phases as channels. If these are more than
/// ``mostTaps`` taps, they are divided into *parts* of r neighbors, and the pixels that part p reaches
/// become further channels. Both axes are divided; weights of taps that do not exist are zero:
///
///     o(a, p) = a + s·r·p                                         the first tap of part p of phase a
///     x̃[m, n, (i, j, f)]     = x[s·m + oᵢ, s·n + oⱼ, f]           with x padded; i and j run over (p, a)
///     w̃[t, u, (i, j, f), g]  = w[s·t + oᵢ, s·u + oⱼ, f, g]        t, u < r
///     y[m, n, g]             = Σ_{t, u, i, j, f} x̃[m + t, n + u, (i, j, f)] · w̃[t, u, (i, j, f), g]
///
/// (Lecture row L14, with the taps in another order.) Winograd's method needs fewer products for the
/// result: 2.8 times fewer for a 5×5 kernel of stride 2, which becomes 3×3 over four times the channels, and
/// 5.1 times fewer for a 9×9 kernel, which becomes 5×5 over four times the channels. With one phase and one
/// part, x̃ = x.
struct ConvolutionPhases {
  /// The most taps of a kernel along an axis that is not divided into parts.
  private static let mostTaps = 7

  /// The convolution of images.
  let outer: ConvolutionGeometry
  /// The convolution of stride 1, which is `outer` if nothing is divided.
  let inner: ConvolutionGeometry
  /// The parts of a phase's taps along each axis.
  private let parts: Int
  private var stride: Int { outer.rows.stride }

  /// The channels of `x̃` for each channel of `x` along one axis.
  private var offsets: Int { parts * stride }
  /// The number of places in `x̃` to which each pixel is copied.
  var copies: Int { parts * parts }

  /// - Parameter outer: a convolution with the same stride and kernel on both axes.
  init(_ outer: ConvolutionGeometry) {
    self.outer = outer
    let stride = outer.rows.stride
    let taps = (outer.rows.kernel + stride - 1) / stride
    let parts = (taps + Self.mostTaps - 1) / Self.mostTaps
    self.parts = parts
    guard stride * parts > 1 else {
      inner = outer
      return
    }
    let kernel = (taps + parts - 1) / parts
    func axis(_ axis: ConvolutionAxis) -> ConvolutionAxis {
      ConvolutionAxis(
        input: axis.output + kernel - 1, kernel: kernel, stride: 1, zeros: (before: 0, after: 0))
    }
    inner = ConvolutionGeometry(
      rows: axis(outer.rows), columns: axis(outer.columns),
      inputChannels: stride * parts * stride * parts * outer.inputChannels,
      outputChannels: outer.outputChannels)
  }

  /// True if nothing is divided.
  var isTrivial: Bool { offsets == 1 }

  // MARK: Weights

  /// The rows of `w̃`, its size in floats, and that of one of its panels.
  private var rows: Int { inner.rows.kernel * inner.columns.kernel * inner.inputChannels }
  var weightCount: Int { PanelMatrix.storageCount(rows: rows, columns: inner.outputChannels) }
  var panelCount: Int { rows * PanelMatrix.panelWidth }

  func matrix(at base: UnsafeMutablePointer<Float>) -> PanelMatrix {
    PanelMatrix(rows: rows, columns: inner.outputChannels, at: base)
  }

  /// Copies a panel of `w` to one of `w̃`, whose other weights are zero.
  func arrange(_ weight: PanelMatrix, into target: PanelMatrix, panel: Int) {
    let count = outer.inputChannels * PanelMatrix.panelWidth
    forEachTap { row, innerRow in
      (target.panel(panel) + innerRow * PanelMatrix.panelWidth).update(
        from: weight.panel(panel) + row * PanelMatrix.panelWidth, count: count)
    }
  }

  /// Adds a panel of `∂w̃` to that of `∂w`.
  func addWeights(
    _ source: UnsafePointer<Float>, to gradient: PanelMatrix, panel: Int, _ kernels: kernels
  ) {
    let count = outer.inputChannels * PanelMatrix.panelWidth
    forEachTap { row, innerRow in
      let sum = gradient.panel(panel) + row * PanelMatrix.panelWidth
      kernels.add(sum, source + innerRow * PanelMatrix.panelWidth, sum, count)
    }
  }

  /// Calls `body` for each tap, with its first row in `w` and in `w̃`.
  private func forEachTap(_ body: (_ row: Int, _ innerRow: Int) -> Void) {
    func place(_ tap: Int) -> (tap: Int, offset: Int) {
      let (number, phase) = tap.quotientAndRemainder(dividingBy: stride)
      let (part, inner) = number.quotientAndRemainder(dividingBy: self.inner.rows.kernel)
      return (inner, part * stride + phase)
    }
    for i in 0..<outer.rows.kernel {
      let row = place(i)
      for j in 0..<outer.columns.kernel {
        let column = place(j)
        let tap = row.tap * inner.columns.kernel + column.tap
        let offset = row.offset * offsets + column.offset
        body(
          (i * outer.columns.kernel + j) * outer.inputChannels,
          (tap * offsets * offsets + offset) * outer.inputChannels)
      }
    }
  }

  // MARK: Images

  /// Copies an image `[h, w, c]` as `x̃`, with zeros around it up to whole tiles.
  func pad(
    _ x: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>, of tiling: WinogradTiling
  ) {
    guard !isTrivial else {
      let copy = PaddedImage(
        x, height: outer.rows.input, width: outer.columns.input, channels: outer.inputChannels,
        rowZeros: (
          outer.rows.before, tiling.paddedHeight - outer.rows.before - outer.rows.input
        ),
        columnZeros: (
          outer.columns.before, tiling.paddedWidth - outer.columns.before - outer.columns.input
        ),
        in: padded)
      if copy.base != UnsafePointer(padded) {
        padded.update(from: copy.base, count: tiling.paddedCount)
      }
      return
    }
    padded.update(repeating: 0, count: tiling.paddedCount)
    forEachPixel(of: tiling) { pixel, place in
      (padded + place).update(from: x + pixel, count: outer.inputChannels)
    }
  }

  /// Copies the image inside the zeros that ``pad(_:into:of:)`` adds; a pixel of several places becomes
  /// their sum.
  func crop(
    _ padded: UnsafePointer<Float>, of tiling: WinogradTiling, into x: UnsafeMutablePointer<Float>
  ) {
    guard !isTrivial else {
      let row = outer.columns.input * outer.inputChannels
      for r in 0..<outer.rows.input {
        let source =
          ((outer.rows.before + r) * tiling.paddedWidth + outer.columns.before)
          * outer.inputChannels
        (x + r * row).update(from: padded + source, count: row)
      }
      return
    }
    // Pixels that no tap reaches have no gradient.
    x.update(repeating: 0, count: outer.inputCount)
    forEachPixel(of: tiling) { pixel, place in
      let (sum, values) = (x + pixel, padded + place)
      for channel in 0..<outer.inputChannels { sum[channel] += values[channel] }
    }
  }

  /// Calls `body` for each pixel and each of its places, with its offset in the image and in the padded `x̃`.
  private func forEachPixel(
    of tiling: WinogradTiling, _ body: (_ pixel: Int, _ place: Int) -> Void
  ) {
    for r in 0..<outer.rows.input {
      forEachPlace(of: r, outer.rows, inner.rows) { m, i in
        for c in 0..<outer.columns.input {
          forEachPlace(of: c, outer.columns, inner.columns) { n, j in
            body(
              (r * outer.columns.input + c) * outer.inputChannels,
              (m * tiling.paddedWidth + n) * inner.inputChannels
                + (i * offsets + j) * outer.inputChannels)
          }
        }
      }
    }
  }

  /// Calls `body` for each place of a pixel along an axis: its index in `x̃`, and its offset's number.
  private func forEachPlace(
    of pixel: Int, _ outer: ConvolutionAxis, _ inner: ConvolutionAxis,
    _ body: (_ index: Int, _ offset: Int) -> Void
  ) {
    let (number, phase) = (pixel + outer.before).quotientAndRemainder(dividingBy: stride)
    for part in 0..<parts {
      let index = number - part * inner.kernel
      if index >= 0, index < inner.input { body(index, part * stride + phase) }
    }
  }
}
