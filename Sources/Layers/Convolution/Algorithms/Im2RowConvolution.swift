import CKernels
import Tensors

/// The three passes of a convolution as products with an explicit matrix (lecture rows L20 and
/// L21).
///
/// Row (i, j) of `R = im2row(x)` holds the inputs that output (i, j) reads, in the order of the
/// kernel's rows: `[h′·w′, kh·kw·cin]`. A stride s takes every s-th window (row L14), and an input
/// outside the image is a zero. With `W` as `[kh·kw·cin, cout]`, one example's passes are
///
///     forward   Y = R·W + b            each row of R meets all kernels at once          (row L20)
///     weights   ∂W += Rᵀ·∂Y            since ∂Y/∂W = R                                  (row L21)
///     data      ∂R = ∂Y·Wᵀ             since ∂Y/∂R = W
///               ∂x = row2im(∂R)        an input stands in many rows, and its gradient is the sum of theirs
///
/// `row2im` adds each row to the positions that it was copied from. With a stride it is row L16,
/// `dp = Σ_ij embed(dq_ij·w, [s·i, s·j])`, with the embedded products as rows. (Row L21 writes
/// backward data as im2row of the padded `∂y` with flipped kernels instead, in which a stride
/// inserts zeros.)
///
/// The products are those of ``DirectConvolution``, term by term: `h′·w′·kh·kw·cin·cout`
/// multiply-adds per pass, and outputs and weight gradients equal to the bit. The explicit matrix
/// costs memory, `kh·kw` times the image's, and the time to write and read it.
final class Im2RowConvolution: ConvolutionAlgorithm {
  static let name = "im2row"

  private let geometry: ConvolutionGeometry
  private let arena = Arena()
  /// `Wᵀ`, `[cout, kh·kw·cin]`.
  private var transposed: PanelMatrix?

  init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  static func supports(_ geometry: ConvolutionGeometry) -> Bool { true }

  private var pixels: Int { geometry.rows.output * geometry.columns.output }
  /// The inputs under one kernel row, which are contiguous, in floats.
  private var segment: Int { geometry.columns.kernel * geometry.inputChannels }
  private var rowCount: Int { geometry.rows.kernel * segment }

  /// Holds R or ∂R, and a panel of ∂Y.
  var scratchCount: Int { panelOffset + pixels * PanelMatrix.panelWidth }
  private var panelOffset: Int { Arena.alignedCount(pixels * rowCount) }

  func prepareForward(_ weight: PanelMatrix, in context: Context) {}

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    guard givesInputGradient else { return }
    let target =
      transposed
      ?? PanelMatrix(
        rows: geometry.outputChannels, columns: rowCount,
        at: arena.floats(
          PanelMatrix.storageCount(rows: geometry.outputChannels, columns: rowCount)))
    transposed = target
    for panel in 0..<target.panelCount {
      context.kernels.transpose(weight, into: target, panel: panel)
    }
  }

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    let rows = lane.scratch
    for n in 0..<count {
      gatherRows(of: x + n * geometry.inputCount, into: rows)
      lane.kernels.multiply(
        rows, rows: pixels, by: weight, bias: bias, into: y + n * geometry.outputCount)
    }
  }

  func beginBackward(in lane: Lane) {}

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    let rows = lane.scratch
    for n in 0..<count {
      let dy = dy + n * geometry.outputCount
      if let gradient {
        gatherRows(of: x + n * geometry.inputCount, into: rows)
        addOuterProduct(rows, dy, to: gradient, in: lane)
      }
      guard let dx, let transposed else { continue }
      lane.kernels.multiply(dy, rows: pixels, by: transposed, bias: nil, into: rows)
      addRows(rows, into: dx + n * geometry.inputCount, lane.kernels)
    }
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {}

  // MARK: Products

  /// `∂W += Rᵀ·∂Y`
  private func addOuterProduct(
    _ rows: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, to gradient: PanelMatrix,
    in lane: Lane
  ) {
    for index in 0..<gradient.panelCount {
      let range = gradient.columnRange(ofPanel: index)
      let panel = OutputPanel(
        dy, pixels: pixels, channels: geometry.outputChannels, range: range,
        in: lane.scratch + panelOffset)
      var product = outer_product(
        lines: 1, rows: pixels, columns: range.count, segments: 1, length: rowCount,
        a: rows, a_line: 0, a_row: rowCount, a_segment: 0,
        g: panel.base, g_line: 0, g_row: panel.row, d: gradient.panel(index),
        d_row: gradient.width(ofPanel: index), accumulate: 1)
      lane.kernels.accumulate_outer(&product)
    }
  }

  // MARK: Rows

  /// `R = im2row(x)`
  private func gatherRows(
    of x: UnsafePointer<Float>, into rows: UnsafeMutablePointer<Float>
  ) {
    forEachSegment { to, inside, from in
      let start = rows + to
      start.update(repeating: 0, count: inside.lowerBound)
      (start + inside.lowerBound).update(from: x + from, count: inside.count)
      (start + inside.upperBound).update(repeating: 0, count: segment - inside.upperBound)
    }
  }

  /// `∂x = row2im(∂R)`
  private func addRows(
    _ rows: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    dx.update(repeating: 0, count: geometry.inputCount)
    forEachSegment { from, inside, to in
      kernels.add_rows(rows + from + inside.lowerBound, 1, inside.count, inside.count, dx + to)
    }
  }

  /// Calls `body` for each kernel row of each output, in order.
  ///
  /// - Parameter body: takes the offset of the kernel row's inputs in R, the range of them that
  ///   lies inside the image, and the offset of that range in the image.
  private func forEachSegment(
    _ body: (_ start: Int, _ inside: Range<Int>, _ image: Int) -> Void
  ) {
    let g = geometry
    var start = 0
    for i in 0..<g.rows.output {
      for j in 0..<g.columns.output {
        let column = j * g.columns.stride - g.columns.before
        let first = min(max(0, -column), g.columns.kernel)
        let end = max(first, min(g.columns.kernel, g.columns.input - column))
        for u in 0..<g.rows.kernel {
          let row = i * g.rows.stride - g.rows.before + u
          let isInside = row >= 0 && row < g.rows.input && first < end
          body(
            start, isInside ? first * g.inputChannels..<end * g.inputChannels : 0..<0,
            isInside ? (row * g.columns.input + column + first) * g.inputChannels : 0)
          start += segment
        }
      }
    }
  }
}
