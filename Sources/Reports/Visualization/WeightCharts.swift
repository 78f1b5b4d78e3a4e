import Terminal
import Training

/// The distribution of a network's weights and gradients, and its course by epoch, as diagrams.
public struct WeightCharts {
  /// A tensor's values, and a figure of them such as `std 0.05`.
  public struct Tensor: Sendable {
    public let name: String
    public let histogram: Histogram
    public let figureName: String
    public let figure: Double

    public init(name: String, histogram: Histogram, figureName: String, figure: Double) {
      (self.name, self.histogram) = (name, histogram)
      (self.figureName, self.figure) = (figureName, figure)
    }
  }

  /// A figure of some epochs.
  public struct Course: Sendable {
    public let name: String
    public let points: [(epoch: Double, value: Double)]
    /// True if factors between the values matter, not differences.
    public let isLogarithmic: Bool

    public init(
      name: String, points: [(epoch: Double, value: Double)], isLogarithmic: Bool = false
    ) {
      (self.name, self.points, self.isLogarithmic) = (name, points, isLogarithmic)
    }
  }

  private let title: String
  private let panels: [PlotPanel]

  /// A diagram for each tensor.
  public init(title: String, tensors: [Tensor]) {
    self.title = title
    panels = tensors.map(Self.panel)
  }

  /// A diagram for each course.
  public init(title: String, courses: [Course]) {
    self.title = title
    panels = courses.map { course in
      let values = course.points.map(\.value)
      return PlotPanel(
        heading: course.name,
        series: [
          .init(
            name: "", style: .train, mark: .circle,
            points: course.points.map { (x: $0.epoch, y: $0.value) })
        ],
        horizontal: .epochs(course.points.map(\.epoch)),
        vertical: Self.axis(of: values, isLogarithmic: course.isLogarithmic),
        label: { Format.significant($0, digits: 3) })
    }
  }

  private static func axis(of values: [Double], isLogarithmic: Bool) -> PlotAxis {
    let greatest = values.max() ?? 0
    if isLogarithmic, let least = values.min(), least > 0 { return .logarithmic(least...greatest) }
    return .linear(0...(greatest > 0 ? greatest : 1))
  }

  private static func panel(_ tensor: Tensor) -> PlotPanel {
    let histogram = tensor.histogram
    let (low, high) = (histogram.range.lowerBound, histogram.range.upperBound)
    let extent = high > low ? high - low : max(low.magnitude, 1) / 5
    let start = high > low ? low : low - extent / 2
    let width = extent / Double(histogram.counts.count)
    let total = max(1, histogram.counts.reduce(0, +))
    let shares = histogram.counts.map { 100 * Double($0) / Double(total) }
    return PlotPanel(
      heading: "\(tensor.name): \(tensor.figureName) "
        + Format.significant(tensor.figure, digits: 3),
      bars: shares.enumerated().map { index, share in
        .init(
          range: start + Double(index) * width...start + Double(index + 1) * width, value: share)
      },
      series: [], horizontal: .linear(start...start + extent, widened: false),
      vertical: .linear(0...max(shares.max() ?? 0, 1)),
      label: { _ in "" }, horizontalName: "value (bars: % of the values)")
  }

  private var page: PlotPage {
    PlotPage(title: title, panels: panels, columns: 3)
  }

  public var svg: String { page.svg }

  /// The drawing on white, as pixels.
  public var raster: Raster { page.drawing(withTitle: true).raster }
}
