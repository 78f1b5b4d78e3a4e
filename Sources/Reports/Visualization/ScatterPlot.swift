import Terminal

/// Points on a plane in the colors of their classes, with a legend.
public struct ScatterPlot: Sendable {
  public struct Point: Sendable {
    public let x: Double
    public let y: Double
    public let label: Int
    /// True for an example that was not classified correctly; it has a ring.
    public let isMistake: Bool

    public init(x: Double, y: Double, label: Int, isMistake: Bool) {
      (self.x, self.y, self.label, self.isMistake) = (x, y, label, isMistake)
    }
  }

  private let title: String
  private let subtitle: String
  private let points: [Point]
  private let names: [String]
  /// The classes that have points, at most ``mostNames``.
  private let shown: [Int]

  private static let side = 640.0
  private static let top = 56.0
  private static let margin = 20.0
  private static let legendWidth = 150.0
  private static let mostNames = 40

  public init(title: String, subtitle: String, points: [Point], names: [String]) {
    (self.title, self.subtitle, self.points, self.names) = (title, subtitle, points, names)
    let present = Set(points.map(\.label))
    shown = Array(names.indices.filter(present.contains).prefix(Self.mostNames))
  }

  private var height: Double {
    max(Self.top + Self.side, Self.top + Double(shown.count + 3) * 18) + Self.margin
  }

  private var width: Double { 3 * Self.margin + Self.side + Self.legendWidth }

  /// The points' places, in units of the drawing. One unit of the features is equally long along both axes.
  private var places: [(x: Double, y: Double)] {
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
    let (low, high) = (ys.min() ?? 0, ys.max() ?? 0)
    let extent = max(right - left, high - low, 1e-300)
    let scale = (Self.side - 16) / extent
    let middle = (x: (left + right) / 2, y: (low + high) / 2)
    return points.map {
      (
        Self.margin + Self.side / 2 + ($0.x - middle.x) * scale,
        Self.top + Self.side / 2 - ($0.y - middle.y) * scale
      )
    }
  }

  private var legend: [(text: String, label: Int?, y: Double)] {
    var rows: [(String, Int?, Double)] = shown.enumerated().map { row, label in
      (ReportText.shortened(names[label], to: 16), label, Self.top + 12 + Double(row) * 18)
    }
    let last = Self.top + 12 + Double(shown.count) * 18
    if names.count > shown.count, shown.count == Self.mostNames { rows.append(("…", nil, last)) }
    if points.contains(where: \.isMistake) { rows.append(("ring: a mistake", nil, last + 18)) }
    return rows
  }

  private static let legendLeft = 2 * margin + side

  // MARK: SVG

  /// The content of the SVG file, with dark colors for viewers that prefer them.
  public var svg: String {
    func fixed(_ value: Double) -> String { Format.fixed(value, decimals: 1) }
    let size = (Format.fixed(width, decimals: 0), Format.fixed(height, decimals: 0))
    // Without the types, literals here could be pieces of HTML.
    let colors: String = shown.map { label -> String in
      ".c\(label) { fill: \(ColorMap.category(label).css) }\n"
    }.joined()
    let marks: String = zip(points, places).map { point, place -> String in
      let ring = point.isMistake ? " ring" : ""
      return "<circle class=\"c\(point.label)\(ring)\" cx=\"\(fixed(place.x))\" "
        + "cy=\"\(fixed(place.y))\" r=\"3\"/>\n"
    }.joined()
    let rows: String = legend.map { text, label, y -> String in
      let mark =
        label.map {
          "<circle class=\"c\($0)\" cx=\"\(fixed(Self.legendLeft))\" cy=\"\(fixed(y - 4))\" r=\"5\"/>\n"
        } ?? ""
      return mark + "<text x=\"\(fixed(Self.legendLeft + 14))\" y=\"\(fixed(y))\">"
        + "\(text.escapedForXML)</text>\n"
    }.joined()
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size.0) \(size.1)" width="\(size.0)" \
      height="\(size.1)" role="img">
      <title>\(title.escapedForXML)</title>
      <style>
      text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: \(ChartStyle.ink.light.css) }
      .title { font-size: 16px; font-weight: 600 }
      .background { fill: \(ChartStyle.page.light.css) }
      .ring { stroke: \(ChartStyle.ink.light.css); stroke-width: 1.5 }
      \(colors)@media screen and (prefers-color-scheme: dark) {
      text { fill: \(ChartStyle.ink.dark.css) }
      .background { fill: \(ChartStyle.page.dark.css) }
      .ring { stroke: \(ChartStyle.ink.dark.css) }
      }
      </style>
      <rect class="background" width="\(size.0)" height="\(size.1)"/>
      <text class="title" x="20" y="26">\(title.escapedForXML)</text>
      <text x="20" y="46">\(subtitle.escapedForXML)</text>
      \(marks)\(rows)</svg>

      """
  }

  // MARK: Pixels

  /// The drawing on white, as pixels.
  public var raster: Raster {
    let scale = 1.5
    var canvas = Canvas(
      width: Int((width * scale).rounded(.up)), height: Int((height * scale).rounded(.up)))
    func pixel(_ x: Double, _ y: Double) -> Drawing.Point { .init(x: x * scale, y: y * scale) }
    func dot(_ color: ChartStyle.Color, _ x: Double, _ y: Double, radius: Double) {
      canvas.line(color, from: pixel(x, y), to: pixel(x, y), width: 2 * radius * scale)
    }
    let ink = ChartStyle.ink.light
    for (line, text) in [title, subtitle].enumerated() {
      canvas.text(
        text, ink, left: Int(Self.margin * scale), baseline: Int((26 + 20 * Double(line)) * scale),
        isBold: line == 0)
    }
    for (point, place) in zip(points, places) {
      if point.isMistake { dot(ink, place.x, place.y, radius: 4) }
      dot(ColorMap.category(point.label), place.x, place.y, radius: 3)
    }
    for (text, label, y) in legend {
      if let label { dot(ColorMap.category(label), Self.legendLeft, y - 4, radius: 5) }
      canvas.text(
        text, ink, left: Int((Self.legendLeft + 14) * scale), baseline: Int(y * scale))
    }
    return canvas.raster
  }
}
