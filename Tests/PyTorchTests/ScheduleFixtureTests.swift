import Testing

@testable import Training

/// Learning rates compared with PyTorch's schedulers.
@Suite struct ScheduleFixtureTests {
  @Test func learningRatesArePyTorchs() throws {
    let fixture = try Fixture("schedules")
    let cases = fixture.cases.filter { !$0.hasPrefix("plateau") }
    #expect(cases.count == 15)
    for name in cases {
      let settings = fixture.settings(name)
      let schedule = try #require(Schedule(settings["schedule"]!), "\(name)")
      #expect(schedule.description == settings["schedule"]!)
      let expected = try fixture.values("\(name).rates").map { Double($0) }
      let base = Double(settings["base"]!)!
      for (step, expected) in expected.enumerated() {
        let point = SchedulePoint(
          step: step, stepsPerEpoch: Int(settings["per_epoch"]!)!,
          totalSteps: try fixture.values("\(name).rates").count)
        let found = schedule.learningRate(
          base: base, at: point, warmup: Int(settings["warmup"]!)!)
        #expect(
          abs(found - expected) <= 1e-6 * expected, "\(name), step \(step): \(found), \(expected)")
      }
    }
  }

  @Test func plateausArePyTorchs() throws {
    let fixture = try Fixture("schedules")
    let cases = fixture.cases.filter { $0.hasPrefix("plateau") }
    #expect(cases.count == 3)
    for name in cases {
      let settings = fixture.settings(name)
      let schedule = try #require(Schedule(settings["schedule"]!), "\(name)")
      let plateau = try #require(schedule.plateau)
      let rates = try fixture.values("\(name).rates").map { Double($0) }
      var state: Plateau.State?
      for (epoch, value) in try fixture.values("\(name).values").map({ Double($0) }).enumerated() {
        let point = SchedulePoint(
          step: epoch, stepsPerEpoch: 1, totalSteps: 30, reductions: state?.reductions ?? 0)
        let found = schedule.learningRate(base: Double(settings["base"]!)!, at: point)
        #expect(abs(found - rates[epoch]) <= 1e-6 * rates[epoch], "\(name), epoch \(epoch)")
        state = plateau.state(
          after: state, value: plateau.figure == .loss ? value : 1 - value)
      }
      #expect(try #require(state).reductions > 3)
    }
  }
}
