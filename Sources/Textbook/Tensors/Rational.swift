/// An exact fraction in lowest terms, with a positive denominator.
///
/// The formulas of this module are generic over the scalar type. With fractions, tests can show that two
/// formulas are exactly equal. Winograd's matrices are computed with fractions. An overflow of the numerator
/// or the denominator traps.
public struct Rational: SignedNumeric, Comparable, Hashable, Sendable, CustomStringConvertible {
  public let numerator: Int
  public let denominator: Int

  /// `numerator / denominator`; the denominator must not be zero.
  public init(_ numerator: Int, over denominator: Int) {
    precondition(denominator != 0, "Rational: \(numerator)/0")
    let divisor = greatestCommonDivisor(numerator, denominator) * denominator.signum()
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  public init(_ whole: Int) {
    self.init(whole, over: 1)
  }

  public init(integerLiteral value: Int) {
    self.init(value)
  }

  public init?<T: BinaryInteger>(exactly source: T) {
    guard let whole = Int(exactly: source) else { return nil }
    self.init(whole)
  }

  public var magnitude: Rational { Rational(abs(numerator), over: denominator) }

  public static func + (a: Rational, b: Rational) -> Rational {
    Rational(
      a.numerator * b.denominator + b.numerator * a.denominator,
      over: a.denominator * b.denominator)
  }

  public static func - (a: Rational, b: Rational) -> Rational { a + (-b) }

  public static prefix func - (a: Rational) -> Rational {
    Rational(-a.numerator, over: a.denominator)
  }

  public static func * (a: Rational, b: Rational) -> Rational {
    Rational(a.numerator * b.numerator, over: a.denominator * b.denominator)
  }

  public static func *= (a: inout Rational, b: Rational) { a = a * b }

  /// The quotient; `b` must not be zero.
  public static func / (a: Rational, b: Rational) -> Rational {
    Rational(a.numerator * b.denominator, over: a.denominator * b.numerator)
  }

  public static func < (a: Rational, b: Rational) -> Bool {
    a.numerator * b.denominator < b.numerator * a.denominator
  }

  /// `3`, `-1/2`
  public var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }
}

/// The greatest common divisor by Euclid's algorithm; at least 1 if `b` is not zero.
private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? abs(a) : greatestCommonDivisor(b, a % b)
}

extension Matrix where Scalar: BinaryFloatingPoint {
  /// The floating-point numbers closest to a matrix of fractions.
  public init(_ exact: Matrix<Rational>) {
    self.init(rows: exact.rows, columns: exact.columns) { i, j in
      Scalar(exact[i, j].numerator) / Scalar(exact[i, j].denominator)
    }
  }
}
