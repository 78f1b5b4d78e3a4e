import Testing

@testable import Terminal

@Suite struct DotGridTests {
  /// The dots of braille are numbered 1, 2, 3, 7 in the left column and 4, 5, 6, 8 in the right one.
  @Test func aDotHasItsPlaceInACharacter() {
    let expected: [[Character]] = [["⠁", "⠈"], ["⠂", "⠐"], ["⠄", "⠠"], ["⡀", "⢀"]]
    for y in 0..<4 {
      for x in 0..<2 {
        var grid = DotGrid(.braille, columns: 1, rows: 1)
        grid.set(x, y)
        #expect(grid.character(column: 0, row: 0) == expected[y][x])
      }
    }
  }

  @Test func halvesOfBlocks() {
    var grid = DotGrid(.halves, columns: 3, rows: 1)
    grid.set(0, 0)
    grid.set(1, 1)
    grid.line(from: (2, 0), to: (2, 1))
    #expect((0..<3).map { grid.character(column: $0, row: 0) } == ["▀", "▄", "█"])
    grid.set(3, 0)
    grid.set(0, -1)
    #expect(DotGrid(.halves, columns: 1, rows: 1).character(column: 0, row: 0) == nil)
  }

  @Test func aLineHasBothEndsAndNoGap() {
    var grid = DotGrid(.braille, columns: 2, rows: 1)
    grid.line(from: (0, 3), to: (3, 0))
    #expect((0..<2).map { grid.character(column: $0, row: 0) } == ["⡠", "⠊"])
  }
}

@Suite struct TextCanvasTests {
  @Test func stylesAreEscapeSequences() {
    var canvas = TextCanvas(width: 10, height: 2)
    let end = canvas.put("ab", row: 0, column: 1, .train)
    canvas.put("c", row: 0, column: end, .dim)
    canvas.put("d", row: 0, column: end + 1)
    #expect(canvas.lines(color: true) == [" \u{1B}[36mab\u{1B}[0;2mc\u{1B}[0md", ""])
    #expect(canvas.lines(color: false) == [" ab\u{1B}[2mc\u{1B}[0md", ""])
    #expect(canvas.plainLines == [" abcd", ""])
  }

  /// Text is cut at the border, and a character of two columns is never halved.
  @Test func textEndsAtTheBorder() {
    var canvas = TextCanvas(width: 4, height: 1)
    canvas.put("数字数", row: 0, column: 0)
    #expect(canvas.plainLines == ["数字"])
    canvas = TextCanvas(width: 3, height: 1)
    canvas.put("数字", row: 0, column: 0)
    canvas.put("x", row: 5, column: 0)
    #expect(canvas.plainLines == ["数"])
    canvas = TextCanvas(width: 9, height: 1)
    canvas.put("a\u{1B}[2J", row: 0, column: 0)
    #expect(canvas.plainLines == [#"a\u{1B}[2"#])
  }
}

@Suite struct DashboardViewTests {
  /// A run of 4 epochs of 10 steps after 25 steps.
  private func state(hasAccuracy: Bool = true, steps: Int = 25) -> DashboardState {
    var state = DashboardState(
      title: "lenet5 on mnist", place: "runs/mnist-lenet5-1",
      lossName: hasAccuracy ? "loss" : "mse",
      hasAccuracy: hasAccuracy, stepsPerEpoch: 10,
      progress: ProgressState(epoch: 1, epochs: 4, step: 0, steps: 40))
    for step in 0..<steps {
      state.add(
        ProgressState(
          epoch: step / 10 + 1, epochs: 4, step: step + 1, steps: 40,
          loss: 2 - 0.05 * Double(step), accuracy: hasAccuracy ? 0.1 + 0.03 * Double(step) : nil,
          imagesPerSecond: 12_000, rate: 0.01, secondsLeft: 30))
      guard (step + 1) % 10 == 0 else { continue }
      let epoch = (step + 1) / 10
      state.end(
        .init(
          epoch: epoch, trainLoss: 1.5 / Double(epoch), validationLoss: 1.4 / Double(epoch),
          trainAccuracy: 0.4, validationAccuracy: hasAccuracy ? 0.3 * Double(epoch) : nil,
          isBest: true))
    }
    return state
  }

  private func lines(_ state: DashboardState, _ width: Int, _ height: Int) -> [String] {
    DashboardView(state: state, width: width, height: height).canvas.plainLines
  }

  @Test func theSmallestWindow() {
    var state = state()
    _ = state.messages.add(["warning: a", "", "epoch 2: train loss 0.75"])
    #expect(
      lines(state, 40, 10) == [
        "epoch 3/4  ━━━━━━━━╸─────  62%  30s left",
        "loss 0.8 •0.7       acc 82.00% •60.00%",
        "  2┤⠘⠢⣄             82%┤       ⢀⠴⠁",
        "   │   •⢤⡀             │      ⡤•",
        "   │     ⠈⠢⢄           │    ⡰⠊",
        "0.7┤       •⠑⠄      25%┤⢀⣀⡠•",
        "learning rate 0.01  12,000 images/s",
        "best epoch 2: loss 0.7, accuracy 60.00%", "epoch 2: train loss 0.75",
        "q stops and saves              1 warning",
      ])
  }

  @Test func everySizeIsFilledWithoutOverflow() {
    var full = state()
    _ = full.messages.add((1...60).map { "message \($0) " + String(repeating: "long ", count: 99) })
    for state in [state(steps: 0), state(hasAccuracy: false), full] {
      for width in [1, 20, 39, 40, 41, 63, 64, 80, 133, 400] {
        for height in [1, 2, 9, 10, 13, 14, 19, 20, 23, 24, 60, 200] {
          let lines = lines(state, width, height)
          #expect(lines.count == height)
          #expect(lines.allSatisfy { $0.terminalWidth <= width }, "\(width) × \(height)")
          guard width >= 40, height >= 10 else { continue }
          #expect(lines[height - 1].hasPrefix("q stops and saves"))
          #expect(lines.contains { $0.contains(state.hasAccuracy ? "acc" : "mse") })
        }
      }
    }
  }

  @Test func theBestEpochAndStopping() {
    var state = state()
    #expect(lines(state, 80, 24).contains("best epoch 2: validation loss 0.7, accuracy 60.00%"))
    state.end(.init(epoch: 3, trainLoss: 0.4, validationLoss: 0.9, validationAccuracy: 0.5))
    state.isStopping = true
    let shown = lines(state, 80, 24)
    #expect(shown.contains("best epoch 2: validation loss 0.7, accuracy 60.00%, 1 epoch ago"))
    #expect(shown[23] == "stopping after this step …")
    #expect(
      shown[0] == "lenet5 on mnist  runs/mnist-lenet5-1" + String(repeating: " ", count: 40)
        + "0.0s")
    #expect(lines(self.state(steps: 3), 80, 24).contains("no epoch has ended yet"))
  }

  @Test func aResumedRunShowsItsEpochs() {
    let state = DashboardState(
      title: "a", place: "b", lossName: "loss", hasAccuracy: true, stepsPerEpoch: 10,
      progress: ProgressState(epoch: 3, epochs: 4, step: 20, steps: 40),
      finished: [
        .init(epoch: 1, trainLoss: 2, validationLoss: 1, validationAccuracy: 0.5, isBest: true),
        .init(epoch: 2, trainLoss: 1, validationLoss: 2, validationAccuracy: 0.4),
      ])
    #expect(state.best?.epoch == 1)
    #expect(state.train.loss.points == [.init(x: 10, y: 2), .init(x: 20, y: 1)])
    #expect(state.points(\.validationLoss) == [.init(x: 10, y: 1), .init(x: 20, y: 2)])
  }
}

@Suite struct CurveHistoryTests {
  @Test func manyStepsShareABin() {
    var history = CurveHistory(steps: 4096)
    for step in 1...8 { history.add(Double(step), step: step) }
    history.add(.nan, step: 9)
    history.add(nil, step: 10)
    #expect(history.points == [.init(x: 4, y: 2.5), .init(x: 8, y: 6.5)])
    history = CurveHistory(steps: .max)
    history.add(1, step: .max)
    #expect(history.points.map(\.y) == [1])
  }

  @Test func theScaleIsLogarithmicOverAFactorOfTen() throws {
    func scale(_ values: Double...) -> CurvePanel.Scale? {
      .init(values.map { .init(x: 0, y: $0) }, true, upTo: .infinity)
    }
    #expect(try #require(scale(0.01, 1)).position(of: 0.1) == 0.5)
    #expect(try #require(scale(1, 3)).position(of: 2) == 0.5)
    #expect(try #require(scale(0, 10)).position(of: 5) == 0.5)
    #expect(abs(try #require(scale(2, 2)).position(of: 2) - 0.5) < 1e-9)
    #expect(scale(.infinity) == nil)
  }
}
