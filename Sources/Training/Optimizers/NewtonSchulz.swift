import CKernels
import Tensors

/// Makes the singular values of a matrix nearly equal, by iterations of Newton and Schulz.
///
/// From X = G/(‖G‖ + 10⁻⁷), with the Frobenius norm, each of three iterations computes
///
///     A = X·Xᵀ        X ← a·X + (b·A + c·A²)·X
///
/// A singular value s of X becomes a·s + b·s³ + c·s⁵, and the singular vectors stay. The steep start
/// a = 3.4 brings small values close to 1 quickly (Jordan et al. 2024, Muon).
///
/// `G` is a `PanelMatrix` [rows, columns], the memory of a parameter, which is the transpose of
/// PyTorch's matrix [cout, cin·kh·kw] up to the order of its columns. The result is the same for the
/// transpose, so `A` is formed for the side that makes it smaller. Zeros that pad the panels stay
/// zeros.
///
/// One thread sums each element of a product, in the order of its terms. `A` and `A²` are symmetric
/// to the bit, so only the blocks on one side of the diagonal are computed.
final class NewtonSchulz {
  /// The factors a, b and c.
  struct Coefficients: Equatable, Sendable {
    var a: Float
    var b: Float
    var c: Float
  }

  static let iterations = 3

  private static let width = PanelMatrix.panelWidth
  /// The rows of one task of a product.
  private static let rowBlock = 56

  private let coefficients: Coefficients
  private let arena = Arena()
  /// Two matrices of the size of the largest parameter, in either orientation.
  private let first: UnsafeMutablePointer<Float>
  private let second: UnsafeMutablePointer<Float>
  /// `A`, and `b·A + c·A²`.
  private let gram: UnsafeMutablePointer<Float>
  private let polynomial: UnsafeMutablePointer<Float>

  /// Allocates memory for matrices of all `extents`.
  init(_ coefficients: Coefficients, extents: [(rows: Int, columns: Int)]) {
    self.coefficients = coefficients
    var largest = 0
    var largestGram = 0
    for (rows, columns) in extents {
      let (long, short) = (max(rows, columns), min(rows, columns))
      largest = max(
        largest, PanelMatrix.storageCount(rows: rows, columns: columns),
        PanelMatrix.storageCount(rows: long, columns: Self.padded(short)))
      largestGram = max(largestGram, Self.padded(short) * Self.padded(short))
    }
    first = arena.floats(largest)
    second = arena.floats(largest)
    gram = arena.floats(largestGram)
    polynomial = arena.floats(largestGram)
  }

  /// The memory for `G`, to fill before each call of ``orthogonalize(rows:columns:norm:in:)``.
  var input: UnsafeMutablePointer<Float> { first }

  /// - Parameter norm: ‖G‖ of ``input``.
  /// - Returns: the result with the layout of `G`, valid until ``input`` is filled again.
  func orthogonalize(
    rows: Int, columns: Int, norm: Double, in context: Context
  ) -> UnsafePointer<Float> {
    let isTransposed = columns > rows
    let (long, short) = (max(rows, columns), min(rows, columns))
    // Only panels of 32 columns, so that blocks of 32×32 divide all products.
    var x = PanelMatrix(rows: long, columns: Self.padded(short), at: second)
    var y = PanelMatrix(rows: long, columns: Self.padded(short), at: first)
    let given = PanelMatrix(rows: rows, columns: columns, at: first)
    let isNarrow = PanelMatrix.paddedCount(columns) < x.columns
    if isTransposed {
      transpose(given, into: x, in: context)
    } else if isNarrow {
      copy(given, into: x, in: context)
    } else {
      swap(&x, &y)
    }
    scale(x, by: Float(1 / (norm + 1e-7)), in: context)
    for _ in 0..<Self.iterations {
      iterate(x, into: y, in: context)
      swap(&x, &y)
    }
    let result = PanelMatrix(rows: rows, columns: columns, at: y.base)
    if isTransposed {
      transpose(x, into: result, in: context)
    } else if isNarrow {
      copy(x, into: result, in: context)
    } else {
      return UnsafePointer(x.base)
    }
    return UnsafePointer(result.base)
  }

  /// `y = a·x + x·(b·A + c·A²)` with `A = xᵀ·x`, both of [long, short].
  private func iterate(_ x: PanelMatrix, into y: PanelMatrix, in context: Context) {
    let width = Self.width
    let kernels = context.kernels
    let (a, b, c) = (coefficients.a, coefficients.b, coefficients.c)
    let gram = PanelMatrix(rows: x.columns, columns: x.columns, at: self.gram)
    let polynomial = PanelMatrix(rows: x.columns, columns: x.columns, at: self.polynomial)

    setSymmetric(gram, in: context) { i, j, block in
      block.update(repeating: 0, count: width * width)
      var product = outer_product(
        lines: 1, rows: x.rows, columns: width, segments: 1, length: width, a: x.panel(i),
        a_line: 0, a_row: width, a_segment: 0, g: x.panel(j), g_line: 0, g_row: width, d: block,
        d_row: width, accumulate: 1)
      kernels.accumulate_outer(&product)
    }
    setSymmetric(polynomial, in: context) { i, j, block in
      multiply(gram, rows: i * width..<(i + 1) * width, by: gram, panel: j, into: block, kernels)
      kernels.optimizer.weighted_sum(
        b, gram.panel(j) + i * width * width, c, block, block, width * width)
    }
    let blocks = (x.rows + Self.rowBlock - 1) / Self.rowBlock
    context.pool.run(x.panelCount * blocks) { task, _ in
      let panel = task / blocks
      let start = task % blocks * Self.rowBlock
      let end = min(start + Self.rowBlock, x.rows)
      let result = y.panel(panel) + start * width
      multiply(x, rows: start..<end, by: polynomial, panel: panel, into: result, kernels)
      kernels.optimizer.weighted_sum(
        a, x.panel(panel) + start * width, 1, result, result, (end - start) * width)
    }
  }

  /// Sets a symmetric matrix from its blocks of 32×32 at and above the diagonal, with all threads.
  ///
  /// - Parameter set: computes block (i, j).
  private func setSymmetric(
    _ matrix: PanelMatrix, in context: Context,
    _ set: (_ i: Int, _ j: Int, _ block: UnsafeMutablePointer<Float>) -> Void
  ) {
    let width = Self.width
    let panels = matrix.panelCount
    context.pool.run(panels * panels) { task, _ in
      let (i, j) = (task / panels, task % panels)
      guard i <= j else { return }
      let block = matrix.panel(j) + i * width * width
      set(i, j, block)
      guard i < j else { return }
      context.kernels.transpose(
        block, width, width, width, matrix.panel(i) + j * width * width, width)
    }
  }

  /// The rows `rows` of the product `a·b` for the columns of `panel`, padding included.
  ///
  /// - Precondition: `b` has a row for each column of `a`, padding included.
  private func multiply(
    _ a: PanelMatrix, rows: Range<Int>, by b: PanelMatrix, panel: Int,
    into result: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    let width = Self.width
    var product = product(
      lines: 1, rows: rows.count, columns: width, segments: a.panelCount, length: width,
      a: a.base + rows.lowerBound * width, a_line: 0, a_row: width, a_segment: a.rows * width,
      panel: b.panel(panel), panel_row: width, bias: nil, c: result, c_line: 0, c_row: width,
      accumulate: 0)
    kernels.multiply(&product)
  }

  /// Sets `to` to the transpose of `from`, and its further rows and columns to zero.
  private func transpose(_ from: PanelMatrix, into to: PanelMatrix, in context: Context) {
    context.pool.run(to.panelCount) { index, _ in
      to.panel(index).update(repeating: 0, count: to.rows * to.width(ofPanel: index))
      context.kernels.transpose(from, into: to, panel: index)
    }
  }

  /// Copies a matrix to one with a last panel of another width, with zeros in its further columns.
  private func copy(_ from: PanelMatrix, into to: PanelMatrix, in context: Context) {
    context.pool.run(to.panelCount) { index, _ in
      let (fromWidth, toWidth) = (from.width(ofPanel: index), to.width(ofPanel: index))
      to.panel(index).update(repeating: 0, count: to.rows * toWidth)
      context.kernels.channels.copy_columns(
        from.panel(index), fromWidth, from.rows, min(fromWidth, toWidth), to.panel(index), toWidth)
    }
  }

  private func scale(_ x: PanelMatrix, by factor: Float, in context: Context) {
    let count = x.rows * Self.width
    context.pool.run(x.panelCount) { index, _ in
      context.kernels.scale(factor, x.panel(index), x.panel(index), count)
    }
  }

  private static func padded(_ columns: Int) -> Int {
    PanelMatrix.panelCount(columns) * width
  }
}
