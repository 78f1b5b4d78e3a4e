import CKernels

/// The block and memory sizes of a fully connected layer's matrix products, which are methods of
/// ``Context``.
///
/// Tasks are blocks of the result. One thread sums each element, in the order of its terms. Only the sums of
/// ``Context/multiply(_:rows:by:panels:bias:sharedScratch:into:)`` may be cut into parts, by the extents of the
/// matrix alone.
public enum MatrixProduct {
  /// The maximum number of rows of the result in one task: a multiple of the register blocks.
  static let rowBlock = 56
  /// The same for the product with a transposed weight, by rows of the weight.
  static let weightBlock = 56
  /// The same for the weight gradient, by rows of the gradient.
  static let outerBlock = 56
  /// The rows of `x` and `g` of a block of the weight gradient that stay in a core's cache.
  static let cachedRows = 512

  /// The minimum number of terms in a part of a sum, and the number of tasks up to which sums are cut.
  static let fewestTerms = 1024
  static let partedTasks = 16

  /// The number of parts of the sums of `x·W`. If W has few panels and many rows, the threads share the parts.
  static func parts(rows: Int, columns: Int) -> Int {
    max(1, min(rows / fewestTerms, partedTasks / PanelMatrix.panelCount(columns)))
  }

  /// The floats of shared scratch that ``Context/multiply(_:rows:by:panels:bias:sharedScratch:into:)`` needs for
  /// a matrix of `matrixRows` rows.
  public static func productSharedScratchCount(rows: Int, matrixRows: Int, columns: Int) -> Int {
    (parts(rows: matrixRows, columns: columns) - 1) * rows * columns
  }

  /// The floats of each thread's scratch memory that
  /// ``Context/addOuterProduct(_:_:rows:to:matrixRows:isZero:sums:sharedScratch:)`` needs.
  public static func outerScratchCount(rows: Int) -> Int { min(rows, cachedRows) * outerBlock }

  /// The floats of shared scratch that
  /// ``Context/addOuterProduct(_:_:rows:to:matrixRows:isZero:sums:sharedScratch:)`` needs.
  public static func outerSharedScratchCount(rows: Int, columns: Int) -> Int {
    rows * PanelMatrix.paddedCount(columns)
  }

  /// The floats of each thread's scratch memory that
  /// ``Context/multiply(_:rows:byTransposed:matrixRows:sharedScratch:into:)`` needs.
  public static let transposedScratchCount = weightBlock * PanelMatrix.panelWidth

  /// The floats of shared scratch that ``Context/multiply(_:rows:byTransposed:matrixRows:sharedScratch:into:)`` needs.
  public static func transposedSharedScratchCount(rows: Int, columns: Int) -> Int {
    PanelMatrix.storageCount(rows: PanelMatrix.paddedCount(columns), columns: rows)
  }
}

extension kernels {
  /// `c = a·M + b` with `a` of `[rows, M.rows]` and `c` of `[rows, M.columns]`, on one thread.
  public func multiply(
    _ a: UnsafePointer<Float>, rows: Int, by matrix: PanelMatrix, bias: UnsafePointer<Float>?,
    into c: UnsafeMutablePointer<Float>
  ) {
    for panel in 0..<matrix.panelCount {
      multiply(a, rows: rows, by: matrix, panel: panel, bias: bias, into: c)
    }
  }

  /// The columns `panel` of the same product, with the sums over `terms` alone; nil for all.
  func multiply(
    _ a: UnsafePointer<Float>, rows: Int, by matrix: PanelMatrix, panel: Int,
    terms: Range<Int>? = nil, bias: UnsafePointer<Float>?, into c: UnsafeMutablePointer<Float>
  ) {
    let range = matrix.columnRange(ofPanel: panel)
    let terms = terms ?? 0..<matrix.rows
    let width = matrix.width(ofPanel: panel)
    var product = product(
      lines: 1, rows: rows, columns: range.count, segments: 1, length: terms.count,
      a: a + terms.lowerBound, a_line: 0, a_row: matrix.rows, a_segment: 0,
      panel: matrix.panel(panel) + terms.lowerBound * width, panel_row: width,
      bias: bias.map { $0 + range.lowerBound }, c: c + range.lowerBound, c_line: 0,
      c_row: matrix.columns, accumulate: 0)
    multiply(&product)
  }
}

extension kernels {
  /// Sets panel `index` of `target` to those of its columns that are rows of `matrix`. It leaves the elements that have
  /// none in `matrix` as they are.
  public func transpose(_ matrix: PanelMatrix, into target: PanelMatrix, panel index: Int) {
    let rows = target.columnRange(ofPanel: index).clamped(to: 0..<matrix.rows)
    let width = target.width(ofPanel: index)
    for panel in 0..<matrix.panelCount {
      let columns = matrix.columnRange(ofPanel: panel).clamped(to: 0..<target.rows)
      let matrixWidth = matrix.width(ofPanel: panel)
      transpose(
        matrix.panel(panel) + rows.lowerBound * matrixWidth, rows.count, columns.count, matrixWidth,
        target.panel(index) + columns.lowerBound * width, width)
    }
  }
}

extension Context {
  /// `y = x·W + b`, with `x` of `[rows, W.rows]` and `y` of `[rows, W.columns]`. Of `y` only the columns of
  /// `panels` are computed; all if nil.
  ///
  /// A matrix of few panels and many rows has too few tasks for the threads. Its sums are cut into parts
  /// (``MatrixProduct``), which are added in order, the bias with the first.
  ///
  /// - `sharedScratch`: shared scratch of ``MatrixProduct/productSharedScratchCount(rows:matrixRows:columns:)``
  ///   floats.
  public func multiply(
    _ x: UnsafePointer<Float>, rows: Int, by weight: PanelMatrix, panels: Range<Int>? = nil,
    bias: UnsafePointer<Float>?, sharedScratch: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    let blocks = (rows + MatrixProduct.rowBlock - 1) / MatrixProduct.rowBlock
    let wanted = panels ?? 0..<weight.panelCount
    let parts = MatrixProduct.parts(rows: weight.rows, columns: weight.columns)
    let partCount = rows * weight.columns
    pool.run(parts * wanted.count * blocks) { task, _ in
      let part = task / (wanted.count * blocks)
      let block = LaneShare.part(task % blocks, of: blocks, among: rows)
      let sums = part == 0 ? y : sharedScratch + (part - 1) * partCount
      kernels.multiply(
        x + block.lowerBound * weight.rows, rows: block.count, by: weight,
        panel: wanted.lowerBound + task / blocks % wanted.count,
        terms: LaneShare.part(part, of: parts, among: weight.rows), bias: part == 0 ? bias : nil,
        into: sums + block.lowerBound * weight.columns)
    }
    guard parts > 1, let last = wanted.last else { return }
    let first = weight.columnRange(ofPanel: wanted.lowerBound).lowerBound
    let columns = weight.columnRange(ofPanel: last).upperBound - first
    for part in 0..<parts - 1 {
      kernels.channels.add_columns(
        sharedScratch + part * partCount + first, weight.columns, rows, columns, y + first,
        weight.columns)
    }
  }

  /// `D += xᵀ·g` and `sums += Σ g`, with `x` of `[rows, D.rows]` and `g` of `[rows, D.columns]`. Of `D` only
  /// `matrixRows` are computed; all if nil.
  ///
  /// Both are first copied to panels with adjacent rows, since rows at a stride of a power of two compete
  /// for few cache sets.
  ///
  /// - `isZero`: true if `D` counts as zeros, whatever its elements are. The columns that fill its last panel are zeros.
  /// - `sharedScratch`: shared scratch of ``MatrixProduct/outerSharedScratchCount(rows:columns:)`` floats.
  /// - Precondition: each thread has ``MatrixProduct/outerScratchCount(rows:)`` floats of scratch memory.
  public func addOuterProduct(
    _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>, rows: Int, to matrix: PanelMatrix,
    matrixRows: Range<Int>? = nil, isZero: Bool = false, sums: UnsafeMutablePointer<Float>?,
    sharedScratch: UnsafeMutablePointer<Float>
  ) {
    let panels = PanelMatrix(rows: rows, columns: matrix.columns, at: sharedScratch)
    pool.run(matrix.panelCount) { index, _ in
      let range = matrix.columnRange(ofPanel: index)
      let (panel, width) = (panels.panel(index), panels.width(ofPanel: index))
      for n in 0..<rows {
        let to = panel + n * width
        to.update(from: g + n * matrix.columns + range.lowerBound, count: range.count)
        (to + range.count).update(repeating: 0, count: width - range.count)
      }
      if let sums {
        kernels.add_rows(panel, rows, width, range.count, sums + range.lowerBound)
      }
    }
    let block = MatrixProduct.outerBlock
    let wanted = matrixRows ?? 0..<matrix.rows
    pool.run((wanted.count + block - 1) / block) { task, worker in
      let first = wanted.lowerBound + task * block
      let count = min(block, wanted.upperBound - first)
      let part = scratch(of: worker)
      for row in stride(from: 0, to: rows, by: MatrixProduct.cachedRows) {
        let rows = min(MatrixProduct.cachedRows, rows - row)
        for n in 0..<rows {
          (part + n * count).update(from: x + (row + n) * matrix.rows + first, count: count)
        }
        for index in 0..<matrix.panelCount {
          let width = matrix.width(ofPanel: index)
          var product = outer_product(
            lines: 1, rows: rows, columns: matrix.columnRange(ofPanel: index).count, segments: 1,
            length: count, a: part, a_line: 0, a_row: count, a_segment: 0,
            g: panels.panel(index) + row * width, g_line: 0, g_row: width,
            d: matrix.panel(index) + first * width, d_row: width,
            accumulate: isZero && row == 0 ? 0 : 1)
          kernels.accumulate_outer(&product)
        }
      }
    }
  }

  /// `dx = dy·Wᵀ`, with `dy` of `[rows, W.columns]` and `dx` of `[rows, W.rows]`. Of `dx` only the columns of
  /// `matrixRows`, which are rows of W, are computed; all if nil.
  ///
  /// The code computes `dxᵀ = W·dyᵀ`. W is read in its layout of panels, and only `dy` and `dx`, which are
  /// smaller, are transposed.
  ///
  /// - `sharedScratch`: shared scratch of ``MatrixProduct/transposedSharedScratchCount(rows:columns:)``
  ///   floats.
  /// - Precondition: each thread has ``MatrixProduct/transposedScratchCount`` floats of scratch memory.
  public func multiply(
    _ dy: UnsafePointer<Float>, rows: Int, byTransposed weight: PanelMatrix,
    matrixRows: Range<Int>? = nil, sharedScratch: UnsafeMutablePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    let columns = PanelMatrix.paddedCount(weight.columns)
    // dyᵀ has a row for each column of W, padding included, and panels of 32 examples.
    let transposed = PanelMatrix(rows: columns, columns: rows, at: sharedScratch)
    pool.run(transposed.panelCount) { index, _ in
      let range = transposed.columnRange(ofPanel: index)
      let (panel, width) = (transposed.panel(index), transposed.width(ofPanel: index))
      panel.update(repeating: 0, count: columns * width)
      kernels.transpose(
        dy + range.lowerBound * weight.columns, range.count, weight.columns, weight.columns,
        panel, width)
    }
    let block = MatrixProduct.weightBlock
    let wanted = matrixRows ?? 0..<weight.rows
    pool.run((wanted.count + block - 1) / block) { task, worker in
      let first = wanted.lowerBound + task * block
      let count = min(block, wanted.upperBound - first)
      let result = scratch(of: worker)
      for index in 0..<transposed.panelCount {
        let range = transposed.columnRange(ofPanel: index)
        let width = transposed.width(ofPanel: index)
        // The terms are the columns of W: those of its wide panels, then those of a last narrow one.
        weight.forEachRunOfPanels { panels, length in
          var product = product(
            lines: 1, rows: count, columns: range.count, segments: panels.count, length: length,
            a: weight.panel(panels.lowerBound) + first * length, a_line: 0, a_row: length,
            a_segment: weight.panelStride,
            panel: transposed.panel(index) + panels.lowerBound * PanelMatrix.panelWidth * width,
            panel_row: width, bias: nil, c: result, c_line: 0, c_row: width,
            accumulate: panels.lowerBound > 0 ? 1 : 0)
          kernels.multiply(&product)
        }
        kernels.transpose(
          result, count, range.count, width, dx + range.lowerBound * weight.rows + first,
          weight.rows)
      }
    }
  }
}
