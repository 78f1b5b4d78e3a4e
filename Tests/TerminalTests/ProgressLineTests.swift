import Terminal
import Testing

@Suite struct ProgressLineTests {
  let state = ProgressState(
    epoch: 3, epochs: 8, step: 412, steps: 1100, loss: 0.03124, accuracy: 0.98914,
    imagesPerSecond: 12_345, rate: 0.01, secondsLeft: 65)

  @Test func aPlainLineHasAllKnownValues() {
    #expect(
      state.plainLine
        == "epoch 3/8  step 412/1100  loss 0.0312  accuracy 98.91%  rate 0.01  12,345 images/s  "
        + "1m 05s left")
    #expect(
      ProgressState(epoch: 1, epochs: 0.25, step: 0, steps: 5).plainLine
        == "epoch 1/0.25  step 0/5")
  }

  @Test func narrowBarsLeaveFieldsOutInOrder() {
    // The fields take 97 columns. 412/1100 is 22.5 of the 60 half characters of a bar of 30.
    let all =
      "epoch 3/8  ━━━━━━━━━━━───────────────────  37%  412/1100  loss 0.0312  "
      + "accuracy 98.91%  12,345 images/s  rate 0.01  1m 05s left"
    #expect(state.barLine(width: 140) == all)
    #expect(state.barLine(width: 127) == all)
    #expect(state.barLine(width: 105).contains("  ━━╸─────  37%  "))
    #expect(state.barLine(width: 105).contains("  rate 0.01  "))
    // Without the learning rate the fields take 86 columns.
    #expect(
      state.barLine(width: 99)
        == "epoch 3/8  ━━━━╸────────  37%  412/1100  loss 0.0312  accuracy 98.91%  "
        + "12,345 images/s  1m 05s left")
    #expect(
      state.barLine(width: 79)
        == "epoch 3/8  ━━━╸──────  37%  412/1100  loss 0.0312  accuracy 98.91%  1m 05s left")
    #expect(state.barLine(width: 24) == "epoch 3/8  ━━╸─────  37%")
    #expect(state.barLine(width: 23) == "━━━━━━╸───────────  37%")
    #expect(state.barLine(width: 12) == " 37%")
    #expect(state.barLine(width: 2) == " 3")
  }

  @Test(arguments: [0.0, 0.5, 37, 412, 1099, 1100, 5000])
  func aBarLineIsNeverWiderThanItsLimit(step: Double) {
    var state = state
    state.step = Int(step)
    state.loss = step == 37 ? .infinity : 123_456.789
    for width in -1...200 {
      let line = state.barLine(width: width)
      #expect(line.terminalWidth <= max(0, width))
      #expect(width < 4 || line.contains("%"))
    }
  }

  @Test func theBarIsFullOnlyAtTheLastStep() {
    var state = ProgressState(epoch: 1, epochs: 1, step: 99_999, steps: 100_000)
    #expect(state.barLine(width: 60).contains(" 99%"))
    #expect(state.barLine(width: 60).contains("╸"))
    state.step = 100_000
    #expect(state.barLine(width: 60).contains("━ 100%"))
    #expect(
      ProgressState(epoch: 1, epochs: 1, step: 0, steps: 0).barLine(width: 60).contains(" 0%"))
  }
}
