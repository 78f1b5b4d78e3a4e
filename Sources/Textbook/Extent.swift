/// One whole number along the rows and one along the columns: a size, a stride, a factor.
///
/// A literal means the same number along both.
public struct Extent: Equatable, Sendable, ExpressibleByIntegerLiteral {
  public var rows: Int
  public var columns: Int

  public init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The same number along both axes.
  public init(_ both: Int) {
    self.init(both, both)
  }

  public init(integerLiteral value: Int) {
    self.init(value)
  }
}

/// How many zeros surround an image on each side.
///
/// A literal means the same number on all four.
public struct Padding: Equatable, Sendable, ExpressibleByIntegerLiteral {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// The same number on both ends of an axis.
  public init(rows: Int, columns: Int) {
    self.init(top: rows, left: columns, bottom: rows, right: columns)
  }

  /// The same number on all sides.
  public init(_ all: Int) {
    self.init(rows: all, columns: all)
  }

  public init(integerLiteral value: Int) {
    self.init(value)
  }
}
