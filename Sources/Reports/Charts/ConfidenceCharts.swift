import Terminal
import Training

/// The charts of a classifier's confidence.
enum ConfidenceCharts {
  /// The accuracy of the predictions in each bin of confidence, with the diagonal on which both agree.
  static func reliability(_ calibration: Calibration) -> PlotPanel {
    PlotPanel(
      heading: "accuracy in %",
      bars: calibration.bins.filter { $0.count > 0 }.map { bin in
        PlotPanel.Bar(range: percent(bin.range), value: 100 * bin.accuracy)
      },
      series: [
        PlotPanel.Series(
          name: "mean confidence", style: .validation, mark: .square,
          points: calibration.bins.filter { $0.count > 0 }.map {
            (x: 50 * ($0.range.lowerBound + $0.range.upperBound), y: 100 * $0.confidence)
          }),
        PlotPanel.Series(
          name: "calibrated", style: .reference, mark: .circle,
          points: (0...50).map { (x: Double(2 * $0), y: Double(2 * $0)) }),
      ],
      horizontal: percentAxis, vertical: percentAxis, label: { _ in "" },
      horizontalName: "confidence in %")
  }

  /// The number of predictions in each bin of confidence, in percent of all.
  static func histogram(_ calibration: Calibration) -> PlotPanel {
    let total = Double(calibration.bins.reduce(0) { $0 + $1.count })
    return PlotPanel(
      heading: "predictions in %",
      bars: calibration.bins.map { bin in
        PlotPanel.Bar(range: percent(bin.range), value: 100 * Double(bin.count) / total)
      },
      series: [], horizontal: percentAxis, vertical: percentAxis, label: { _ in "" },
      horizontalName: "confidence in %")
  }

  /// The accuracy of the surest predictions against the fraction of examples that are answered.
  static func coverage(_ curve: CoverageCurve) -> PlotPanel {
    let points = curve.thinned(to: 200)
    let accuracies = points.map { 100 * $0.accuracy }
    return PlotPanel(
      heading: "accuracy in %",
      series: [
        PlotPanel.Series(
          name: "accuracy", style: .train, mark: .circle,
          points: points.map { (x: 100 * $0.coverage, y: 100 * $0.accuracy) })
      ],
      horizontal: percentAxis,
      vertical: .linear((accuracies.min() ?? 0)...(accuracies.max() ?? 100), upTo: 100),
      label: { "\(Format.fixed($0, decimals: 2)) at full coverage" },
      horizontalName: "coverage in %")
  }

  private static var percentAxis: PlotAxis { .linear(0...100) }

  private static func percent(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    100 * range.lowerBound...100 * range.upperBound
  }
}
