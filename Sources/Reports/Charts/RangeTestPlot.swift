import Terminal
import Training

/// The plot of a learning-rate range test: the smoothed loss against the learning rate on a
/// logarithmic axis, and the suggested rate.
public struct RangeTestPlot: Sendable {
  private let title: String
  private let test: RangeTest

  public init(title: String, test: RangeTest) {
    self.title = title
    self.test = test
  }

  /// The content of the SVG file. Equal tests give equal text.
  public var svg: String {
    let smoothed = test.smoothed
    // The losses of the explosion would hide all others.
    let greatest = 1.5 * (smoothed.first?.loss ?? 1)
    let points = smoothed.filter { $0.loss <= greatest }
    var series = [
      PlotPanel.Series(
        name: "loss", style: .train, mark: .circle,
        points: points.map { (x: $0.learningRate, y: $0.loss) })
    ]
    if let suggestion = test.suggestion,
      let point = points.last(where: { $0.learningRate <= suggestion })
    {
      series.append(
        PlotPanel.Series(
          name: "suggestion", style: .validation, mark: .square,
          points: [(x: point.learningRate, y: point.loss)]))
    }
    let losses = points.map(\.loss) + [0]
    let rates = test.points.map(\.learningRate)
    let panel = PlotPanel(
      heading: "smoothed loss", series: series,
      horizontal: .logarithmic(
        (rates.min() ?? RangeTest.lowest)...(rates.max() ?? RangeTest.highest)),
      vertical: .linear((losses.min() ?? 0)...(losses.max() ?? 1)),
      label: { Format.significant($0, digits: 4) }, horizontalName: "learning rate")
    return PlotPage(title: title, panels: [panel]).svg
  }
}
