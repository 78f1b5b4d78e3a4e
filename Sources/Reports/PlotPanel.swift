import Terminal

/// One diagram of a plot, with axes, a grid, series and a legend, as SVG elements.
struct PlotPanel {
  /// The width of a panel with its margins and legend, in units of the SVG file.
  static let width = 360
  static let height = 300

  struct Position: Equatable {
    let x: Double
    let y: Double
  }

  enum Mark {
    case circle
    case square
  }

  struct Series {
    /// The name in the legend.
    let name: String
    /// The CSS class, one that `PlotPage` has colors for.
    let style: String
    let mark: Mark
    /// The runs of points without a gap; each has at least one point.
    let pieces: [[Position]]

    /// A point that is missing or not finite leaves a gap.
    ///
    /// - Parameter style: nil if the class is the name.
    init(name: String, style: String? = nil, mark: Mark, points: [(x: Double, y: Double?)]) {
      self.name = name
      self.style = style ?? name
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
  let series: [Series]
  let horizontal: PlotAxis
  let vertical: PlotAxis
  /// Formats a series' last value for the legend.
  let label: (Double) -> String
  /// What the horizontal axis shows.
  var horizontalName = "epoch"

  private static let left = 64.0
  private static let right = Double(width) - 20
  private static let top = 52.0
  private static let bottom = Double(height) - 44

  /// The greatest number of points that have marks. A longer series is a plain line.
  private static let mostMarks = 40

  /// The panel's SVG elements.
  var svg: String {
    let drawn = series.filter { !$0.pieces.isEmpty }
    let parts =
      ["<text class=\"heading\" x=\"20\" y=\"20\">\(heading.escapedForXML)</text>\n"]
      + vertical.ticks.map(horizontalGridLine) + horizontal.ticks.map(tickBelow)
      + [axes] + drawn.map(drawing) + [legend(of: drawn)]
    return parts.joined()
  }

  private func x(_ value: Double) -> String {
    Format.fixed(
      Self.left + horizontal.position(of: value) * (Self.right - Self.left), decimals: 1)
  }

  private func y(_ value: Double) -> String {
    Format.fixed(
      Self.bottom - vertical.position(of: value) * (Self.bottom - Self.top), decimals: 1)
  }

  private func horizontalGridLine(_ tick: PlotAxis.Tick) -> String {
    """
    <path class="grid" d="M\(Self.left) \(y(tick.value))H\(Self.right)"/>
    <text class="end" x="\(Self.left - 8)" y="\(y(tick.value))" dy="4">\(tick.label)</text>

    """
  }

  private func tickBelow(_ tick: PlotAxis.Tick) -> String {
    """
    <path class="axis" d="M\(x(tick.value)) \(Self.bottom)v5"/>
    <text class="middle" x="\(x(tick.value))" y="\(Self.bottom + 19)">\(tick.label)</text>

    """
  }

  private var axes: String {
    """
    <path class="axis" d="M\(Self.left) \(Self.top)V\(Self.bottom)H\(Self.right)"/>
    <text class="middle" x="\((Self.left + Self.right) / 2)" y="\(Self.bottom + 37)">\(horizontalName)</text>

    """
  }

  private func drawing(of series: Series) -> String {
    let lines = series.pieces.filter { $0.count > 1 }.map { piece in
      let path = piece.map { "\(x($0.x)) \(y($0.y))" }.joined(separator: "L")
      return "<path class=\"line \(series.style)\" d=\"M\(path)\"/>\n"
    }
    // A point without neighbors has no line, so it always has a mark.
    let isLong = series.points.count > Self.mostMarks
    let marked = isLong ? series.pieces.filter { $0.count == 1 } : series.pieces
    let marks = marked.flatMap { $0 }.map { point in
      mark(series, x: x(point.x), y: y(point.y))
    }
    return (lines + marks).joined()
  }

  private func mark(_ series: Series, x: String, y: String) -> String {
    let style = "\(series.style)-mark"
    switch series.mark {
    case .circle: return "<circle class=\"\(style)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>\n"
    case .square: return "<path class=\"\(style)\" d=\"M\(x) \(y)m-3 -3h6v6h-6z\"/>\n"
    }
  }

  /// The names and last values of the series, above the diagram.
  private func legend(of series: [Series]) -> String {
    guard !series.isEmpty else {
      return "<text x=\"\(Self.left + 12)\" y=\"\(Self.top + 24)\">nothing recorded</text>\n"
    }
    return series.enumerated().map { index, series in
      let start = 20.0 + Double(index) * 140
      let value = label(series.pieces.last?.last?.y ?? 0)
      return """
        <path class="line \(series.style)" d="M\(start) 36h24"/>
        \(mark(series, x: "\(start + 12)", y: "36"))\
        <text x="\(start + 30)" y="40">\(series.name.escapedForXML) \(value)</text>

        """
    }.joined()
  }
}
