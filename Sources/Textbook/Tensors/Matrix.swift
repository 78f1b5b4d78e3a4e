/// A matrix `x_ij`, `[rows, columns]`: an image of one channel, a kernel, or a linear map.
public struct Matrix<Scalar: Numeric>: Grid, ExpressibleByArrayLiteral {
  public let rows: Int
  public let columns: Int
  public var elements: [Scalar]

  public init(shape: [Int], elements: [Scalar]) {
    precondition(
      shape.count == 2 && shape[0] * shape[1] == elements.count,
      "Matrix: \(elements.count) elements for \(shape)")
    self.rows = shape[0]
    self.columns = shape[1]
    self.elements = elements
  }

  /// The matrix with these rows, which must have equal lengths.
  public init(_ rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "Matrix: rows of different lengths")
    self.init(shape: [rows.count, columns], elements: rows.flatMap { $0 })
  }

  public init(arrayLiteral rows: [Scalar]...) {
    self.init(rows)
  }

  /// The matrix with `x_ij = element(i, j)`.
  public init(rows: Int, columns: Int, element: (Int, Int) -> Scalar) {
    var elements: [Scalar] = []
    elements.reserveCapacity(rows * columns)
    for i in 0..<rows {
      for j in 0..<columns { elements.append(element(i, j)) }
    }
    self.init(shape: [rows, columns], elements: elements)
  }

  /// A matrix of zeros.
  public init(zeros rows: Int, _ columns: Int) {
    self.init(shape: [rows, columns], elements: Array(repeating: 0, count: rows * columns))
  }

  /// The identity `I_n`.
  public static func identity(_ n: Int) -> Matrix {
    Matrix(rows: n, columns: n) { i, j in i == j ? 1 : 0 }
  }

  public var shape: [Int] { [rows, columns] }

  public subscript(i: Int, j: Int) -> Scalar {
    get {
      precondition(contains(i, j), "element (\(i), \(j)) of a \(rows)×\(columns) matrix")
      return elements[i * columns + j]
    }
    set {
      precondition(contains(i, j), "element (\(i), \(j)) of a \(rows)×\(columns) matrix")
      elements[i * columns + j] = newValue
    }
  }

  /// True if (i, j) is the index of an element.
  public func contains(_ i: Int, _ j: Int) -> Bool {
    i >= 0 && i < rows && j >= 0 && j < columns
  }

  /// Row `i`, `[columns]`.
  public func row(_ i: Int) -> Vector<Scalar> {
    Vector(count: columns) { j in self[i, j] }
  }

  /// `xᵀ`, `[columns, rows]`.
  public var transposed: Matrix {
    Matrix(rows: columns, columns: rows) { i, j in self[j, i] }
  }
}

extension Matrix: Sendable where Scalar: Sendable {}

extension Matrix {
  /// The matrix product `(a·b)_ij = Σ_k a_ik·b_kj`, `[n, m]·[m, l] = [n, l]`.
  public static func * (a: Matrix, b: Matrix) -> Matrix {
    precondition(a.columns == b.rows, "matrix product: \(a.shape)·\(b.shape)")
    return Matrix(rows: a.rows, columns: b.columns) { i, j in
      sum(0..<a.columns) { k in a[i, k] * b[k, j] }
    }
  }

  /// `a·x` with a column `x`, `[n, m]·[m] = [n]`.
  @_specialize(where Scalar == Double)
  public static func * (a: Matrix, x: Vector<Scalar>) -> Vector<Scalar> {
    precondition(a.columns == x.count, "matrix product: \(a.shape)·\(x.shape)")
    return Vector(count: a.rows) { i in sum(0..<a.columns) { j in a[i, j] * x[j] } }
  }

  /// `x·a` with a row `x`, `[n]·[n, m] = [m]`.
  @_specialize(where Scalar == Double)
  public static func * (x: Vector<Scalar>, a: Matrix) -> Vector<Scalar> {
    precondition(x.count == a.rows, "matrix product: \(x.shape)·\(a.shape)")
    return Vector(count: a.columns) { j in sum(0..<a.rows) { i in x[i] * a[i, j] } }
  }
}

/// The outer product `(x·yᵀ)_ij = x_i·y_j`, `[n] × [m] = [n, m]`.
public func outer<Scalar>(_ x: Vector<Scalar>, _ y: Vector<Scalar>) -> Matrix<Scalar> {
  Matrix(rows: x.count, columns: y.count) { i, j in x[i] * y[j] }
}

/// `vec(x)`, `[rows·columns]`: the rows of a matrix, joined.
public func vec<Scalar>(_ x: Matrix<Scalar>) -> Vector<Scalar> {
  Vector(x.elements)
}

/// The matrix `[rows, columns]` whose `vec` is `x`.
public func reshape<Scalar>(_ x: Vector<Scalar>, rows: Int, columns: Int) -> Matrix<Scalar> {
  Matrix(shape: [rows, columns], elements: x.elements)
}

/// The row and the column of the greatest element. Of equal elements the first in row-major order counts.
public func argmax<Scalar: Comparable>(_ x: Matrix<Scalar>) -> (row: Int, column: Int) {
  let best = argmax(vec(x))
  return (best / x.columns, best % x.columns)
}
