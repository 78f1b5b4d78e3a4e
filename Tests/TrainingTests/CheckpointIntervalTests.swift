import Testing

@testable import Training

@Suite struct CheckpointIntervalTests {
  @Test(arguments: [
    ("500", CheckpointInterval.steps(500), "500"), ("90s", .seconds(90), "90s"),
    ("10m", .seconds(600), "10m"), ("2h", .seconds(7200), "2h"), ("60s", .seconds(60), "1m"),
    ("120m", .seconds(7200), "2h"),
  ])
  func formsAreRead(_ text: String, _ interval: CheckpointInterval, _ canonical: String) {
    #expect(CheckpointInterval(text) == interval)
    #expect(interval.description == canonical)
    #expect(CheckpointInterval(canonical) == interval)
  }

  @Test(arguments: ["", "0", "0m", "-5", "1.5m", "m", "10 m", "10M", "5d", "1e3", "9999999999"])
  func otherTextsAreRefused(_ text: String) {
    #expect(CheckpointInterval(text) == nil)
    #expect(throws: SettingError.self) {
      var configuration = Configuration()
      try configuration.set("checkpoint-every", to: text)
    }
  }

  @Test func stepsAreCounted() {
    let timer = CheckpointTimer(.steps(3), clock: { 0 })
    #expect((1...9).filter { timer.isDue(after: $0) } == [3, 6, 9])
    #expect(!CheckpointTimer(nil, clock: { 1e9 }).isDue(after: 1))
  }

  @Test func timeIsCountedFromTheLastCheckpoint() {
    var now = 100.0
    var timer = CheckpointTimer(.seconds(60), clock: { now })
    now = 159
    #expect(!timer.isDue(after: 1))
    now = 160
    #expect(timer.isDue(after: 2))
    timer.restart()
    #expect(!timer.isDue(after: 3))
    now = 219.9
    #expect(!timer.isDue(after: 4))
    now = 220
    #expect(timer.isDue(after: 5))
  }
}
