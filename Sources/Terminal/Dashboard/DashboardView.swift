/// The picture of a run's state for a terminal of a certain size.
///
/// Loss and accuracy stand side by side; in a narrow and high window one stands above the other. Learning rate
/// and speed have diagrams of their own from 20 rows on.
struct DashboardView {
  /// The least size of a window.
  static let least = (columns: 40, rows: 10)

  let state: DashboardState
  let width: Int
  let height: Int
  var glyphs = DotGrid.Glyphs.braille
  /// True if keys can be read.
  var hasKeys = true

  static func fits(columns: Int, rows: Int) -> Bool {
    columns >= least.columns && rows >= least.rows
  }

  var canvas: TextCanvas {
    var canvas = TextCanvas(width: width, height: height)
    guard Self.fits(columns: width, rows: height) else {
      let (columns, rows) = Self.least
      canvas.put("\(width) × \(height) is too small", row: 0, column: 0)
      canvas.put("(expected \(columns) × \(rows))", row: 1, column: 0)
      canvas.put(percent, row: 2, column: 0, .bold)
      return canvas
    }
    let isLow = height < 14
    var top = 0
    if !isLow {
      drawTitle(on: &canvas)
      top += 1
    }
    canvas.put(bar, row: top, column: 0)
    top += isLow ? 1 : 2
    var bottom = height
    bottom -= 1
    drawHelp(on: &canvas, row: bottom)
    let messages = isLow ? 1 : min(8, max(1, (height - 20) / 3 + 2))
    bottom -= messages
    draw(messages: messages, on: &canvas, row: bottom)
    bottom -= 1
    put(bestForms, on: &canvas, row: bottom, .bold)
    if height < 20 {
      bottom -= 1
      put(figureForms, on: &canvas, row: bottom)
    } else {
      let rows = min(8, height / 6 + 1)
      bottom -= rows
      draw([ratePanel, speedPanel], on: &canvas, rows: bottom..<bottom + rows, isStacked: false)
    }
    let panels = state.hasAccuracy ? [lossPanel, accuracyPanel] : [lossPanel]
    draw(
      panels, on: &canvas, rows: top..<bottom - (isLow ? 0 : height >= 24 ? 1 : 0),
      isStacked: width < 64 && height >= 20)
    return canvas
  }

  // MARK: Lines

  private func drawTitle(on canvas: inout TextCanvas) {
    let end = canvas.put(state.title, row: 0, column: 0, .bold)
    let time = Format.duration(state.seconds)
    if end + 2 + state.place.terminalWidth + 2 + time.terminalWidth <= width {
      canvas.put(state.place, row: 0, column: end + 2, .dim)
    }
    if end + 2 + time.terminalWidth <= width { canvas.putRight(time, row: 0, end: width, .dim) }
  }

  private var fraction: Double {
    state.steps > 0 ? Double(state.progress.step) / Double(state.steps) : 0
  }

  private var percent: String { "\(Int(fraction * 100))%" }

  /// `epoch 3/8  ━━━━━━━╸──────────  37%  412/1100  2m 05s left`
  private var bar: String {
    let progress = state.progress
    var after = [ProgressBar.Field("\(progress.step)/\(progress.steps)", rank: 0)]
    if let seconds = progress.secondsLeft {
      after.append(.init("\(Format.duration(seconds)) left", rank: 1))
    }
    return ProgressBar(
      fraction: fraction,
      before: [
        .init("epoch \(progress.epoch)/\(Format.significant(state.epochs, digits: 6))", rank: 2)
      ],
      after: after
    ).line(width: width, longest: .max)
  }

  /// Writes the first form that fits.
  private func put(
    _ forms: [String], on canvas: inout TextCanvas, row: Int, _ style: TextCanvas.Style = .plain
  ) {
    guard let form = forms.first(where: { $0.terminalWidth <= width }) ?? forms.last else { return }
    canvas.put(form, row: row, column: 0, style)
  }

  private var bestForms: [String] {
    guard let best = state.best else {
      guard let last = state.finished.last else { return ["no epoch has ended yet"] }
      let loss = last.trainLoss.map { "\(state.lossName) \(lossText($0))" } ?? ""
      return ["epoch \(last.epoch): train \(loss)"]
    }
    let loss = best.validationLoss.map { "\(state.lossName) \(lossText($0))" }
    let accuracy = best.validationAccuracy.map { "accuracy \(Format.percent($0))" }
    let short = best.validationAccuracy.map { Format.percent($0) } ?? loss ?? ""
    let figures = [loss, accuracy].compactMap { $0 }.joined(separator: ", ")
    let ago = (state.finished.last?.epoch ?? best.epoch) - best.epoch
    let since = ago == 0 ? "" : ", \(Format.counted(ago, "epoch")) ago"
    return [
      "best epoch \(best.epoch): validation \(figures)\(since)",
      "best epoch \(best.epoch): \(figures)", "best epoch \(best.epoch): \(short)",
    ]
  }

  private var rateText: String? {
    state.progress.rate.map { Format.significant($0, digits: 3) }
  }

  private var speedText: String? {
    state.progress.imagesPerSecond.map { Format.rate($0, of: "images") }
  }

  private var figureForms: [String] {
    let rate = rateText.map { "learning rate \($0)" }
    return [
      [rate, speedText].compactMap { $0 }.joined(separator: "  "),
      [rateText.map { "rate \($0)" }, speedText].compactMap { $0 }.joined(separator: "  "),
    ]
  }

  private func draw(messages count: Int, on canvas: inout TextCanvas, row: Int) {
    for (place, line) in state.messages.lines.suffix(count).enumerated() {
      let style = DashboardMessages.isWarning(line) ? TextCanvas.Style.warning : .dim
      let isLong = line.terminalWidth > width
      let text = isLong ? line.prefix(terminalWidth: width - 1) + "…" : line
      canvas.put(text, row: row + place, column: 0, style)
    }
  }

  private func drawHelp(on canvas: inout TextCanvas, row: Int) {
    guard !state.isStopping else {
      canvas.put("stopping after this step …", row: row, column: 0, .warning)
      return
    }
    let keys = hasKeys ? "q stops and saves" : "Ctrl-C stops and saves"
    let end = canvas.put(keys, row: row, column: 0, .dim)
    guard state.messages.warnings > 0 else { return }
    let text = Format.counted(state.messages.warnings, "warning")
    if end + 2 + text.terminalWidth <= width {
      canvas.putRight(text, row: row, end: width, .warning)
    }
  }

  // MARK: Panels

  private func draw(
    _ panels: [CurvePanel], on canvas: inout TextCanvas, rows: Range<Int>, isStacked: Bool
  ) {
    guard rows.count >= 2 else { return }
    let count = panels.count
    for (place, panel) in panels.enumerated() {
      if isStacked {
        let height = rows.count / count
        panel.draw(
          on: &canvas,
          in: .init(
            row: rows.lowerBound + place * height, column: 0, width: width, height: height), glyphs)
      } else {
        let gap = width >= 64 ? 3 : 1
        let wide = (width - gap * (count - 1)) / count
        panel.draw(
          on: &canvas,
          in: .init(
            row: rows.lowerBound, column: place * (wide + gap), width: wide, height: rows.count),
          glyphs)
      }
    }
  }

  private func lossText(_ value: Double) -> String { Format.significant(value, digits: 4) }

  private func accuracyText(_ value: Double) -> String { Format.percent(value) }

  private var lossPanel: CurvePanel {
    panel(
      state.lossName, state.progress.loss, state.finished.last?.validationLoss, text: lossText,
      state.train.loss, \.validationLoss, mayBeLogarithmic: true
    ) { value, _ in Format.significant(value, digits: 2) }
  }

  private var accuracyPanel: CurvePanel {
    panel(
      "accuracy", state.progress.accuracy, state.finished.last?.validationAccuracy,
      text: accuracyText, state.train.accuracy, \.validationAccuracy,
      leavesOutStart: true, greatest: 1
    ) { value, range in
      Format.percent(value, decimals: range > 0.1 ? 0 : range > 0.01 ? 1 : 2)
    }
  }

  /// A panel of a value in training, as a line, and in validation, as a mark for each epoch.
  private func panel(
    _ name: String, _ train: Double?, _ validation: Double?, text: (Double) -> String,
    _ history: CurveHistory, _ value: (DashboardState.Epoch) -> Double?,
    mayBeLogarithmic: Bool = false, leavesOutStart: Bool = false, greatest: Double = .infinity,
    label: @escaping (Double, Double) -> String
  ) -> CurvePanel {
    typealias Word = CurvePanel.Word
    func words(_ trainName: String, _ validationName: String, _ heading: String) -> [Word] {
      [Word(heading, .bold)]
        + (train.map { [Word(trainName + text($0), .train)] } ?? [])
        + (validation.map { [Word(validationName + text($0), .validation)] } ?? [])
    }
    let mark = CurvePanel.mark
    return CurvePanel(
      headings: [
        words("─ train ", "\(mark) validation ", name), words("train ", "\(mark) val. ", name),
        words("", mark, name), words("", mark, String(name.prefix(3))),
      ],
      curves: [
        .init(points: history.points, style: .train, isMarked: false),
        .init(points: state.points(value), style: .validation, isMarked: true),
      ], width: Double(state.steps), label: label, mayBeLogarithmic: mayBeLogarithmic,
      leavesOutStart: leavesOutStart, greatest: greatest,
      horizontal: ("0", "epoch \(Format.significant(state.epochs, digits: 6))"))
  }

  private var ratePanel: CurvePanel {
    CurvePanel(
      headings: [[.init("learning rate", .bold), .init(rateText ?? "", .rate)]],
      curves: [.init(points: state.rate.points, style: .rate, isMarked: false)],
      width: Double(state.steps), label: { value, _ in Format.significant(value, digits: 2) },
      mayBeLogarithmic: true)
  }

  private var speedPanel: CurvePanel {
    let rate = state.progress.imagesPerSecond
    return CurvePanel(
      headings: [
        [
          .init("images/s", .bold),
          .init(rate.map { Format.rate($0, of: "").replacing(" /s", with: "") } ?? "", .speed),
        ]
      ],
      curves: [.init(points: state.speed.points, style: .speed, isMarked: false)],
      width: Double(state.steps), label: { value, _ in Self.short(value) })
  }

  /// A speed in few characters: `950`, `12.3k`.
  private static func short(_ value: Double) -> String {
    guard value >= 10_000, value < 1e12 else { return Format.significant(value, digits: 4) }
    return value < 1e6
      ? "\(Format.significant(value / 1e3, digits: 3))k"
      : "\(Format.significant(value / 1e6, digits: 3))M"
  }
}
