/// A pair of whole numbers for the rows and the columns: a size, a stride or a factor.
///
/// A literal sets both to the same number.
public struct Extent: Equatable, Sendable, ExpressibleByIntegerLiteral {
  public var rows: Int
  public var columns: Int

  public init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The same number for rows and columns.
  public init(_ both: Int) {
    self.init(both, both)
  }

  public init(integerLiteral value: Int) {
    self.init(value)
  }
}

/// The numbers of zeros on the four sides of an image.
///
/// A literal sets all four to the same number.
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
