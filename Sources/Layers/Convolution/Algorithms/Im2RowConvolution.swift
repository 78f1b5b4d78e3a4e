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
/// multiply-adds per pass, and outputs and weight gradients of an example equal to the bit. The explicit matrix
/// costs memory, `kh·kw` times the image's, and the time to write and read it.
///
/// A layer of a network has one matrix of the rows of all examples, if that is not too large (``ConvolutionMatrix``).
/// These passes of one example after the other are for all others.
final class Im2RowConvolution: ConvolutionAlgorithm {
  static let name = "im2row"

  private let geometry: ConvolutionGeometry
  private let layout: ImageRows
  private let arena = Arena()
  /// `Wᵀ`, `[cout, kh·kw·cin]`.
  private var transposed: PanelMatrix?

  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    layout = ImageRows(geometry)
  }

  static func supports(_ geometry: ConvolutionGeometry) -> Bool { true }

  private var rowCount: Int { layout.rowCount }

  /// Holds R or ∂R, and a panel of ∂Y.
  var scratchCount: Int { panelOffset + images * layout.pixels * PanelMatrix.panelWidth }
  private var panelOffset: Int { layout.areTheImage ? 0 : Arena.alignedCount(layout.count) }

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
    forEachMatrix(of: count) { first, count in
      lane.kernels.multiply(
        rows(of: x + first * geometry.inputCount, in: lane), rows: count * layout.pixels,
        by: weight, bias: bias, into: y + first * geometry.outputCount)
    }
  }

  func beginBackward(in lane: Lane) {}

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    forEachMatrix(of: count) { first, count in
      let dy = dy + first * geometry.outputCount
      if let gradient {
        addOuterProduct(
          rows(of: x + first * geometry.inputCount, in: lane), dy, count: count * layout.pixels,
          to: gradient, in: lane)
      }
      guard let dx, let transposed else { return }
      let to = dx + first * geometry.inputCount
      lane.kernels.multiply(
        dy, rows: count * layout.pixels, by: transposed, bias: nil,
        into: layout.areTheImage ? to : lane.scratch)
      if !layout.areTheImage { layout.scatter(lane.scratch, into: to, lane.kernels) }
    }
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {}

  // MARK: Rows

  /// The examples of a matrix: several if images are their own rows.
  private var images: Int { layout.areTheImage ? max(1, Self.fewestRows / layout.pixels) : 1 }
  /// The rows that amortize reading the weights.
  private static let fewestRows = 32

  /// Calls `body` with the first example of each matrix, and their number.
  private func forEachMatrix(of count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: count, by: images) { body(first, min(images, count - first)) }
  }

  /// R, which is in the lane's scratch memory unless it is `x`.
  private func rows(of x: UnsafePointer<Float>, in lane: Lane) -> UnsafePointer<Float> {
    if layout.areTheImage { return x }
    layout.gather(x, into: lane.scratch)
    return UnsafePointer(lane.scratch)
  }

  // MARK: Products

  /// `∂W += Rᵀ·∂Y`, for `count` rows
  private func addOuterProduct(
    _ rows: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    to gradient: PanelMatrix, in lane: Lane
  ) {
    for index in 0..<gradient.panelCount {
      let range = gradient.columnRange(ofPanel: index)
      let panel = OutputPanel(
        dy, pixels: count, channels: geometry.outputChannels, range: range,
        in: lane.scratch + panelOffset)
      var product = outer_product(
        lines: 1, rows: count, columns: range.count, segments: 1, length: rowCount,
        a: rows, a_line: 0, a_row: rowCount, a_segment: 0,
        g: panel.base, g_line: 0, g_row: panel.row, d: gradient.panel(index),
        d_row: gradient.width(ofPanel: index), accumulate: 1)
      lane.kernels.accumulate_outer(&product)
    }
  }
}
