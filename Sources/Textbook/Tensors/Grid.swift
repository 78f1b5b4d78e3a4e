/// A tensor: ``Vector``, ``Matrix``, ``Volume`` or ``Kernel``.
///
/// Operations that do not depend on positions are defined here, once for all four types. Every index in
/// this module starts from 0, also in the doc comments, where some of the lecture's formulas start from 1.
public protocol Grid<Scalar>: Equatable {
  associatedtype Scalar: Numeric

  /// The extent along each axis, outermost first.
  var shape: [Int] { get }

  /// The elements in row-major order, the last axis fastest: `vec(x)` in the lecture.
  var elements: [Scalar] { get set }

  /// The tensor of this shape with these elements. The extents must multiply to their number.
  init(shape: [Int], elements: [Scalar])
}

/// The elementwise product, also called Hadamard product.
infix operator ⊙ : MultiplicationPrecedence

extension Grid {
  /// A tensor of zeros in the shape of `other`.
  public init(zerosLike other: Self) {
    self.init(shape: other.shape, elements: other.elements.map { _ in 0 })
  }

  /// `f(x_i)` for every element, in the same shape.
  public func map(_ f: (Scalar) -> Scalar) -> Self {
    Self(shape: shape, elements: elements.map(f))
  }

  /// `f(x_i, y_i)` for every pair of elements at the same place.
  public func zip(_ other: Self, _ f: (Scalar, Scalar) -> Scalar) -> Self {
    precondition(shape == other.shape, "elementwise: shapes \(shape) and \(other.shape)")
    return Self(
      shape: shape, elements: elements.indices.map { f(elements[$0], other.elements[$0]) })
  }

  /// `x + y`, elementwise.
  public static func + (x: Self, y: Self) -> Self { x.zip(y, +) }

  /// `x − y`, elementwise.
  public static func - (x: Self, y: Self) -> Self { x.zip(y, -) }

  /// `x ⊙ y`, the elementwise product.
  public static func ⊙ (x: Self, y: Self) -> Self { x.zip(y, *) }

  /// `a·x`, the product of a number and every element.
  public static func * (a: Scalar, x: Self) -> Self { x.map { a * $0 } }

  /// Adds `y` to `x`, elementwise.
  public static func += (x: inout Self, y: Self) { x = x + y }
}

/// The inner product `⟨x, y⟩ = Σ x ⊙ y` of two tensors of one shape.
public func dot<G: Grid>(_ x: G, _ y: G) -> G.Scalar {
  sum(x ⊙ y)
}

/// `sum(x) = Σ x`, over all elements.
public func sum<G: Grid>(_ x: G) -> G.Scalar {
  x.elements.reduce(0, +)
}

/// `Σ term(i)` over a range of indices.
func sum<Scalar: Numeric>(_ range: Range<Int>, _ term: (Int) -> Scalar) -> Scalar {
  var total: Scalar = 0
  for i in range { total += term(i) }
  return total
}

/// `Σ term(i, j)` over two ranges of indices, the second fastest.
func sum<Scalar: Numeric>(
  _ rows: Range<Int>, _ columns: Range<Int>, _ term: (Int, Int) -> Scalar
) -> Scalar {
  sum(rows) { i in sum(columns) { j in term(i, j) } }
}

/// `Σ term(i)` of tensors of one shape. The range must not be empty.
func sum<G: Grid>(_ range: Range<Int>, _ term: (Int) -> G) -> G {
  precondition(!range.isEmpty, "sum: no terms")
  return range.dropFirst().reduce(term(range.lowerBound)) { total, i in total + term(i) }
}
