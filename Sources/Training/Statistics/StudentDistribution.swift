import Datasets

/// Student's t distribution, computed with basic operations only, so that all processors print the
/// same figures.
struct StudentDistribution {
  /// ν, above 0; it need not be a whole number.
  let degreesOfFreedom: Double

  /// P(T ≤ t): with `x = ν/(ν + t²)` it is `1 − ½·Iₓ(ν/2, ½)` for `t ≥ 0`, where `I` is the
  /// regularized incomplete beta function (Abramowitz and Stegun 1964, 26.7.1).
  func cumulative(_ t: Double) -> Double {
    let x = degreesOfFreedom / (degreesOfFreedom + t * t)
    let tail = Self.incompleteBeta(x, degreesOfFreedom / 2, 0.5) / 2
    return t < 0 ? tail : 1 - tail
  }

  /// The probability of a value at least as far from 0 as `t`.
  func twoSidedTail(_ t: Double) -> Double {
    Self.incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
  }

  /// The `t` with P(T ≤ t) = `probability`, from 0.5 to below 1, by bisection.
  func quantile(_ probability: Double) -> Double {
    precondition(probability >= 0.5 && probability < 1, "quantile(\(probability))")
    var (low, high) = (0.0, 1.0)
    while cumulative(high) < probability, high < 1e9 { high *= 2 }
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if cumulative(middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// Iₓ(a, b) by its continued fraction (Abramowitz and Stegun 1964, 26.5.8), evaluated from the
  /// first term on by Lentz's method.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast below the mean.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = ExactMath.exponential(
      logGamma(a + b) - logGamma(a) - logGamma(b) + a * ExactMath.logarithm(x)
        + b * ExactMath.logarithm(1 - x))
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var fraction = d
    for m in 1...300 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      for term in [even, odd] {
        d = 1 + term * d
        d = 1 / (abs(d) < tiny ? tiny : d)
        c = 1 + term / c
        if abs(c) < tiny { c = tiny }
        fraction *= c * d
      }
      if abs(c * d - 1) < 1e-15 { break }
    }
    return front * fraction / a
  }

  /// ln Γ(x) for x > 0: Stirling's series at x + n ≥ 10, less the logarithms of the n factors.
  private static func logGamma(_ x: Double) -> Double {
    var x = x
    var product = 1.0
    while x < 10 {
      product *= x
      x += 1
    }
    let inverse = 1 / (x * x)
    let series =
      (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse * (1.0 / 1680)))) / x
    let halfLogOfTwoPi = 0.918_938_533_204_672_8
    return (x - 0.5) * ExactMath.logarithm(x) - x + halfLogOfTwoPi + series
      - ExactMath.logarithm(product)
  }
}
