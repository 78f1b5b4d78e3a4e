import Terminal

/// A plot of the loss, the accuracy and the learning rate of a training run, by epoch.
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
  public var svg: String { page.svg }

  /// The panels, at most three side by side.
  var page: PlotPage {
    PlotPage(
      title: title,
      panels: hasAccuracy ? [lossPanel, accuracyPanel, ratePanel] : [lossPanel, ratePanel])
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

  /// The learning rate, on a logarithmic axis if it changes by a factor of 10 or more, else on a linear axis
  /// from 0.
  private var ratePanel: PlotPanel {
    let rate = series("rate", .circle, \.rate)
    let values = rate.points.map(\.y)
    let label: (Double) -> String = { Format.significant($0, digits: 4) }
    if let least = values.min(), let greatest = values.max(), least > 0, greatest >= 10 * least {
      return PlotPanel(
        heading: "learning rate", series: [rate], horizontal: .epochs(points.map(\.epoch)),
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
      heading: heading, series: series, horizontal: .epochs(points.map(\.epoch)),
      vertical: .linear(range, upTo: greatest),
      label: label)
  }

  private func series(
    _ name: String, _ mark: PlotPanel.Mark, _ value: (Point) -> Double?
  ) -> PlotPanel.Series {
    PlotPanel.Series(
      name: name, mark: mark, points: points.map { (x: $0.epoch, y: value($0)) })
  }
}
