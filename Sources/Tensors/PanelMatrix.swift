import CKernels

/// A matrix `[rows, columns]` stored in panels of 32 columns, as the kernels read weights.
///
/// Element (r, c) is at `(c / 32)·rows·32 + r·32 + c % 32`. The columns that fill the last panel hold
/// zeros, and every kernel keeps them so.
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

  /// The number of floats that such a matrix takes, padding included.
  public static func storageCount(rows: Int, columns: Int) -> Int {
    panelCount(columns) * rows * panelWidth
  }

  /// The number of panels for `columns` columns.
  public static func panelCount(_ columns: Int) -> Int {
    (columns + panelWidth - 1) / panelWidth
  }

  public var panelCount: Int { Self.panelCount(columns) }

  /// The columns of panel `index` that are not padding.
  public func columnRange(ofPanel index: Int) -> Range<Int> {
    index * Self.panelWidth..<min(columns, (index + 1) * Self.panelWidth)
  }

  /// Where panel `index` starts.
  public func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    base + index * rows * Self.panelWidth
  }

  public subscript(row: Int, column: Int) -> Float {
    get { base[offset(row, column)] }
    nonmutating set { base[offset(row, column)] = newValue }
  }

  /// Where element (row, column) lies, counted from ``base``.
  public func offset(_ row: Int, _ column: Int) -> Int {
    Self.offset(row, column, rows: rows)
  }

  static public func offset(_ row: Int, _ column: Int, rows: Int) -> Int {
    (column / panelWidth * rows + row) * panelWidth + column % panelWidth
  }
}
