import CKernels
import Tensors

/// A convolution of stride s as a convolution of stride 1 over the phases of its input.
///
/// A *phase* of a row holds every s-th pixel. Only the taps a, s + a, 2s + a, … of the kernel reach
/// the pixels of phase a. The phases of both axes become channels of a smaller image, and weights
/// of taps that do not exist are zero:
///
///     x̃[m, n, (a, b, f)]      = x[s·m + a, s·n + b, f]           with x padded
///     w̃[t, u, (a, b, f), g]   = w[s·t + a, s·u + b, f, g]
///     y[i, j, g]              = Σ_{t, u, a, b, f} x̃[i + t, j + u, (a, b, f)] · w̃[t, u, (a, b, f), g]
///
/// (Lecture row L14, one residue at a time.) A 5×5 kernel of stride 2 becomes a 3×3 kernel over four
/// times the channels, for which Winograd's method needs fewer products. Without a stride, x̃ = x.
struct ConvolutionPhases {
  /// The convolution of images.
  let outer: ConvolutionGeometry
  /// The convolution of their phases, which is `outer` for stride 1.
  let inner: ConvolutionGeometry
  private var stride: Int { outer.rows.stride }

  /// - Parameter outer: a convolution with the same stride on both axes.
  init(_ outer: ConvolutionGeometry) {
    self.outer = outer
    let stride = outer.rows.stride
    guard stride > 1 else {
      inner = outer
      return
    }
    func axis(_ axis: ConvolutionAxis) -> ConvolutionAxis {
      let kernel = (axis.kernel + axis.stride - 1) / axis.stride
      return ConvolutionAxis(
        input: axis.output + kernel - 1, kernel: kernel, stride: 1, zeros: (before: 0, after: 0))
    }
    inner = ConvolutionGeometry(
      rows: axis(outer.rows), columns: axis(outer.columns),
      inputChannels: stride * stride * outer.inputChannels, outputChannels: outer.outputChannels)
  }

  /// True if phases and images are the same.
  var isTrivial: Bool { stride == 1 }

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
    for i in 0..<outer.rows.kernel {
      for j in 0..<outer.columns.kernel {
        let tap = i / stride * inner.columns.kernel + j / stride
        let phase = i % stride * stride + j % stride
        body(
          (i * outer.columns.kernel + j) * outer.inputChannels,
          (tap * stride * stride + phase) * outer.inputChannels)
      }
    }
  }

  // MARK: Images

  /// Copies an image `[h, w, c]` as phases, with zeros around it up to whole tiles.
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

  /// Copies the image inside the zeros that ``pad(_:into:of:)`` adds.
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
    // Pixels behind the last kernel have no gradient.
    x.update(repeating: 0, count: outer.inputCount)
    forEachPixel(of: tiling) { pixel, place in
      (x + pixel).update(from: padded + place, count: outer.inputChannels)
    }
  }

  /// Calls `body` for each pixel that a kernel reaches, with its offset in the image and in the
  /// padded phases.
  private func forEachPixel(
    of tiling: WinogradTiling, _ body: (_ pixel: Int, _ place: Int) -> Void
  ) {
    for r in 0..<outer.rows.input {
      let (m, a) = (r + outer.rows.before).quotientAndRemainder(dividingBy: stride)
      guard m < inner.rows.input else { return }
      for c in 0..<outer.columns.input {
        let (n, b) = (c + outer.columns.before).quotientAndRemainder(dividingBy: stride)
        guard n < inner.columns.input else { break }
        body(
          (r * outer.columns.input + c) * outer.inputChannels,
          (m * tiling.paddedWidth + n) * inner.inputChannels
            + (a * stride + b) * outer.inputChannels)
      }
    }
  }
}
