import Foundation
import Testing

@testable import Datasets

/// Compares with the C library's functions, whose error is at most one unit in the last place.
@Suite struct ExactMathTests {
  @Test func sinesAndCosinesMatchTheCLibrary() {
    for step in -7_300...7_300 {
      let degrees = Double(step) * 0.1 + 0.013
      let angle = degrees * Double.pi / 180
      #expect(abs(ExactMath.sine(degrees: degrees) - sin(angle)) < 1e-14, "\(degrees)")
      #expect(abs(ExactMath.cosine(degrees: degrees) - cos(angle)) < 1e-14, "\(degrees)")
    }
  }

  @Test func quarterTurnsAreExact() {
    for (turns, sine, cosine) in [(0, 0.0, 1.0), (1, 1, 0), (2, 0, -1), (3, -1, 0), (-1, -1, 0)] {
      #expect(ExactMath.sine(degrees: 90 * Double(turns)) == sine)
      #expect(ExactMath.cosine(degrees: 90 * Double(turns)) == cosine)
    }
    #expect(abs(ExactMath.sine(degrees: 30) - 0.5) < 1e-15)
    #expect(abs(ExactMath.cosine(degrees: -60) - 0.5) < 1e-15)
  }

  @Test func exponentialsMatchTheCLibrary() {
    for step in -690...690 {
      for offset in [0, 0.1, 0.346, 0.5, 0.77] {
        let x = Double(step) + offset
        #expect(abs(ExactMath.exponential(x) / exp(x) - 1) < 1e-14, "\(x)")
      }
    }
    #expect(ExactMath.exponential(0) == 1)
    #expect(ExactMath.exponential(-800) == 0)
  }

  @Test func logarithmsMatchTheCLibrary() {
    for exponent in -40...40 {
      for step in 0..<200 {
        let x = (1 + Double(step) / 200) * Double(sign: .plus, exponent: exponent, significand: 1)
        let expected = log(x)
        #expect(abs(ExactMath.logarithm(x) - expected) < 1e-14 * max(1, abs(expected)), "\(x)")
      }
    }
    #expect(ExactMath.logarithm(1) == 0)
  }
}
