import Testing

@testable import Training

/// McNemar's and Welch's tests, against values computed by hand and by SciPy 1.x (`binomtest` and
/// `ttest_ind(equal_var=False)`).
@Suite struct SignificanceTests {
  /// By hand: 2·(1 + 12 + 66)/2¹², 2/2⁵, 2·(1 + 3)/2³, and 1 where the counts are equal.
  @Test(arguments: [
    (10, 2, 158.0 / 4096), (2, 10, 158.0 / 4096), (0, 5, 0.0625), (1, 2, 1.0), (7, 7, 1.0),
    (0, 0, 1.0), (0, 1, 1.0),
  ])
  func mcNemarOfFewExamples(_ b: Int, _ c: Int, _ p: Double) {
    #expect(McNemarTest(onlyFirst: b, onlySecond: c).pValue == p)
  }

  @Test(arguments: [
    (120, 180, 0.0006342200069283566), (3000, 3100, 0.2049495446515585),
    (700, 400, 1.1735888055606002e-19),
  ])
  func mcNemarOfManyExamplesIsSciPys(_ b: Int, _ c: Int, _ p: Double) {
    #expect(abs(McNemarTest(onlyFirst: b, onlySecond: c).pValue / p - 1) < 1e-9)
  }

  @Test func verySmallProbabilitiesAreZero() {
    #expect(McNemarTest(onlyFirst: 0, onlySecond: 60_000).pValue == 0)
    #expect(McNemarTest(onlyFirst: 100, onlySecond: 60_000).pValue == 0)
  }

  @Test func mcNemarCountsExamples() {
    let test = McNemarTest(
      first: [true, true, false, false, true], second: [true, false, true, false, false])
    #expect(test.bothRight == 1 && test.onlyFirst == 2)
    #expect(test.onlySecond == 1 && test.bothWrong == 1 && test.count == 5)
  }

  /// By hand: v₁ = 2.5/5 and v₂ = (20/3)/4, so t = −2/√(13/6) and
  /// ν = (13/6)²/(0.25/4 + (25/9)/3).
  @Test func welchByHand() throws {
    let test = try #require(
      WelchTest(SampleStatistics([1, 2, 3, 4, 5]), SampleStatistics([2, 4, 6, 8])))
    #expect(test.difference == -2)
    #expect(abs(test.t + 2 / (13.0 / 6).squareRoot()) < 1e-12)
    #expect(abs(test.degreesOfFreedom - (169.0 / 36) / (0.0625 + 25.0 / 27)) < 1e-12)
    #expect(abs(test.pValue - 0.23519411138940557) < 1e-9)
    #expect(abs(test.interval.lowerBound + 5.84463638394009) < 1e-9)
    #expect(abs(test.interval.upperBound - 1.8446363839400899) < 1e-9)
  }

  @Test func welchOfAccuraciesIsSciPys() throws {
    let test = try #require(
      WelchTest(
        SampleStatistics([0.9401, 0.9395, 0.9412, 0.9388, 0.9407]),
        SampleStatistics([0.9420, 0.9411, 0.9425])))
    #expect(abs(test.t + 3.0609258532607866) < 1e-9)
    #expect(abs(test.degreesOfFreedom - 5.459906870044096) < 1e-9)
    #expect(abs(test.pValue - 0.025047710157517025) < 1e-9)
    #expect(abs(test.interval.lowerBound + 0.0032862687566586227) < 1e-10)
  }

  @Test func welchNeedsSpread() {
    #expect(WelchTest(SampleStatistics([1]), SampleStatistics([1, 2])) == nil)
    #expect(WelchTest(SampleStatistics([1, 1]), SampleStatistics([2, 2])) == nil)
    #expect(WelchTest(SampleStatistics([1, 1]), SampleStatistics([2, 3])) != nil)
  }
}
