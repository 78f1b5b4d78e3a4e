import Testing

@testable import Checkpoints
@testable import Training

@Suite struct PlateauTests {
  private func states(_ text: String, _ values: [Double]) throws -> [Plateau.State] {
    let plateau = try #require(Schedule(text)?.plateau)
    var states: [Plateau.State] = []
    for value in values { states.append(plateau.state(after: states.last, value: value)) }
    return states
  }

  @Test func reducesAfterMoreThanThePatience() throws {
    let found = try states(
      "plateau(patience=1,threshold=0.5)", [8, 4, 3.9, 3, 2.1, 1.9, 1.8, 1.7, 1])
    // Below half of the best: 3.9 of 8, 1.9 of 3.9, but not 4 and not 1 of 1.9.
    #expect(found.map(\.best) == [8, 8, 3.9, 3.9, 3.9, 1.9, 1.9, 1.9, 1.9])
    #expect(found.map(\.reductions) == [0, 0, 0, 0, 1, 1, 1, 2, 2])
    #expect(found.map(\.badEpochs) == [0, 1, 0, 1, 0, 0, 1, 0, 1])
  }

  @Test func accuraciesImproveUpward() throws {
    let found = try states(
      "plateau(on=accuracy,patience=0,threshold=0)", [0.5, 0.5, 0.6, 0.4])
    #expect(found.map(\.reductions) == [0, 1, 1, 2])
    #expect(found.map(\.best) == [0.5, 0.5, 0.6, 0.6])
  }

  @Test func noEpochCountsInTheCooldown() throws {
    let found = try states("plateau(patience=0,cooldown=2)", [1, 1, 1, 1, 1, 1, 1])
    #expect(found.map(\.reductions) == [0, 1, 1, 1, 2, 2, 2])
    #expect(found.map(\.cooldown) == [0, 2, 1, 0, 2, 1, 0])
  }

  @Test func theRateFallsToTheFloor() throws {
    let schedule = try #require(Schedule("plateau(factor=0.5,floor=0.2)"))
    func rate(_ reductions: Int) -> Double {
      schedule.learningRate(
        base: 8,
        at: SchedulePoint(step: 5, stepsPerEpoch: 1, totalSteps: 9, reductions: reductions))
    }
    #expect((0...4).map(rate) == [8, 4, 2, 1.6, 1.6])
  }

  @Test func theStateIsSavedAsText() throws {
    let state = Plateau.State(reductions: 3, best: 0.1 + 0.2, badEpochs: 2, cooldown: 1)
    #expect(Plateau.State(state.text) == state)
    for text in ["", "1 2 3", "1 2 3 x", "1 2 -3 4", "1 2 3 inf", "1 2 3 4 5"] {
      #expect(Plateau.State(text) == nil, "\(text)")
    }
  }

  /// The learning rate of every step depends on the validations before it, also after a resume.
  @Test func aRunFollowsItsValidation() throws {
    let run = try SmallRun(
      ("sched", "plateau(factor=0.5,patience=0,threshold=0.5)"), ("epochs", "6"))
    let whole = try run.trainer()
    let reports = try whole.takeSteps(30)
    let rates = (0..<6).map { reports[5 * $0].learningRate }
    #expect(rates[0] == 0.05 && rates[1] == 0.05 && rates[5] < 0.05, "\(rates)")
    for stop in [5, 7, 11, 15, 26] {
      let first = try run.trainer()
      _ = try first.takeSteps(stop)
      let second = try run.trainer(threads: 3)
      _ = try second.restore(first.checkpoint(metrics: .empty))
      #expect(second.progress == first.progress)
      #expect(try second.takeSteps(30 - stop) == Array(reports[stop...]))
      #expect(second.checkpoint(metrics: .empty) == whole.checkpoint(metrics: .empty))
    }
  }

  @Test func aDamagedStateIsRefused() throws {
    let run = try SmallRun(("sched", "plateau"))
    let trainer = try run.trainer()
    _ = try trainer.takeSteps(5)
    let checkpoint = trainer.checkpoint(metrics: .empty)
    var metadata = checkpoint.metadata
    metadata["plateau"] = "1 2"
    #expect(throws: CheckpointProblem.badMetadata(key: "plateau", found: "1 2")) {
      try run.trainer().restore(Checkpoint(tensors: checkpoint.tensors, metadata: metadata))
    }
  }
}
