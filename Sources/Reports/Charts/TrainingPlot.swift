import Terminal

/// A plot of the loss, the accuracy, the learning rate, the gradient's norm and the speed of a training run,
/// by epoch.
///
/// Training and validation differ in color, in dashes and in the shape of the marks.
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
    /// The mean of the gradient's norm over the epoch's steps.
    public var gradientNorm: Double?
    public var imagesPerSecond: Double?

    public init(
      epoch: Double, trainLoss: Double? = nil, validationLoss: Double? = nil,
      trainAccuracy: Double? = nil, validationAccuracy: Double? = nil, rate: Double? = nil,
      gradientNorm: Double? = nil, imagesPerSecond: Double? = nil
    ) {
      self.epoch = epoch
      self.trainLoss = trainLoss
      self.validationLoss = validationLoss
      self.trainAccuracy = trainAccuracy
      self.validationAccuracy = validationAccuracy
      self.rate = rate
      self.gradientNorm = gradientNorm
      self.imagesPerSecond = imagesPerSecond
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
  public var svg: String { page.svg }

  /// The panels, at most three side by side. The gradient's norm and the speed have panels if they are recorded.
  var page: PlotPage {
    var panels = hasAccuracy ? [lossPanel, accuracyPanel, ratePanel] : [lossPanel, ratePanel]
    if points.contains(where: { $0.gradientNorm != nil }) { panels.append(normPanel) }
    if points.contains(where: { $0.imagesPerSecond != nil }) { panels.append(speedPanel) }
    return PlotPage(title: title, panels: panels, columns: panels.count == 4 ? 2 : 3)
  }

  /// False if no point has an accuracy, as for an autoencoder.
  private var hasAccuracy: Bool {
    points.isEmpty
      || points.contains { $0.trainAccuracy != nil || $0.validationAccuracy != nil }
  }

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

  private var ratePanel: PlotPanel {
    positivePanel("learning rate", series("rate", .circle, \.rate))
  }

  private var normPanel: PlotPanel {
    positivePanel(
      "norm of the gradient", series("mean", .circle, style: .fourth, \.gradientNorm))
  }

  private var speedPanel: PlotPanel {
    panel(
      "images per second", [series("speed", .circle, style: .sixth, \.imagesPerSecond)],
      including: 0, label: { Format.count(Int($0.rounded())) })
  }

  /// A panel with a logarithmic axis if the values change by a factor of 10 or more, else with a linear axis
  /// from 0.
  private func positivePanel(_ heading: String, _ series: PlotPanel.Series) -> PlotPanel {
    let values = series.points.map(\.y)
    let label: (Double) -> String = { Format.significant($0, digits: 4) }
    if let least = values.min(), let greatest = values.max(), least > 0, greatest >= 10 * least {
      return PlotPanel(
        heading: heading, series: [series], horizontal: .epochs(points.map(\.epoch)),
        vertical: .logarithmic(least...greatest), label: label)
    }
    return panel(heading, [series], including: 0, label: label)
  }

  private func panel(
    _ heading: String, _ series: [PlotPanel.Series], including fixed: Double? = nil,
    upTo greatest: Double = .infinity, label: @escaping (Double) -> String
  ) -> PlotPanel {
    let values = series.flatMap { $0.points.map(\.y) } + (fixed.map { [$0] } ?? [])
    let range = (values.min() ?? 0)...(values.max() ?? 1)
    return PlotPanel(
      heading: heading, series: series, horizontal: .epochs(points.map(\.epoch)),
      vertical: .linear(range, upTo: greatest),
      label: label)
  }

  private func series(
    _ name: String, _ mark: PlotPanel.Mark, style: ChartStyle? = nil,
    _ value: (Point) -> Double?
  ) -> PlotPanel.Series {
    PlotPanel.Series(
      name: name, style: style, mark: mark, points: points.map { (x: $0.epoch, y: value($0)) })
  }
}
