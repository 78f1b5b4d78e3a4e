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

  @Test func formsWithArgumentsMatchHandComputedValues() throws {
    #expect(try rates("step(2,0.5)", base: 8, epochs: 6) == [8, 8, 4, 4, 2, 2])
    // From 1 to ½ in two epochs.
    #expect(try rates("linear(until=2,floor=0.5)", base: 1, epochs: 4) == [1, 0.75, 0.5, 0.5])
    #expect(
      try rates("linear(until=20steps,floor=0.5)", base: 1, epochs: 4) == [1, 0.75, 0.5, 0.5])
    #expect(try rates("linear(floor=0.5)", base: 1, epochs: 4) == [1, 0.875, 0.75, 0.625])
    #expect(
      try rates("triangular(peak=0.5,start=0.5,floor=0.25)", base: 1, epochs: 4)
        == [0.5, 0.75, 1, 0.625])
    #expect(try rates("triangular(peak=0,floor=0)", base: 1, epochs: 4) == [1, 0.75, 0.5, 0.25])
    // Periods of 1, 2 and 4 epochs; in the middle of each the cosine is ½.
    let restarts = try rates("cosine(restart=1,times=2)", base: 1, epochs: 7)
    #expect(restarts[0] == 1 && restarts[1] == 1 && restarts[3] == 1)
    #expect(abs(restarts[2] - 0.5) < 1e-15 && abs(restarts[5] - 0.5) < 1e-15)
    let floor = try rates("cosine(floor=0.5)", base: 2, epochs: 2)
    #expect(floor[0] == 2 && abs(floor[1] - 1.5) < 1e-15)
  }

  /// airbench94: 0.2 to 1 in the first 23 % of the steps, then to 0.07.
  @Test func airbenchsTriangle() throws {
    let schedule = try #require(Schedule("triangular(peak=0.23,start=0.2,floor=0.07)"))
    func rate(_ step: Int) -> Double {
      schedule.learningRate(base: 1, step: step, stepsPerEpoch: 48, totalSteps: 475)
    }
    // ⌊0.23·475⌋ = 109
    #expect(rate(0) == 0.2 && rate(109) == 1)
    #expect(rate(108) < 1 && rate(110) < 1)
    #expect(abs(rate(292) - (1 - 0.93 / 2)) < 1e-15)
    #expect(abs(rate(475) - 0.07) < 1e-15)
  }

  /// The rate falls over 8.5 of 8.875 epochs of 32 steps to 0.05, and stays there.
  @Test func theFloorStays() throws {
    let schedule = try #require(Schedule("linear(until=8.5,floor=0.05)"))
    func rate(_ step: Int) -> Double {
      schedule.learningRate(base: 2, step: step, stepsPerEpoch: 32, totalSteps: 284)
    }
    #expect(rate(0) == 2 && abs(rate(136) - 2 * 0.525) < 1e-15)
    #expect(rate(271) > 0.1)
    for step in 272...284 { #expect(rate(step) == 0.1) }
  }

  @Test func warmupRisesToTheScheduleAndThenItBegins() throws {
    func rates(_ text: String) throws -> [Double] {
      let schedule = try #require(Schedule(text))
      return (0..<8).map {
        schedule.learningRate(
          base: 8, at: SchedulePoint(step: $0, stepsPerEpoch: 2, totalSteps: 8), warmup: 3)
      }
    }
    #expect(try rates("constant") == [2, 4, 6, 8, 8, 8, 8, 8])
    #expect(try rates("exponential(0.5)") == [2, 4, 6, 8, 8, 4, 4, 2])
    #expect(try rates("steps(1:4,2:1)") == [1, 2, 3, 4, 4, 1, 1, 1])
    let linear = try rates("linear")
    #expect(linear[..<4] == [2, 4, 6, 8])
    #expect(abs(linear[7] - 8 * 0.2) < 1e-15)
  }

  @Test func aOneCycleOfFewStepsIsFinite() throws {
    for total in 1...5 {
      for peak in ["0", "0.3", "1"] {
        let schedule = try #require(Schedule("one-cycle(peak=\(peak))"))
        for step in 0..<total {
          let rate = schedule.learningRate(
            base: 1, step: step, stepsPerEpoch: 1, totalSteps: total)
          #expect(rate > 0 && rate <= 1, "\(total) \(peak) \(step)")
        }
      }
    }
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
    "step(2,0.1)", "cosine(floor=0.01,restart=2.5,times=2)", "cosine(restart=100steps)",
    "linear(until=8.5,floor=0.05)", "triangular", "triangular(peak=0.23,start=0.2,floor=0.07)",
    "one-cycle", "one-cycle(max=2.0,peak=0.25,divide=10.0,end-divide=100.0)", "plateau",
    "plateau(on=accuracy,factor=0.5,patience=3,threshold=0.0,cooldown=1,floor=0.001)",
  ])
  func textReadsBack(_ text: String) throws {
    let schedule = try #require(Schedule(text))
    #expect(schedule.description == text)
    #expect(Schedule(schedule.description) == schedule)
  }

  @Test(arguments: [
    "", "cos", "exponential", "exponential()", "exponential(0)", "exponential(1.5)", "steps()",
    "steps(1)", "steps(0:1)", "steps(2:1,2:0.5)", "steps(3:1,2:1)", "steps(1:-1)", "steps(1:nan)",
    "steps(1:0.1,)", "step", "step(2)", "step(0,0.1)", "step(2,0)", "step(2,0.1,3)", "linear()",
    "linear(floor=2)", "linear(floor)", "linear(flor=0.1)", "linear(floor=0.1,floor=0.2)",
    "linear(until=0)", "linear(until=-1steps)", "cosine(times=2)", "cosine(restart=0)",
    "triangular(peak=1.5)", "triangular(start=nan)", "one-cycle(max=0)", "one-cycle(divide=0.5)",
    "plateau(on=nothing)", "plateau(factor=1)", "plateau(patience=-1)", "linear(floor=0.1)x",
    "linear floor=0.1", "constant(1)",
  ])
  func invalidTextsAreRefused(_ text: String) {
    #expect(Schedule(text) == nil)
  }
}
