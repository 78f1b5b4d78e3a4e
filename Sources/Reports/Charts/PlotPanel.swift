import Terminal

/// One diagram of a plot, with axes, a grid, bars, series and a legend.
struct PlotPanel {
  /// The width of a panel with its margins and legend, in units of the SVG file.
  static let width = 360
  static let height = 300

  typealias Position = Drawing.Point
  typealias Mark = Drawing.Mark

  /// A bar from the horizontal axis up to a value.
  struct Bar: Equatable {
    /// The values of the horizontal axis at its two sides.
    let range: ClosedRange<Double>
    let value: Double
    var style = ChartStyle.train
  }

  /// The area between two values at each position, such as mean ± standard deviation.
  struct Band {
    let style: ChartStyle
    let points: [(x: Double, low: Double, high: Double)]
  }

  struct Series {
    /// The name in the legend.
    let name: String
    let style: ChartStyle
    let mark: Mark
    /// The runs of points without a gap; each has at least one point.
    let pieces: [[Position]]

    /// A point that is missing or not finite leaves a gap.
    ///
    /// - Parameter style: nil if the style has the name.
    init(
      name: String, style: ChartStyle? = nil, mark: Mark, points: [(x: Double, y: Double?)]
    ) {
      self.name = name
      self.style = style ?? ChartStyle(rawValue: name) ?? .train
      self.mark = mark
      var pieces: [[Position]] = [[]]
      for point in points {
        if let y = point.y, y.isFinite, point.x.isFinite {
          pieces[pieces.count - 1].append(Position(x: point.x, y: y))
        } else if pieces.last?.isEmpty == false {
          pieces.append([])
        }
      }
      self.pieces = pieces.filter { !$0.isEmpty }
    }

    var points: [Position] { pieces.flatMap { $0 } }
  }

  let heading: String
  var bars: [Bar] = []
  var bands: [Band] = []
  let series: [Series]
  let horizontal: PlotAxis
  let vertical: PlotAxis
  /// Formats a series' last value for the legend.
  let label: (Double) -> String
  /// What the horizontal axis shows.
  var horizontalName = "epoch"

  private static let left = 64.0
  private static let right = Double(width) - 20
  private static let bottom = Double(height) - 44

  /// The number of entries in a row of the legend, and the distance between them.
  private var legendColumns: (count: Int, width: Double) {
    series.count > 2 ? (3, 106) : (2, 140)
  }

  private var top: Double {
    52 + 18 * Double((max(series.count, 1) - 1) / legendColumns.count)
  }

  /// The greatest number of points that have marks. A longer series is a plain line.
  private static let mostMarks = 40

  var drawing: Drawing {
    let drawn = series.filter { !$0.pieces.isEmpty }
    var drawing = Drawing(width: Double(Self.width), height: Double(Self.height))
    drawing.elements =
      [.text(heading, .heading, at: Position(x: 20, y: 20))]
      + vertical.ticks.flatMap(horizontalGridLine) + bars.map(rectangle) + bands.map(area)
      + horizontal.ticks.flatMap(tickBelow) + axes + drawn.flatMap(elements)
      + legend(of: drawn)
    return drawing
  }

  private func x(_ value: Double) -> Double {
    Self.left + horizontal.position(of: value) * (Self.right - Self.left)
  }

  private func y(_ value: Double) -> Double {
    Self.bottom - vertical.position(of: value) * (Self.bottom - top)
  }

  private func place(_ point: Position) -> Position { Position(x: x(point.x), y: y(point.y)) }

  private func rectangle(_ bar: Bar) -> Drawing.Element {
    let (left, right, top) = (x(bar.range.lowerBound), x(bar.range.upperBound), y(bar.value))
    // A gap of half a unit at each side keeps neighbors apart.
    return .bar(
      bar.style, topLeft: Position(x: left + 0.5, y: top), width: max(0, right - left - 1),
      height: max(0, Self.bottom - top))
  }

  private func area(_ band: Band) -> Drawing.Element {
    func line(_ value: ((x: Double, low: Double, high: Double)) -> Double) -> [Position] {
      band.points.map { point in
        let (least, most) = (vertical.range.lowerBound, vertical.range.upperBound)
        return place(Position(x: point.x, y: min(most, max(least, value(point)))))
      }
    }
    return .band(band.style, upper: line(\.high), lower: line(\.low))
  }

  private func horizontalGridLine(_ tick: PlotAxis.Tick) -> [Drawing.Element] {
    let y = y(tick.value)
    return [
      .line(.grid, [Position(x: Self.left, y: y), Position(x: Self.right, y: y)]),
      .text(tick.label, .end, at: Position(x: Self.left - 8, y: y + 4)),
    ]
  }

  private func tickBelow(_ tick: PlotAxis.Tick) -> [Drawing.Element] {
    let x = x(tick.value)
    return [
      .line(.axis, [Position(x: x, y: Self.bottom), Position(x: x, y: Self.bottom + 5)]),
      .text(tick.label, .middle, at: Position(x: x, y: Self.bottom + 19)),
    ]
  }

  private var axes: [Drawing.Element] {
    [
      .line(
        .axis,
        [
          Position(x: Self.left, y: top), Position(x: Self.left, y: Self.bottom),
          Position(x: Self.right, y: Self.bottom),
        ]),
      .text(
        horizontalName, .middle,
        at: Position(x: (Self.left + Self.right) / 2, y: Self.bottom + 37)),
    ]
  }

  private func elements(of series: Series) -> [Drawing.Element] {
    let lines = series.pieces.filter { $0.count > 1 }.map { piece in
      Drawing.Element.line(series.style, piece.map(place))
    }
    // A point without neighbors has no line, so it always has a mark.
    let isLong = series.points.count > Self.mostMarks
    let marked = isLong ? series.pieces.filter { $0.count == 1 } : series.pieces
    return lines
      + marked.flatMap { $0 }.map { .mark(series.style, series.mark, place($0)) }
  }

  /// The names and last values of the series, above the diagram.
  private func legend(of series: [Series]) -> [Drawing.Element] {
    guard !series.isEmpty else {
      guard bars.isEmpty else { return [] }
      return [
        .text("nothing recorded", .start, at: Position(x: Self.left + 12, y: top + 24))
      ]
    }
    return series.enumerated().flatMap { index, series -> [Drawing.Element] in
      let start = 20 + Double(index % legendColumns.count) * legendColumns.width
      let row = 36 + 18 * Double(index / legendColumns.count)
      let value = label(series.pieces.last?.last?.y ?? 0)
      return [
        .line(series.style, [Position(x: start, y: row), Position(x: start + 24, y: row)]),
        .mark(series.style, series.mark, Position(x: start + 12, y: row)),
        .text(
          value.isEmpty ? series.name : "\(series.name) \(value)", .start,
          at: Position(x: start + 30, y: row + 4)),
      ]
    }
  }
}
