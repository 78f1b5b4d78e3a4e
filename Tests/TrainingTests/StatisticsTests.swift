import Testing

@testable import Training

/// Means, intervals and quantiles, against tabulated values.
@Suite struct StatisticsTests {
  /// Two-sided 95 % quantiles of Student's t (Fisher and Yates 1963, table III).
  @Test(arguments: [
    (1.0, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (30, 2.042), (120, 1.980),
  ])
  func quantilesAreTheTabulatedOnes(degrees: Double, quantile: Double) {
    let distribution = StudentDistribution(degreesOfFreedom: degrees)
    #expect(abs(distribution.quantile(0.975) - quantile) < 6e-4)
    #expect(abs(distribution.twoSidedTail(quantile) - 0.05) < 1e-4)
  }

  /// (0.1 + 0.1 + 0.1)/3 is not 0.1, but the mean of equal values is their value.
  @Test func equalValuesHaveNoSpread() {
    for value in [0.1, 0.7, 1e-300] {
      let statistics = SampleStatistics([value, value, value])
      #expect(statistics.mean == value && statistics.std == 0)
    }
  }

  /// With one degree of freedom, P(T ≤ t) = ½ + atan(t)/π.
  @Test func oneDegreeOfFreedomIsTheCauchyDistribution() {
    let distribution = StudentDistribution(degreesOfFreedom: 1)
    #expect(abs(distribution.cumulative(1) - 0.75) < 1e-12)
    #expect(abs(distribution.cumulative(-1) - 0.25) < 1e-12)
    #expect(abs(distribution.cumulative(0) - 0.5) < 1e-12)
    #expect(abs(distribution.cumulative(3.0.squareRoot()) - (0.5 + 1.0 / 3)) < 1e-12)
  }

  @Test func meanStdAndInterval() throws {
    let statistics = SampleStatistics([1, 2, 3, 4, 5])
    #expect(statistics.mean == 3)
    #expect(abs(try #require(statistics.std) - 2.5.squareRoot()) < 1e-12)
    let interval = try #require(statistics.interval)
    #expect(abs(interval.upperBound - 3 - 2.776445 * 0.5.squareRoot()) < 1e-5)
    #expect(abs(interval.lowerBound + interval.upperBound - 6) < 1e-12)
    let single = SampleStatistics([7])
    #expect(single.mean == 7 && single.std == nil && single.interval == nil)
  }
}
