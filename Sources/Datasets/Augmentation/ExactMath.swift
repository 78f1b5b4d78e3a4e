/// Functions of Double computed with additions, products and quotients only. Those of the C library
/// differ in the last bits between processors, and random draws must not.
package enum ExactMath {
  /// The sine of an angle in degrees with absolute value below 10⁹; the error is below 10⁻¹⁵.
  static func sine(degrees: Double) -> Double { sineAndCosine(degrees).sine }

  /// The cosine of an angle in degrees with absolute value below 10⁹; the error is below 10⁻¹⁵.
  static func cosine(degrees: Double) -> Double { sineAndCosine(degrees).cosine }

  /// Taylor series at the angle reduced by quarter turns to at most 45° in absolute value.
  private static func sineAndCosine(_ degrees: Double) -> (sine: Double, cosine: Double) {
    let quarters = (degrees / 90).rounded()
    let angle = (degrees - 90 * quarters) * (Double.pi / 180)
    let square = angle * angle
    var (sine, cosine) = (0.0, 0.0)
    // x − x³/3! + x⁵/5! − … and 1 − x²/2! + x⁴/4! − …, from the last term to the first. Each term
    // is the previous one times −x²/((k + 1)(k + 2)).
    for k in stride(from: 19.0, to: 0, by: -2) { sine = 1 - sine * square / ((k + 1) * (k + 2)) }
    for k in stride(from: 18.0, through: 0, by: -2) {
      cosine = 1 - cosine * square / ((k + 1) * (k + 2))
    }
    sine *= angle
    switch Int(quarters) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  private static let ln2 = 0.693_147_180_559_945_3
  /// ln 2 in two parts. The first has so few digits that its products with whole numbers are exact.
  private static let ln2Parts = (0x1.62e4_2feep-1, 0x1.a39e_f357_93c76p-33)

  /// eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2, and eʳ by its Taylor series; the relative error is below
  /// 10⁻¹⁵.
  package static func exponential(_ x: Double) -> Double {
    guard x > -700 else { return 0 }
    precondition(x < 700, "exponential(\(x))")
    let n = (x / ln2).rounded()
    let r = x - n * ln2Parts.0 - n * ln2Parts.1
    var sum = 1.0
    for k in stride(from: 18.0, to: 0, by: -1) { sum = 1 + sum * r / k }
    return Double(sign: .plus, exponent: Int(n), significand: sum)
  }

  /// ln x = k·ln 2 + ln m with √½ ≤ m < √2, and ln m = 2·artanh s for s = (m − 1)/(m + 1). The
  /// error is below 10⁻¹⁵ times the greater of |ln x| and 1.
  package static func logarithm(_ x: Double) -> Double {
    precondition(x > 0 && x.isFinite, "logarithm(\(x))")
    var m = x.significand
    var k = Double(x.exponent)
    if m > 1.414_213_562_373_095_1 {
      m /= 2
      k += 1
    }
    let s = (m - 1) / (m + 1)
    let square = s * s
    var sum = 0.0
    for odd in stride(from: 25.0, to: 0, by: -2) { sum = sum * square + 1 / odd }
    return k * ln2Parts.0 + (2 * s * sum + k * ln2Parts.1)
  }
}
