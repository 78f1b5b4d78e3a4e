import CKernels

/// The block and memory sizes of a fully connected layer's matrix products, which are methods of
/// ``Context``.
///
/// Tasks are blocks of the result. One thread sums each element, in the order of its terms.
public enum MatrixProduct {
  /// The number of rows of the result in one task: a multiple of the register blocks.
  static let rowBlock = 56
  /// The same for the product with a transposed weight, by rows of the weight.
  static let weightBlock = 56
  /// The same for the weight gradient, by rows of the gradient.
  static let outerBlock = 56

  /// The floats of each thread's scratch memory that
  /// ``Context/addOuterProduct(_:_:rows:to:matrixRows:sums:sharedScratch:)`` needs.
  public static func outerScratchCount(rows: Int) -> Int { rows * outerBlock }

  /// The floats of shared scratch that ``Context/addOuterProduct(_:_:rows:to:matrixRows:sums:sharedScratch:)`` needs.
  public static func outerSharedScratchCount(rows: Int, columns: Int) -> Int {
    rows * paddedCount(columns)
  }

  /// The floats of each thread's scratch memory that
  /// ``Context/multiply(_:rows:byTransposed:matrixRows:sharedScratch:into:)`` needs.
  public static let transposedScratchCount = weightBlock * PanelMatrix.panelWidth

  /// The floats of shared scratch that ``Context/multiply(_:rows:byTransposed:matrixRows:sharedScratch:into:)`` needs.
  public static func transposedSharedScratchCount(rows: Int, columns: Int) -> Int {
    PanelMatrix.storageCount(rows: paddedCount(columns), columns: rows)
  }

  /// `columns` with the padding of the last panel.
  package static func paddedCount(_ columns: Int) -> Int {
    PanelMatrix.panelCount(columns) * PanelMatrix.panelWidth
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

  /// The columns `panel` of the same product.
  func multiply(
    _ a: UnsafePointer<Float>, rows: Int, by matrix: PanelMatrix, panel: Int,
    bias: UnsafePointer<Float>?, into c: UnsafeMutablePointer<Float>
  ) {
    let range = matrix.columnRange(ofPanel: panel)
    var product = product(
      lines: 1, rows: rows, columns: range.count, segments: 1, length: matrix.rows, a: a,
      a_line: 0, a_row: matrix.rows, a_segment: 0, panel: matrix.panel(panel),
      bias: bias.map { $0 + range.lowerBound }, c: c + range.lowerBound, c_line: 0,
      c_row: matrix.columns, accumulate: 0)
    multiply(&product)
  }
}

extension Context {
  /// `y = x·W + b`, with `x` of `[rows, W.rows]` and `y` of `[rows, W.columns]`. Of `y` only the columns of
  /// `panels` are computed; all if nil.
  public func multiply(
    _ x: UnsafePointer<Float>, rows: Int, by weight: PanelMatrix, panels: Range<Int>? = nil,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>
  ) {
    let block = MatrixProduct.rowBlock
    let blocks = (rows + block - 1) / block
    let wanted = panels ?? 0..<weight.panelCount
    pool.run(wanted.count * blocks) { task, _ in
      let first = task % blocks * block
      kernels.multiply(
        x + first * weight.rows, rows: min(block, rows - first), by: weight,
        panel: wanted.lowerBound + task / blocks, bias: bias, into: y + first * weight.columns)
    }
  }

  /// `D += xᵀ·g` and `sums += Σ g`, with `x` of `[rows, D.rows]` and `g` of `[rows, D.columns]`. Of `D` only
  /// `matrixRows` are computed; all if nil.
  ///
  /// Both are first copied to panels with adjacent rows, since rows at a stride of a power of two compete
  /// for few cache sets.
  ///
  /// - `sharedScratch`: shared scratch of ``MatrixProduct/outerSharedScratchCount(rows:columns:)`` floats.
  /// - Precondition: each thread has ``MatrixProduct/outerScratchCount(rows:)`` floats of scratch memory.
  public func addOuterProduct(
    _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>, rows: Int, to matrix: PanelMatrix,
    matrixRows: Range<Int>? = nil, sums: UnsafeMutablePointer<Float>?,
    sharedScratch: UnsafeMutablePointer<Float>
  ) {
    let width = PanelMatrix.panelWidth
    pool.run(matrix.panelCount) { index, _ in
      let range = matrix.columnRange(ofPanel: index)
      let panel = sharedScratch + index * rows * width
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
      for n in 0..<rows {
        (part + n * count).update(from: x + n * matrix.rows + first, count: count)
      }
      for index in 0..<matrix.panelCount {
        var product = outer_product(
          lines: 1, rows: rows, columns: matrix.columnRange(ofPanel: index).count, segments: 1,
          length: count, a: part, a_line: 0, a_row: count, a_segment: 0,
          g: sharedScratch + index * rows * width, g_line: 0, g_row: width,
          d: matrix.panel(index) + first * width)
        kernels.accumulate_outer(&product)
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
    let width = PanelMatrix.panelWidth
    let columns = MatrixProduct.paddedCount(weight.columns)
    // dyᵀ has a row for each column of W, padding included, and panels of 32 examples.
    let transposed = PanelMatrix(rows: columns, columns: rows, at: sharedScratch)
    pool.run(transposed.panelCount) { index, _ in
      let range = transposed.columnRange(ofPanel: index)
      let panel = transposed.panel(index)
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
        var product = product(
          lines: 1, rows: count, columns: range.count, segments: weight.panelCount, length: width,
          a: weight.base + first * width, a_line: 0, a_row: width, a_segment: weight.rows * width,
          panel: transposed.panel(index), bias: nil, c: result, c_line: 0, c_row: width,
          accumulate: 0)
        kernels.multiply(&product)
        kernels.transpose(
          result, count, range.count, width, dx + range.lowerBound * weight.rows + first,
          weight.rows)
      }
    }
  }
}
