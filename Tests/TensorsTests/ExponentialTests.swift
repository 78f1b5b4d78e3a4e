import CKernels
import Foundation
import Testing

/// `exact_exp` and `exact_log` against the C library's functions in double.
@Suite struct ExponentialTests {
  /// The error in units in the last place.
  private func units(_ found: Float, _ exact: Double) -> Double {
    abs(Double(found) - exact) / Double(Float(exact).ulp)
  }

  @Test func normalResultsAreWithin051Units() {
    var worst = (exp: 0.0, log: 0.0)
    for i in 0..<400_000 {
      let x = Float(-87) + Float(i) * (175 / 400_000)
      worst.exp = max(worst.exp, units(exact_exp(x), exp(Double(x))))
      let y = Float(bitPattern: 0x0080_0000 + UInt32(i) * 5_300)
      worst.log = max(worst.log, units(exact_log(y), log(Double(y))))
    }
    #expect(worst.exp <= 0.51)
    #expect(worst.log <= 0.51)
  }

  @Test func zerosInfinitiesAndNaNGiveTheExactLimits() {
    #expect(exact_exp(0) == 1 && exact_exp(-0.0) == 1)
    #expect(exact_exp(200) == .infinity && exact_exp(-200) == 0)
    #expect(exact_exp(.infinity) == .infinity && exact_exp(-.infinity) == 0)
    #expect(exact_log(1) == 0 && exact_log(0) == -.infinity && exact_log(-0.0) == -.infinity)
    #expect(exact_log(.infinity) == .infinity)
    #expect(exact_log(-1).isNaN && exact_log(-.infinity).isNaN)
    #expect(exact_exp(.nan).isNaN && exact_log(.nan).isNaN)
  }

  @Test func subnormalExponentialsAreWithin051Units() {
    var worst = 0.0
    for i in 0..<100_000 {
      let x = -87 - Float(i) * (17.5 / 100_000)
      worst = max(worst, units(exact_exp(x), exp(Double(x))))
    }
    #expect(worst <= 0.51)
  }

  /// The arguments where eˣ overflows and where it rounds to 0.
  @Test func exponentialsOverflowAndUnderflowAtTheLimitsOfFloat() {
    let last = Float(log(Double(Float.greatestFiniteMagnitude)))
    #expect(exact_exp(last.nextDown).isFinite)
    #expect(exact_exp(last.nextUp) == .infinity)
    let least = Float(log(Double(Float.leastNonzeroMagnitude) / 2))
    #expect(exact_exp(least.nextUp) == .leastNonzeroMagnitude)
    #expect(exact_exp(least.nextDown) == 0)
  }

  /// The 200,001 floats around 1, where ln is close to 0.
  @Test func logarithmsAroundOneAreWithin051Units() {
    var worst = 0.0
    for i in -100_000...100_000 {
      let x = Float(bitPattern: UInt32(0x3F80_0000 + i))
      worst = max(worst, units(exact_log(x), log(Double(x))))
    }
    #expect(worst <= 0.51)
  }

  @Test func logarithmsOfSubnormalsAreWithin051Units() {
    var worst = 0.0
    for i in 0..<80_000 {
      let x = Float(bitPattern: 1 + UInt32(i) * 104)
      worst = max(worst, units(exact_log(x), log(Double(x))))
    }
    #expect(worst <= 0.51)
  }

  @Test func theLogarithmInvertsTheExponential() {
    for i in -80...80 {
      let x = Float(i)
      #expect(abs(exact_log(exact_exp(x)) - x) <= max(1, abs(x)) * 1e-7)
    }
  }
}
