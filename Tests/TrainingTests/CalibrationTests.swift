import Testing

@testable import Training

/// Calibration, Brier's score and coverage, with values computed by hand.
@Suite struct CalibrationTests {
  /// Bins of width 0.2: 0.1 in the first, 0.3 and 0.35 in the second, 0.9 and 1 in the last.
  @Test func errorsAreThoseComputedByHand() {
    let calibration = Calibration(
      confidences: [0.1, 0.3, 0.35, 0.9, 1], hits: [false, true, false, true, true], bins: 5)
    #expect(calibration.bins.map(\.count) == [1, 2, 0, 0, 2])
    #expect(calibration.bins.map(\.accuracy) == [0, 0.5, 0, 0, 1])
    for (found, expected) in zip(calibration.bins.map(\.confidence), [0.1, 0.325, 0, 0, 0.95]) {
      #expect(abs(found - expected) < 1e-15)
    }
    // 1/5·|0 − 0.1| + 2/5·|0.5 − 0.325| + 2/5·|1 − 0.95|
    #expect(abs(calibration.expectedError - 0.11) < 1e-15)
    #expect(abs(calibration.maximumError - 0.175) < 1e-15)
    #expect(abs(calibration.confidence - 0.53) < 1e-15)
  }

  /// A bin has its upper bound and not its lower one.
  @Test func boundsBelongToTheLowerBin() {
    let calibration = Calibration(
      confidences: [0, 0.25, 0.5, 0.75, 1], hits: [Bool](repeating: true, count: 5), bins: 4)
    #expect(calibration.bins.map(\.count) == [2, 1, 1, 1])
    #expect(calibration.bins.map(\.range) == [0...0.25, 0.25...0.5, 0.5...0.75, 0.75...1])
  }

  @Test func aCalibratedClassifierHasNoError() {
    let calibration = Calibration(
      confidences: [0.75, 0.75, 0.75, 0.75], hits: [true, false, true, true])
    #expect(calibration.expectedError == 0 && calibration.maximumError == 0)
    #expect(calibration.bins.count == 15)
  }

  @Test func brierScores() {
    // 0.3² + 0.2² + 0.1² and 0.7² + 0.2² + 0.9²
    #expect(abs(BrierScore.score([0.7, 0.2, 0.1], label: 0) - 0.14) < 1e-15)
    #expect(abs(BrierScore.score([0.7, 0.2, 0.1], label: 2) - 1.34) < 1e-15)
    #expect(BrierScore.score([0, 1, 0], label: 1) == 0)
    #expect(BrierScore.score([0, 1, 0], label: 2) == 2)
  }

  @Test func coverageAnswersEqualConfidencesTogether() {
    let confidences = [0.9, 0.8, 0.8, 0.6]
    let hits = [true, false, true, true]
    let expected: [CoverageCurve.Point] = [
      .init(threshold: 0.9, coverage: 0.25, accuracy: 1),
      .init(threshold: 0.8, coverage: 0.75, accuracy: 2.0 / 3),
      .init(threshold: 0.6, coverage: 1, accuracy: 0.75),
    ]
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
      let curve = CoverageCurve(
        confidences: order.map { confidences[$0] }, hits: order.map { hits[$0] })
      #expect(curve.points == expected)
      #expect(curve.point(atCoverage: 0.5) == expected[1])
      #expect(curve.point(atCoverage: 0.75) == expected[1])
      #expect(curve.point(atCoverage: 0.76) == expected[2])
    }
  }

  @Test func aLongCurveIsThinnedToItsEnd() {
    let confidences = (1...1000).map { Double($0) / 1000 }
    let curve = CoverageCurve(
      confidences: confidences, hits: confidences.map { $0 > 0.5 })
    #expect(curve.points.count == 1000)
    let thinned = curve.thinned(to: 10)
    #expect(thinned.map(\.coverage) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    #expect(thinned.last?.accuracy == 0.5)
    #expect(curve.thinned(to: 2000) == curve.points)
  }
}
