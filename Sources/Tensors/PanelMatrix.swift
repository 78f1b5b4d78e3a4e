import CKernels

/// A matrix `[rows, columns]` stored in panels of 32 columns, the kernels' layout of weights.
///
/// Element (r, c) has the index `(c / 32)·rows·32 + r·32 + c % 32`. Zeros pad the last panel to 32 columns;
/// no kernel changes them.
public struct PanelMatrix {
  public static let panelWidth = 32

  public let rows: Int
  public let columns: Int
  public let base: UnsafeMutablePointer<Float>

  public init(rows: Int, columns: Int, at base: UnsafeMutablePointer<Float>) {
    self.rows = rows
    self.columns = columns
    self.base = base
  }

  /// The number of floats in a matrix of these extents, padding included.
  public static func storageCount(rows: Int, columns: Int) -> Int {
    panelCount(columns) * rows * panelWidth
  }

  /// The number of panels for `columns` columns.
  public static func panelCount(_ columns: Int) -> Int {
    (columns + panelWidth - 1) / panelWidth
  }

  public var panelCount: Int { Self.panelCount(columns) }

  /// The columns of panel `index`, without padding.
  public func columnRange(ofPanel index: Int) -> Range<Int> {
    index * Self.panelWidth..<min(columns, (index + 1) * Self.panelWidth)
  }

  /// The first element of panel `index`.
  public func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    base + index * rows * Self.panelWidth
  }

  public subscript(row: Int, column: Int) -> Float {
    get { base[offset(row, column)] }
    nonmutating set { base[offset(row, column)] = newValue }
  }

  /// The index of element (row, column), relative to ``base``.
  public func offset(_ row: Int, _ column: Int) -> Int {
    Self.offset(row, column, rows: rows)
  }

  /// The index of element (row, column) in a matrix of `rows` rows.
  public static func offset(_ row: Int, _ column: Int, rows: Int) -> Int {
    (column / panelWidth * rows + row) * panelWidth + column % panelWidth
  }
}
