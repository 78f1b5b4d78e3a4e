import Testing

@testable import Training

@Suite struct ScheduleTests {
  private func rates(_ text: String, base: Double, epochs: Int) throws -> [Double] {
    let schedule = try #require(Schedule(text))
    return (0..<epochs).map {
      schedule.learningRate(base: base, step: $0 * 10, stepsPerEpoch: 10, totalSteps: epochs * 10)
    }
  }

  @Test func isOptimizedInEveryConfiguration() {
    #expect(isOptimized, "Training was compiled without optimization")
  }

  @Test func learningRatesMatchHandComputedValues() throws {
    #expect(try rates("constant", base: 0.3, epochs: 3) == [0.3, 0.3, 0.3])
    #expect(try rates("exponential(0.5)", base: 8, epochs: 4) == [8, 4, 2, 1])
    #expect(try rates("linear", base: 1, epochs: 4) == [1, 0.75, 0.5, 0.25])
    // The course's schedule: 1e-1, 1e-2, 1e-3, 1e-4 from epochs 1, 3, 5, 7.
    #expect(
      try rates("steps(1:0.1,3:0.01,5:0.001,7:0.0001)", base: 9, epochs: 8)
        == [0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001])
    #expect(try rates("steps(3:0.5)", base: 2, epochs: 4) == [2, 2, 0.5, 0.5])
    let cosine = try rates("cosine", base: 2, epochs: 6)
    // cos 0°, 30°, 60°, 90°, 120°, 150°
    let expected = [2, 1 + 3.0.squareRoot() / 2, 1.5, 1, 0.5, 1 - 3.0.squareRoot() / 2]
    for (found, expected) in zip(cosine, expected) { #expect(abs(found - expected) < 1e-14) }
  }

  @Test func changesAtTheFirstStepOfAnEpoch() throws {
    let schedule = try #require(Schedule("exponential(0.5)"))
    func rate(_ step: Int) -> Double {
      schedule.learningRate(base: 1, step: step, stepsPerEpoch: 7, totalSteps: 21)
    }
    #expect(rate(6) == 1 && rate(7) == 0.5 && rate(13) == 0.5 && rate(14) == 0.25)
  }

  @Test(arguments: [
    "constant", "cosine", "linear", "exponential(0.75)", "steps(1:0.1,3:0.01,5:0.001)",
  ])
  func textReadsBack(_ text: String) throws {
    let schedule = try #require(Schedule(text))
    #expect(schedule.description == text)
    #expect(Schedule(schedule.description) == schedule)
  }

  @Test(arguments: [
    "", "cos", "exponential", "exponential()", "exponential(0)", "exponential(1.5)", "steps()",
    "steps(1)", "steps(0:1)", "steps(2:1,2:0.5)", "steps(3:1,2:1)", "steps(1:-1)", "steps(1:nan)",
    "steps(1:0.1,)",
  ])
  func invalidTextsAreRefused(_ text: String) {
    #expect(Schedule(text) == nil)
  }
}
