import CKernels
import Tensors

/// A convolution as one of stride 1 and a smaller kernel, over more channels.
///
/// A *phase* of a row holds every s-th pixel. Only the taps a, s + a, 2s + a, … of the kernel reach
/// the pixels of phase a, so that a stride s becomes s phases as channels. If these are more than
/// ``mostTaps`` taps, they are divided into *parts* of r neighbors, and the pixels that part p reaches
/// become further channels. Both axes are divided. A part with fewer than r taps has zeros before them:
///
///     l(a, p) = the last tap of part p of phase a,  o(a, p) = l(a, p) − s·(r − 1)
///     x̃[m, n, (i, j, f)]     = x[s·m + oᵢ, s·n + oⱼ, f]           with x padded; i and j run over (p, a)
///     w̃[t, u, (i, j, f), g]  = w[s·t + oᵢ, s·u + oⱼ, f, g]        t, u < r, and 0 for other parts' taps
///     y[m, n, g]             = Σ_{t, u, i, j, f} x̃[m + t, n + u, (i, j, f)] · w̃[t, u, (i, j, f), g]
///
/// (Lecture row L14, with the taps in another order.) Winograd's method needs fewer products for the
/// result: 3.3 times fewer for a 5×5 kernel of stride 2, which becomes 3×3 over four times the channels, and
/// 5.8 times fewer for a 9×9 kernel, which becomes 5×5 over four times the channels. With one phase and one
/// part, x̃ = x.
///
/// At Winograd's point 0 the transform of a kernel is its first tap, which is zero for a part with fewer
/// than r taps. The channels (i, j) are in such an order that those with other weights than zero at a point
/// are neighbors (``NonzeroChannels``).
struct ConvolutionPhases {
  /// The most taps of a kernel along an axis that is not divided into parts.
  private static let mostTaps = 7

  /// The convolution of images.
  let outer: ConvolutionGeometry
  /// The convolution of stride 1, which is `outer` if nothing is divided.
  let inner: ConvolutionGeometry
  /// The parts of a phase's taps along each axis.
  private let parts: Int
  /// The offsets oᵢ along each axis, those of parts with r taps first.
  private let offsets: [Offset]
  /// The channels that are left at Winograd's points.
  let nonzeroChannels: NonzeroChannels
  private var stride: Int { outer.rows.stride }

  private struct Offset {
    /// oᵢ, which is negative where zeros precede the taps.
    let first: Int
    /// The t of the taps that the part has.
    let taps: Range<Int>
  }

  /// The number of places in `x̃` to which each pixel is copied.
  var copies: Int { parts * parts }

  /// - Parameter outer: a convolution with the same stride and kernel on both axes.
  init(_ outer: ConvolutionGeometry) {
    self.outer = outer
    let (stride, outerKernel) = (outer.rows.stride, outer.rows.kernel)
    let taps = (outerKernel + stride - 1) / stride
    let parts = (taps + Self.mostTaps - 1) / Self.mostTaps
    let kernel = (taps + parts - 1) / parts
    self.parts = parts
    offsets = (0..<parts * stride).map { number in
      let (part, phase) = number.quotientAndRemainder(dividingBy: stride)
      let tapsOfPhase = (outerKernel - phase + stride - 1) / stride
      let count = min(kernel, tapsOfPhase - part * kernel)
      let last = phase + stride * (part * kernel + count - 1)
      return Offset(first: last - stride * (kernel - 1), taps: kernel - count..<kernel)
    }
    let whole = offsets.prefix { $0.taps.count == kernel }.count
    nonzeroChannels = NonzeroChannels(
      offsets: offsets.count, whole: whole, channels: outer.inputChannels)
    guard stride * parts > 1 else {
      inner = outer
      return
    }
    func axis(_ axis: ConvolutionAxis) -> ConvolutionAxis {
      ConvolutionAxis(
        input: axis.output + kernel - 1, kernel: kernel, stride: 1, zeros: (before: 0, after: 0))
    }
    inner = ConvolutionGeometry(
      rows: axis(outer.rows), columns: axis(outer.columns),
      inputChannels: offsets.count * offsets.count * outer.inputChannels,
      outputChannels: outer.outputChannels, use: outer.use)
  }

  /// True if nothing is divided.
  var isTrivial: Bool { offsets.count == 1 }

  // MARK: Order of the channels

  /// The place of (i, j) among the channels of `x̃`, in multiples of the channels of `x`.
  ///
  /// First come the (i, j) with r taps along the rows' axis alone, then those with r along both axes, along the
  /// columns' axis alone, and along none.
  private func place(_ i: Int, _ j: Int) -> Int {
    let (all, whole) = (nonzeroChannels.offsets, nonzeroChannels.whole)
    let rest = all - whole
    return switch (i < whole, j < whole) {
    case (true, false): i * rest + j - whole
    case (_, true): whole * (rest + i) + j
    case (false, false): whole * (all + rest) + (i - whole) * rest + j - whole
    }
  }

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
    let width = weight.width(ofPanel: panel)
    let count = outer.inputChannels * width
    forEachTap { row, innerRow in
      (target.panel(panel) + innerRow * width).update(
        from: weight.panel(panel) + row * width, count: count)
    }
  }

  /// Adds a panel of `∂w̃` to that of `∂w`.
  func addWeights(
    _ source: UnsafePointer<Float>, to gradient: PanelMatrix, panel: Int, _ kernels: kernels
  ) {
    let width = gradient.width(ofPanel: panel)
    let count = outer.inputChannels * width
    forEachTap { row, innerRow in
      let sum = gradient.panel(panel) + row * width
      kernels.add(sum, source + innerRow * width, sum, count)
    }
  }

  /// Calls `body` for each tap, with its first row in `w` and in `w̃`.
  private func forEachTap(_ body: (_ row: Int, _ innerRow: Int) -> Void) {
    for (i, rows) in offsets.enumerated() {
      for (j, columns) in offsets.enumerated() {
        let place = place(i, j)
        for t in rows.taps {
          for u in columns.taps {
            let tap =
              (rows.first + stride * t) * outer.columns.kernel + columns.first + stride * u
            let innerTap = t * inner.columns.kernel + u
            body(
              tap * outer.inputChannels,
              (innerTap * offsets.count * offsets.count + place) * outer.inputChannels)
          }
        }
      }
    }
  }

  // MARK: Images

  /// Copies an image `[h, w, c]` as `x̃`, with zeros around it up to whole tiles.
  ///
  /// - Parameter rows: the padded rows to write; nil for all.
  func pad(
    _ x: UnsafePointer<Float>, rows: Range<Int>? = nil, into padded: UnsafeMutablePointer<Float>,
    of tiling: WinogradTiling, _ kernels: kernels
  ) {
    let rows = rows ?? 0..<tiling.paddedHeight
    let row = tiling.paddedWidth * inner.inputChannels
    let target = padded + rows.lowerBound * row
    guard !isTrivial else {
      let copy = PaddedImage(
        x, height: outer.rows.input, width: outer.columns.input, channels: outer.inputChannels,
        rowZeros: (
          outer.rows.before, tiling.paddedHeight - outer.rows.before - outer.rows.input
        ),
        columnZeros: (
          outer.columns.before, tiling.paddedWidth - outer.columns.before - outer.columns.input
        ),
        rows: rows, in: target)
      if copy.base != UnsafePointer(target) {
        target.update(from: copy.base, count: rows.count * row)
      }
      return
    }
    target.update(repeating: 0, count: rows.count * row)
    forEachStrip(of: tiling, rows: rows) { pixel, place, count in
      kernels.channels.copy_columns(
        x + pixel, stride * outer.inputChannels, count, outer.inputChannels, padded + place,
        inner.inputChannels)
    }
  }

  /// Copies the image inside the zeros that ``pad(_:into:of:_:)`` adds; a pixel of several places becomes
  /// their sum.
  func crop(
    _ padded: UnsafePointer<Float>, of tiling: WinogradTiling, into x: UnsafeMutablePointer<Float>,
    _ kernels: kernels
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
    forEachStrip(of: tiling, rows: 0..<inner.rows.input) { pixel, place, count in
      kernels.channels.add_columns(
        padded + place, inner.inputChannels, count, outer.inputChannels, x + pixel,
        stride * outer.inputChannels)
    }
  }

  /// Calls `body` for each of these rows of `x̃` and each (i, j), with the pixels that lie there: the offsets of the first
  /// one in the image and in the padded `x̃`, and their number. They are s pixels apart in the image, and
  /// neighbors in `x̃`.
  private func forEachStrip(
    of tiling: WinogradTiling, rows: Range<Int>,
    _ body: (_ pixel: Int, _ place: Int, _ count: Int) -> Void
  ) {
    let (least, most) = (offsets.lazy.map(\.first).min()!, offsets.lazy.map(\.first).max()!)
    let reached =
      stride * rows.lowerBound + least - outer.rows.before..<stride * (rows.upperBound - 1) + most
      - outer.rows.before + 1
    for r in reached.clamped(to: 0..<outer.rows.input) {
      for (i, row) in offsets.enumerated() {
        let (m, rest) = (r + outer.rows.before - row.first).quotientAndRemainder(
          dividingBy: stride)
        guard rest == 0, rows.contains(m), m < inner.rows.input else { continue }
        for (j, column) in offsets.enumerated() {
          // Column n of x̃ holds pixel s·n − first of the image.
          let first = outer.columns.before - column.first
          let begin = max(0, (first + stride - 1) / stride)
          let end = min(inner.columns.input, (outer.columns.input + first + stride - 1) / stride)
          guard begin < end else { continue }
          body(
            (r * outer.columns.input + begin * stride - first) * outer.inputChannels,
            (m * tiling.paddedWidth + begin) * inner.inputChannels
              + place(i, j) * outer.inputChannels,
            end - begin)
        }
      }
    }
  }
}

/// The channels of `x̃` whose weights at a point of Winograd's method are not all zero.
///
/// They are asked for at each product, so these are plain numbers: arrays would have their references counted by
/// all threads.
struct NonzeroChannels {
  /// The offsets along an axis, and the number of those whose parts have r taps.
  let offsets: Int
  let whole: Int
  /// The channels of `x`.
  let channels: Int

  /// - Parameters:
  ///   - atRowZero: true if the point is 0 along the rows' axis.
  ///   - atColumnZero: true if the point is 0 along the columns' axis.
  func range(atRowZero: Bool, atColumnZero: Bool) -> Range<Int> {
    let first = atColumnZero ? whole * (offsets - whole) : 0
    let end =
      switch (atRowZero, atColumnZero) {
      case (false, false): offsets * offsets
      case (true, _): whole * offsets
      case (false, true): first + whole * offsets
      }
    return first * channels..<end * channels
  }
}
