import CKernels

/// A matrix `[rows, columns]` stored in panels of 32 columns, the kernels' layout of weights. A last panel of at most 16
/// columns has a width of 16.
///
/// Element (r, c) has the index `(c / 32)·rows·32 + r·width + c % 32`, with the width of its panel. Zeros pad the last
/// panel; no kernel changes them.
public struct PanelMatrix {
  public static let panelWidth = 32

  public let rows: Int
  public let columns: Int
  /// The memory of the whole matrix, also where this one has some of its rows (``rows(_:)``).
  public let base: UnsafeMutablePointer<Float>
  /// The rows in memory, of which ``rows`` from `firstRow` on belong to this matrix.
  private let storedRows, firstRow: Int

  public init(rows: Int, columns: Int, at base: UnsafeMutablePointer<Float>) {
    self.init(storedRows: rows, columns: columns, at: base, range: 0..<rows)
  }

  private init(
    storedRows: Int, columns: Int, at base: UnsafeMutablePointer<Float>, range: Range<Int>
  ) {
    self.storedRows = storedRows
    self.columns = columns
    self.base = base
    firstRow = range.lowerBound
    rows = range.count
  }

  /// The matrix of some of the rows, in the same memory.
  public func rows(_ range: Range<Int>) -> PanelMatrix {
    PanelMatrix(
      storedRows: storedRows, columns: columns, at: base,
      range: firstRow + range.lowerBound..<firstRow + range.upperBound)
  }

  /// The number of floats in a matrix of these extents, padding included.
  public static func storageCount(rows: Int, columns: Int) -> Int {
    rows * paddedCount(columns)
  }

  /// `columns` with the padding of the last panel, up to a multiple of 16.
  public static func paddedCount(_ columns: Int) -> Int { (columns + 15) / 16 * 16 }

  /// The number of panels for `columns` columns.
  public static func panelCount(_ columns: Int) -> Int {
    (columns + panelWidth - 1) / panelWidth
  }

  public var panelCount: Int { Self.panelCount(columns) }

  /// The number of floats from row to row of panel `index`.
  public func width(ofPanel index: Int) -> Int { Self.width(ofPanel: index, columns: columns) }

  /// The number of floats from row to row of panel `index` in a matrix of `columns` columns.
  public static func width(ofPanel index: Int, columns: Int) -> Int {
    min(panelWidth, paddedCount(columns) - index * panelWidth)
  }

  /// The columns of panel `index`, without padding.
  public func columnRange(ofPanel index: Int) -> Range<Int> {
    index * Self.panelWidth..<min(columns, (index + 1) * Self.panelWidth)
  }

  /// The first element of panel `index`.
  public func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    base + index * panelStride + firstRow * width(ofPanel: index)
  }

  /// The number of floats from a panel to the next one.
  var panelStride: Int { storedRows * Self.panelWidth }

  /// Calls `body` for the panels of 32 columns, and then for a last one of 16.
  func forEachRunOfPanels(_ body: (_ panels: Range<Int>, _ width: Int) -> Void) {
    let wide = Self.paddedCount(columns) / Self.panelWidth
    if wide > 0 { body(0..<wide, Self.panelWidth) }
    if wide < panelCount { body(wide..<panelCount, width(ofPanel: wide)) }
  }

  public subscript(row: Int, column: Int) -> Float {
    get { base[offset(row, column)] }
    nonmutating set { base[offset(row, column)] = newValue }
  }

  /// The index of element (row, column), relative to ``base``.
  public func offset(_ row: Int, _ column: Int) -> Int {
    Self.offset(firstRow + row, column, rows: storedRows, columns: columns)
  }

  /// The index of element (row, column) in a matrix of these extents.
  public static func offset(_ row: Int, _ column: Int, rows: Int, columns: Int) -> Int {
    let panel = column / panelWidth
    return panel * rows * panelWidth + row * width(ofPanel: panel, columns: columns)
      + column % panelWidth
  }
}
