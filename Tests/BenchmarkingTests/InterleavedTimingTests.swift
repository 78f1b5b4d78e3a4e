import Testing
import Training

@testable import Benchmarking

@Suite struct InterleavedTimingTests {
  /// A workload that takes `seconds` per unit of work, on a clock of its own.
  private final class Fake {
    let name: String
    let seconds: Double
    private let log: Log

    init(_ name: String, seconds: Double, _ log: Log) {
      self.name = name
      self.seconds = seconds
      self.log = log
    }

    func side(turn: Double) -> InterleavedTiming.Side {
      InterleavedTiming.Side(seconds: turn) { [self] count in
        log.entries.append((name, count))
        return Double(count) * seconds
      }
    }
  }

  private final class Log { var entries: [(name: String, count: Int)] = [] }

  @Test func sidesAlternate() throws {
    let log = Log()
    let a = Fake("a", seconds: 1, log)
    let b = Fake("b", seconds: 0.25, log)
    let measured = try InterleavedTiming.measure([a.side(turn: 3), b.side(turn: 1)], rounds: 3)
    let turns = log.entries.suffix(6)
    #expect(turns.map(\.name) == ["a", "b", "a", "b", "a", "b"])
    #expect(turns.map(\.count) == [3, 4, 3, 4, 3, 4], "as often as takes the time asked for")
    #expect(measured[0].values == [1, 1, 1])
    #expect(measured[1].values == [0.25, 0.25, 0.25])
  }

  /// Work that takes longer than a turn is done once. The count of faster work doubles until the
  /// work takes a quarter of a turn; then the count is the one that fills the turn.
  @Test func theWarmUpDoublesTheCount() throws {
    let log = Log()
    _ = try InterleavedTiming.measure([Fake("slow", seconds: 10, log).side(turn: 1)], rounds: 1)
    #expect(log.entries.map(\.count) == [1, 1, 1])

    let quick = Log()
    _ = try InterleavedTiming.measure(
      [Fake("quick", seconds: 0.125, quick).side(turn: 4)], rounds: 1)
    #expect(quick.entries.map(\.count) == [1, 1, 2, 4, 8, 32])
  }

  @Test func aClockThatStandsStillEndsTheWarmUp() throws {
    let log = Log()
    let measured = try InterleavedTiming.measure(
      [Fake("timeless", seconds: 0, log).side(turn: 1)], rounds: 2)
    #expect(measured[0].values == [0, 0])
  }

  private struct Mishap: Error {}

  @Test func anErrorEndsTheMeasurement() {
    #expect(throws: Mishap.self) {
      try InterleavedTiming.measure(
        [InterleavedTiming.Side(seconds: 1, timing: { throw Mishap() })], rounds: 1)
    }
  }

  @Test func workIsTimed() throws {
    var calls = 0
    let measured = try InterleavedTiming.measure(
      [InterleavedTiming.Side(seconds: 1e-6, timing: { calls += 1 })], rounds: 5)
    #expect(measured[0].values.count == 5 && calls >= 7)
    #expect(measured[0].least >= 0)
  }
}

@Suite struct MeasurementsTests {
  @Test func theMedianIsTheMiddleValue() {
    #expect(Measurements([3]).median == 3)
    #expect(Measurements([9, 1, 5]).median == 5)
    #expect(Measurements([4, 1, 100, 2]).median == 3)
    #expect(Measurements([4, 1, 100, 2]).least == 1)
    #expect(Measurements([4, 1, 100, 2]).most == 100)
  }

  /// The result is the median of the ratios within each turn, not the ratio of the medians.
  @Test func ratiosAreTakenTurnByTurn() {
    let ours = Measurements([1, 2, 10])
    let theirs = Measurements([4, 4, 10])
    let ratios = theirs.with(ours) { $0 / $1 }
    #expect(ratios.values == [4, 2, 1] && ratios.median == 2)
    #expect(ours.map { 2 * $0 }.values == [2, 4, 20])
  }
}
