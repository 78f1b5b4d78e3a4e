/// A vector `x_i`, `[count]`. A formula determines if it is a column or a row.
public struct Vector<Scalar: Numeric>: Grid, ExpressibleByArrayLiteral {
  public var elements: [Scalar]

  public init(_ elements: [Scalar]) {
    self.elements = elements
  }

  public init(arrayLiteral elements: Scalar...) {
    self.elements = elements
  }

  public init(shape: [Int], elements: [Scalar]) {
    precondition(shape == [elements.count], "Vector: \(elements.count) elements for \(shape)")
    self.elements = elements
  }

  /// The vector with `x_i = element(i)`.
  public init(count: Int, element: (Int) -> Scalar) {
    self.elements = (0..<count).map(element)
  }

  /// `count` zeros.
  public init(zeros count: Int) {
    self.elements = Array(repeating: 0, count: count)
  }

  public var count: Int { elements.count }

  public var shape: [Int] { [count] }

  public subscript(i: Int) -> Scalar {
    get { elements[i] }
    set { elements[i] = newValue }
  }
}

extension Vector: Sendable where Scalar: Sendable {}

/// The index of the greatest element. Of equal elements the first counts.
public func argmax<Scalar: Comparable>(_ x: Vector<Scalar>) -> Int {
  precondition(x.count > 0, "argmax of an empty vector")
  var best = 0
  for i in 1..<x.count where x[i] > x[best] { best = i }
  return best
}
