import Testing

@testable import Datasets
@testable import Training

/// The rates of a learning-rate range test, its end and its suggestion.
@Suite struct RangeTestTests {
  @Test func ratesRiseExponentially() throws {
    let rates = RisingRate(low: 1e-7, high: 10)
    func rate(_ step: Int) -> Double {
      rates.learningRate(
        base: 3, at: SchedulePoint(step: step, stepsPerEpoch: 7, totalSteps: 241))
    }
    #expect(rate(0) == 1e-7)
    // 240 steps for a factor of 10⁸: 30 for each factor of 10.
    for power in 0...8 {
      let expected = (0..<power).reduce(1e-7) { rate, _ in rate * 10 }
      #expect(abs(rate(30 * power) / expected - 1) < 1e-12, "\(power)")
    }
  }

  @Test func theTestTakesItsStepsWhateverTheRunsLength() throws {
    let tiny = try TinyTraining()
    let run = try tiny.configuration([
      "epochs": "1", "max-steps": "2", "warmup": "1steps", "ema": "0.9", "keep": "best",
      "groups": "bias: lr=x2, sched=linear",
    ])
    let test = RangeTest.configuration(run, examples: 50)
    // An epoch has 7 steps.
    #expect(RunLength(test, examples: 50).plannedSteps == RangeTest.steps)
    #expect(test.maxSteps == nil && test.warmup == nil && test.emaDecay == nil)
    #expect(test.groups?.groups.allSatisfy { $0.schedule == nil } == true)
    #expect(test.batchSize == run.batchSize && test.optimizer == run.optimizer)
  }

  /// A parabola of the logarithm with its lowest loss at step 60 of rates that double.
  @Test func theSuggestionIsATenthOfTheLowest() throws {
    var test = RangeTest()
    var rate = 1e-6
    var ended: Int?
    for step in 0..<200 where ended == nil {
      let distance = Double(step - 60) / 60
      if test.add(learningRate: rate, loss: 0.5 + 2 * distance * distance) { ended = step }
      rate *= 1.1
    }
    let lowest = try #require(test.lowestPoint)
    #expect(lowest == test.smoothed[60])
    #expect(test.suggestion == lowest.learningRate / 10)
    // The mean of five exceeds 2.5, the first loss, only after step 120.
    #expect(try #require(ended) > 120)
    #expect(!test.endsLow)
  }

  @Test func smoothingIsAMeanOfBothSides() {
    var test = RangeTest()
    for step in 0..<13 { _ = test.add(learningRate: Double(step + 1), loss: step == 6 ? 12 : 1) }
    let losses = test.smoothed.map(\.loss)
    #expect(losses[6] == 2 && losses[1] == 1 && losses[11] == 1)
    // Step 3 has three steps on both sides: 0 to 6.
    #expect(abs(losses[3] - 18.0 / 7) < 1e-12)
  }

  @Test func aLossThatNeverFallsGivesNoSuggestion() {
    var test = RangeTest()
    for step in 0..<40 { _ = test.add(learningRate: Double(step + 1), loss: 1 + Double(step) / 40) }
    #expect(test.suggestion == nil && test.lowestPoint == nil)
  }

  @Test func overfittingTakesTheFirstBatchesOfTheFirstEpoch() throws {
    let tiny = try TinyTraining()
    let configuration = try tiny.configuration(["overfit-batches": "2", "seed": "3"])
    #expect(configuration.augmentation.isEmpty && configuration.schedule == .constant)
    #expect(configuration.epochs == 100)
    let whole = try TrainingData(tiny.loaded, try tiny.configuration(["seed": "3"]))
    let data = try TrainingData(tiny.loaded, configuration)
    let order = EpochOrder(examples: whole.training, seed: 3).indices(epoch: 0)
    #expect(data.training == Array(order.prefix(16)))
    #expect(data.validation == data.training && data.validationCount == 10)
    // A recorded run keeps its epochs; beside a flag, those of a longer run do not count.
    let recorded = try Configuration(
      recipe: [("overfit-batches", "2"), ("epochs", "5")], flags: [])
    #expect(recorded.epochs == 5)
    let flagged = try Configuration(recipe: [("epochs", "5")], flags: [("overfit-batches", "8")])
    #expect(flagged.epochs == 25)
    #expect(throws: SettingError.self) {
      try Configuration(
        recipe: [], flags: [("overfit-batches", "2"), ("augment", "translate(1)")])
    }
  }
}
