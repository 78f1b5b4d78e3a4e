import Terminal

/// A plot of the loss, the accuracy and the learning rate of a training run, by epoch.
///
/// The plot is an SVG file of text, lines and marks with its own background. It has dark colors for viewers
/// that prefer them. Training and validation differ in color, in dashes and in the shape of the marks.
public struct TrainingPlot: Sendable {
  /// The values after one epoch. A value that is missing or not finite leaves a gap in its line.
  public struct Point: Equatable, Sendable {
    /// The number of completed epochs, not necessarily whole.
    public var epoch: Double
    public var trainLoss: Double?
    public var validationLoss: Double?
    /// From 0 to 1.
    public var trainAccuracy: Double?
    /// From 0 to 1.
    public var validationAccuracy: Double?
    /// The learning rate.
    public var rate: Double?

    public init(
      epoch: Double, trainLoss: Double? = nil, validationLoss: Double? = nil,
      trainAccuracy: Double? = nil, validationAccuracy: Double? = nil, rate: Double? = nil
    ) {
      self.epoch = epoch
      self.trainLoss = trainLoss
      self.validationLoss = validationLoss
      self.trainAccuracy = trainAccuracy
      self.validationAccuracy = validationAccuracy
      self.rate = rate
    }
  }

  private let title: String
  private let points: [Point]

  /// A plot of `points`, which must be in the order of their epochs.
  public init(title: String, points: [Point]) {
    self.title = title
    self.points = points
  }

  /// The content of the SVG file. Equal points give equal text.
  public var svg: String {
    let panels = hasAccuracy ? [lossPanel, accuracyPanel, ratePanel] : [lossPanel, ratePanel]
    let width = PlotPanel.width * panels.count
    let height = Self.titleHeight + PlotPanel.height
    let drawings = panels.enumerated().map { index, panel in
      """
      <g transform="translate(\(index * PlotPanel.width) \(Self.titleHeight))">
      \(panel.svg)</g>

      """
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      width="\(width)" height="\(height)" role="img">
      <title>\(title.escapedForXML)</title>
      <style>
      \(Self.style)
      </style>
      <rect class="background" width="\(width)" height="\(height)"/>
      <text class="title" x="20" y="28">\(title.escapedForXML)</text>
      \(drawings.joined())</svg>

      """
  }

  /// False if no point has an accuracy, as for an autoencoder.
  private var hasAccuracy: Bool {
    points.isEmpty
      || points.contains { $0.trainAccuracy != nil || $0.validationAccuracy != nil }
  }

  private static let titleHeight = 40

  private static let style = """
    .background { fill: #ffffff }
    text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #24292f }
    .title { font-size: 16px; font-weight: 600 }
    .heading { font-size: 14px; font-weight: 600 }
    .end { text-anchor: end }
    .middle { text-anchor: middle }
    .grid { stroke: #d8dee4; stroke-width: 1; fill: none }
    .axis { stroke: #57606a; stroke-width: 1; fill: none }
    .train { stroke: #0a62b8 } .train-mark { fill: #0a62b8 }
    .validation { stroke: #c8500a; stroke-dasharray: 6 3 } .validation-mark { fill: #c8500a }
    .rate { stroke: #23743d } .rate-mark { fill: #23743d }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round }
    @media (prefers-color-scheme: dark) {
      .background { fill: #0d1117 }
      text { fill: #e6edf3 }
      .grid { stroke: #30363d }
      .axis { stroke: #8b949e }
      .train { stroke: #58a6ff } .train-mark { fill: #58a6ff }
      .validation { stroke: #f0883e } .validation-mark { fill: #f0883e }
      .rate { stroke: #56d364 } .rate-mark { fill: #56d364 }
    }
    """

  private var lossPanel: PlotPanel {
    panel(
      "loss",
      [
        series("train", .circle, \.trainLoss), series("validation", .square, \.validationLoss),
      ], including: 0, label: { Format.fixed($0, decimals: 4) })
  }

  private var accuracyPanel: PlotPanel {
    panel(
      "accuracy in %",
      [
        series("train", .circle) { $0.trainAccuracy.map { 100 * $0 } },
        series("validation", .square) { $0.validationAccuracy.map { 100 * $0 } },
      ], upTo: 100, label: { Format.fixed($0, decimals: 2) })
  }

  /// The learning rate, on a logarithmic axis if it changes by a factor of 10 or more, else on a linear axis
  /// from 0.
  private var ratePanel: PlotPanel {
    let rate = series("rate", .circle, \.rate)
    let values = rate.points.map(\.y)
    let label: (Double) -> String = { Format.significant($0, digits: 4) }
    if let least = values.min(), let greatest = values.max(), least > 0, greatest >= 10 * least {
      return PlotPanel(
        heading: "learning rate", series: [rate], horizontal: epochAxis,
        vertical: .logarithmic(least...greatest), label: label)
    }
    return panel("learning rate", [rate], including: 0, label: label)
  }

  private func panel(
    _ heading: String, _ series: [PlotPanel.Series], including fixed: Double? = nil,
    upTo greatest: Double = .infinity, label: @escaping (Double) -> String
  ) -> PlotPanel {
    let values = series.flatMap { $0.points.map(\.y) } + (fixed.map { [$0] } ?? [])
    let range = (values.min() ?? 0)...(values.max() ?? 1)
    return PlotPanel(
      heading: heading, series: series, horizontal: epochAxis,
      vertical: .linear(range, upTo: greatest),
      label: label)
  }

  private func series(
    _ name: String, _ mark: PlotPanel.Mark, _ value: (Point) -> Double?
  ) -> PlotPanel.Series {
    var pieces: [[PlotPanel.Position]] = [[]]
    for point in points {
      if let y = value(point), y.isFinite, point.epoch.isFinite {
        pieces[pieces.count - 1].append(.init(x: point.epoch, y: y))
      } else if pieces.last?.isEmpty == false {
        pieces.append([])
      }
    }
    return PlotPanel.Series(name: name, mark: mark, pieces: pieces.filter { !$0.isEmpty })
  }

  /// The axis from the first epoch to the last. A single epoch stands in the middle of a range of 2.
  private var epochAxis: PlotAxis {
    let epochs = points.map(\.epoch).filter(\.isFinite)
    guard let first = epochs.min(), let last = epochs.max() else { return .linear(0...1) }
    let areWhole = epochs.allSatisfy { $0 == $0.rounded() }
    return .linear(
      first < last ? first...last : first - 1...last + 1, wholeNumbersOnly: areWhole,
      widened: false)
  }
}

extension String {
  /// The text with XML's escapes, and with spaces for characters that XML does not allow.
  var escapedForXML: String {
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
