import Terminal
import Training

/// The curves of some runs, or the mean curves of sets of runs, in one SVG file.
public struct ComparisonPlot: Sendable {
  /// The points of one of them, in the order of their epochs.
  public typealias Curve = [TrainingPlot.Point]

  private let title: String
  private let curves: [(name: String, style: ChartStyle, mark: PlotPanel.Mark, points: Curve)]
  /// The standard deviations of the points of each curve; empty for curves of single runs.
  private let deviations: [Curve]

  /// The greatest number of curves.
  public static let most = styles.count

  static let styles: [(style: ChartStyle, mark: PlotPanel.Mark)] = [
    (.train, .circle), (.validation, .square), (.rate, .circle), (.fourth, .square),
    (.fifth, .circle), (.sixth, .square),
  ]

  /// The name of the curve number `index`: “A”, “B” and so on.
  public static func letter(_ index: Int) -> String {
    String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(index)))
  }

  /// - Parameters:
  ///   - title: names what is compared.
  ///   - curves: drawn as “A”, “B” and so on; at most ``most``.
  ///   - deviations: the standard deviations of their points, drawn as bands; empty for none.
  public init(title: String, _ curves: [Curve], deviations: [Curve] = []) {
    precondition(curves.count <= Self.most, "ComparisonPlot of \(curves.count) curves")
    self.title = title
    self.deviations = deviations
    self.curves = zip(Self.styles, curves).enumerated().map { index, pair in
      (Self.letter(index), pair.0.style, pair.0.mark, pair.1)
    }
  }

  /// The content of the SVG file: a panel for each figure that one of them has.
  public var svg: String { page.svg }

  /// A panel for each figure that one of them has.
  var page: PlotPage {
    let panels = [
      panel("training loss", { Format.fixed($0, decimals: 4) }, \.trainLoss),
      panel("validation loss", { Format.fixed($0, decimals: 4) }, \.validationLoss),
      panel("training accuracy in %", { Format.fixed($0, decimals: 2) }, upTo: 100) {
        $0.trainAccuracy.map { 100 * $0 }
      },
      panel("validation accuracy in %", { Format.fixed($0, decimals: 2) }, upTo: 100) {
        $0.validationAccuracy.map { 100 * $0 }
      },
    ].compactMap { $0 }
    return PlotPage(title: title, panels: panels)
  }

  private func panel(
    _ heading: String, _ label: @escaping (Double) -> String, upTo greatest: Double = .infinity,
    _ value: (TrainingPlot.Point) -> Double?
  ) -> PlotPanel? {
    let series = curves.map { curve in
      PlotPanel.Series(
        name: curve.name, style: curve.style, mark: curve.mark,
        points: curve.points.map { (x: $0.epoch, y: value($0)) })
    }
    let bands = bands(value)
    let values =
      series.flatMap { $0.points.map(\.y) }
      + bands.flatMap { $0.points.flatMap { [max(0, $0.low), min(greatest, $0.high)] } }
    guard let least = values.min(), let most = values.max() else { return nil }
    return PlotPanel(
      heading: heading, bands: bands, series: series,
      horizontal: .epochs(curves.flatMap { $0.points.map(\.epoch) }),
      vertical: .linear((greatest.isFinite ? least : min(0, least))...most, upTo: greatest),
      label: label)
  }

  /// The areas of mean ± standard deviation, where both are finite.
  private func bands(_ value: (TrainingPlot.Point) -> Double?) -> [PlotPanel.Band] {
    zip(curves, deviations).compactMap { curve, deviations in
      let points = zip(curve.points, deviations).compactMap {
        point, deviation -> (x: Double, low: Double, high: Double)? in
        guard let mean = value(point), let std = value(deviation), mean.isFinite, std.isFinite
        else { return nil }
        return (point.epoch, mean - std, mean + std)
      }
      return points.count < 2 ? nil : PlotPanel.Band(style: curve.style, points: points)
    }
  }
}

extension TrainingPlot.Point {
  /// The means of the points of each epoch that all `curves` have, for the values that all have.
  public static func mean(of curves: [[TrainingPlot.Point]]) -> [TrainingPlot.Point] {
    points(of: curves) { $0.mean }
  }

  /// The standard deviations of the points of each epoch that all `curves` have, with `count − 1` in the
  /// denominator; no values for one curve.
  public static func standardDeviation(
    of curves: [[TrainingPlot.Point]]
  ) -> [TrainingPlot.Point] {
    points(of: curves) { $0.std }
  }

  private static func points(
    of curves: [[TrainingPlot.Point]], _ figure: (SampleStatistics) -> Double?
  ) -> [TrainingPlot.Point] {
    guard let first = curves.first else { return [] }
    return first.enumerated().prefix { place, point in
      curves.allSatisfy { place < $0.count && $0[place].epoch == point.epoch }
    }.map { place, point in
      func value(_ value: (TrainingPlot.Point) -> Double?) -> Double? {
        let values = curves.compactMap { value($0[place]) }
        return values.count == curves.count ? figure(SampleStatistics(values)) : nil
      }
      return TrainingPlot.Point(
        epoch: point.epoch, trainLoss: value(\.trainLoss), validationLoss: value(\.validationLoss),
        trainAccuracy: value(\.trainAccuracy), validationAccuracy: value(\.validationAccuracy),
        rate: value(\.rate))
    }
  }
}
