import Terminal
import Testing

/// The output of a display, and a clock that tests set.
private final class Screen {
  var text = ""
  var now = 0.0
  var columns = 60

  func surface(isTerminal: Bool = true) -> ProgressDisplay.Surface {
    .init(
      isTerminal: isTerminal, terminal: "xterm", columns: { self.columns },
      clock: { self.now }, write: { self.text += $0 })
  }

  /// The text written since the last call.
  func take() -> String {
    defer { text = "" }
    return text
  }
}

@Suite struct ProgressDisplayTests {
  private let screen = Screen()

  private func state(_ step: Int) -> ProgressState {
    ProgressState(epoch: 1, epochs: 2, step: step, steps: 100)
  }

  private func drawn(_ step: Int, columns: Int = 60) -> String {
    "\r\u{1B}[K" + state(step).barLine(width: columns - 1)
  }

  @Test(arguments: [
    (ProgressDisplay.Mode.auto, true, "xterm" as String?, ProgressDisplay.Mode.bar),
    (.auto, true, nil, .bar), (.auto, true, "dumb", .plain), (.auto, false, "xterm", .plain),
    (.bar, false, "dumb", .bar), (.plain, true, "xterm", .plain), (.none, true, "xterm", .none),
  ])
  func autoMeansBarOnATerminalAndPlainElsewhere(
    mode: ProgressDisplay.Mode, isTerminal: Bool, terminal: String?, expected: ProgressDisplay.Mode
  ) {
    #expect(mode.resolved(isTerminal: isTerminal, terminal: terminal) == expected)
  }

  @Test func theBarIsDrawnAtMostTenTimesASecond() {
    let display = ProgressDisplay(mode: .auto, every: 10, on: screen.surface())
    #expect(display.mode == .bar)
    display.update(state(1))
    #expect(screen.take() == drawn(1))
    screen.now = 0.05
    display.update(state(2))
    #expect(screen.take() == "")
    screen.now = 0.11
    display.update(state(3))
    #expect(screen.take() == drawn(3))
    for step in 4...99 {
      screen.now += 0.01
      display.update(state(step))
    }
    // The updates cover 0.96 seconds after the last redraw.
    #expect(screen.take().split(separator: "\r").count == 9)
    display.update(state(100))
    #expect(screen.take() == drawn(100))
    display.finish()
    #expect(screen.take() == drawn(100) + "\n")
    display.finish()
    #expect(screen.take() == "")
  }

  @Test func theBarFollowsTheWidthOfTheWindow() {
    let display = ProgressDisplay(mode: .bar, every: 10, on: screen.surface())
    display.update(state(1))
    screen.columns = 30
    screen.now = 1
    display.update(state(2))
    #expect(screen.take() == drawn(1) + drawn(2, columns: 30))
  }

  @Test func notesStandAboveTheBar() {
    let display = ProgressDisplay(mode: .bar, every: 10, on: screen.surface())
    display.note("before")
    #expect(screen.take() == "before\n")
    display.update(state(1))
    _ = screen.take()
    display.note("epoch 1\tdone")
    #expect(screen.take() == "\r\u{1B}[Kepoch 1\\tdone\n" + drawn(1))
    display.erase()
    #expect(screen.take() == "\r\u{1B}[K")
    display.erase()
    display.finish()
    #expect(screen.take() == "")
    // After an erasure the next update draws at once.
    display.update(state(2))
    #expect(screen.take() == drawn(2))
  }

  @Test func plainLinesComeAtMultiplesOfTheIntervalAndAtTheEnd() {
    let display = ProgressDisplay(mode: .auto, every: 40, on: screen.surface(isTerminal: false))
    #expect(display.mode == .plain)
    for step in 1...100 { display.update(state(step)) }
    display.note("done")
    display.finish()
    #expect(
      screen.take() == """
        epoch 1/2  step 40/100
        epoch 1/2  step 80/100
        epoch 1/2  step 100/100
        done

        """)
  }

  @Test func theModeNoneWritesNothing() {
    let display = ProgressDisplay(mode: .none, every: 1, on: screen.surface())
    for step in 1...100 { display.update(state(step)) }
    display.note("done")
    display.erase()
    display.finish()
    #expect(screen.take() == "")
  }
}

@Suite struct RateMeterTests {
  @Test func aSteadyRateIsMeasuredExactly() throws {
    var meter = RateMeter()
    #expect(meter.perSecond == nil)
    #expect(meter.seconds(for: 10) == nil)
    for _ in 1...50 { meter.add(128, seconds: 0.25) }
    let rate = try #require(meter.perSecond)
    #expect(abs(rate - 512) < 1e-9)
    let left = try #require(meter.seconds(for: 1024))
    #expect(abs(left - 2) < 1e-9)
  }

  @Test func weightsFallByEInTheTimeOfTheMemory() throws {
    var meter = RateMeter(memory: 1)
    meter.add(100, seconds: 1)
    meter.add(300, seconds: 1)
    // (100/e + 300) / (1/e + 1)
    let rate = try #require(meter.perSecond)
    #expect(abs(rate - 246.211715726) < 1e-6)
  }
}
