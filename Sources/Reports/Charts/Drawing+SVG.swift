import Terminal

extension Drawing {
  /// A whole SVG file with its own colors and background.
  ///
  /// - Parameter title: what the drawing shows, for readers who cannot see it.
  func svgFile(title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.whole(width)) \(Self.whole(height))" \
    width="\(Self.whole(width))" height="\(Self.whole(height))" role="img">
    <title>\(title.escapedForXML)</title>
    <style>
    \(ChartStyleSheet.css())</style>
    <rect class="background" width="\(Self.whole(width))" height="\(Self.whole(height))"/>
    \(svgElements)</svg>

    """
  }

  /// An `svg` element for a page that has the style sheet for the class `chart`.
  func svgElement(title: String) -> String {
    """
    <svg class="chart" viewBox="0 0 \(Self.whole(width)) \(Self.whole(height))" \
    width="\(Self.whole(width))" height="\(Self.whole(height))" role="img" \
    aria-label="\(title.escapedForXML)">
    \(svgElements)</svg>
    """
  }

  /// The elements, one on each line.
  var svgElements: String {
    elements.map { element in
      switch element {
      case .line(let style, let points):
        let path = points.map { "\(Self.fixed($0.x)) \(Self.fixed($0.y))" }.joined(separator: "L")
        return "<path class=\"line \(style.rawValue)\" d=\"M\(path)\"/>\n"
      case .band(let style, let upper, let lower):
        let path = (upper + lower.reversed()).map { "\(Self.fixed($0.x)) \(Self.fixed($0.y))" }
          .joined(separator: "L")
        return "<path class=\"\(style.rawValue)-mark\" fill-opacity=\"0.2\" d=\"M\(path)Z\"/>\n"
      case .mark(let style, .circle, let point):
        return "<circle class=\"\(style.rawValue)-mark\" cx=\"\(Self.fixed(point.x))\" "
          + "cy=\"\(Self.fixed(point.y))\" r=\"3\"/>\n"
      case .mark(let style, .square, let point):
        return "<path class=\"\(style.rawValue)-mark\" "
          + "d=\"M\(Self.fixed(point.x)) \(Self.fixed(point.y))m-3 -3h6v6h-6z\"/>\n"
      case .bar(let style, let topLeft, let width, let height):
        return "<rect class=\"\(style.rawValue)-mark\" x=\"\(Self.fixed(topLeft.x))\" "
          + "y=\"\(Self.fixed(topLeft.y))\" width=\"\(Self.fixed(width))\" "
          + "height=\"\(Self.fixed(height))\"/>\n"
      case .text(let text, let style, let point):
        let name = style == .start ? "" : " class=\"\(style.rawValue)\""
        return "<text\(name) x=\"\(Self.fixed(point.x))\" y=\"\(Self.fixed(point.y))\">"
          + "\(text.escapedForXML)</text>\n"
      case .part(let drawing, let point):
        return "<g transform=\"translate(\(Self.whole(point.x)) \(Self.whole(point.y)))\">\n"
          + "\(drawing.svgElements)</g>\n"
      }
    }.joined()
  }

  private static func fixed(_ value: Double) -> String { Format.fixed(value, decimals: 1) }

  private static func whole(_ value: Double) -> String { Format.fixed(value, decimals: 0) }
}
