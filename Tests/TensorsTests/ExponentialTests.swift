import CKernels
import Foundation
import Testing

/// exp and ln to within 0.51 units in the last place where `KernelTests` does not look: subnormal
/// numbers, overflow, and logarithms close to 0.
@Suite struct ExponentialTests {
  private func units(_ found: Float, _ exact: Double) -> Double {
    abs(Double(found) - exact) / Double(Float(exact).ulp)
  }

  @Test func subnormalExponentials() {
    var worst = 0.0
    for i in 0..<100_000 {
      let x = -87 - Float(i) * (17.5 / 100_000)
      worst = max(worst, units(exact_exp(x), exp(Double(x))))
    }
    #expect(worst <= 0.51)
  }

  /// The last argument with a finite result, and the first one whose result rounds to nothing.
  @Test func exponentialsEndWhereFloatsEnd() {
    let last = Float(log(Double(Float.greatestFiniteMagnitude)))
    #expect(exact_exp(last.nextDown).isFinite)
    #expect(exact_exp(last.nextUp) == .infinity)
    let least = Float(log(Double(Float.leastNonzeroMagnitude) / 2))
    #expect(exact_exp(least.nextUp) == .leastNonzeroMagnitude)
    #expect(exact_exp(least.nextDown) == 0)
    #expect(exact_exp(.infinity) == .infinity && exact_exp(-.infinity) == 0)
    #expect(exact_exp(-0.0) == 1)
  }

  /// One at a time: the 200,000 floats on either side of 1, where ln passes through 0.
  @Test func logarithmsAroundOne() {
    var worst = 0.0
    for i in -100_000...100_000 {
      let x = Float(bitPattern: UInt32(0x3F80_0000 + i))
      worst = max(worst, units(exact_log(x), log(Double(x))))
    }
    #expect(worst <= 0.51)
  }

  @Test func logarithmsOfSubnormals() {
    var worst = 0.0
    for i in 0..<80_000 {
      let x = Float(bitPattern: 1 + UInt32(i) * 104)
      worst = max(worst, units(exact_log(x), log(Double(x))))
    }
    #expect(worst <= 0.51)
    #expect(exact_log(-0.0) == -.infinity && exact_log(-.infinity).isNaN)
  }

  @Test func logarithmsOfExponentials() {
    for i in -80...80 {
      let x = Float(i)
      #expect(abs(exact_log(exact_exp(x)) - x) <= max(1, abs(x)) * 1e-7)
    }
  }
}
