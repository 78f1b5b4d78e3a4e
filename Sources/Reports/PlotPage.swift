/// A page of panels side by side, below a title, as the text of an SVG file.
///
/// The file consists of text, lines and marks with its own background. It has dark colors for viewers
/// that prefer them.
struct PlotPage {
  let title: String
  let panels: [PlotPanel]

  /// The content of the SVG file. Equal panels give equal text.
  var svg: String {
    let width = PlotPanel.width * panels.count
    let height = Self.titleHeight + PlotPanel.height
    let drawings = panels.enumerated().map { index, panel in
      """
      <g transform="translate(\(index * PlotPanel.width) \(Self.titleHeight))">
      \(panel.svg)</g>

      """
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      width="\(width)" height="\(height)" role="img">
      <title>\(title.escapedForXML)</title>
      <style>
      \(Self.style)
      </style>
      <rect class="background" width="\(width)" height="\(height)"/>
      <text class="title" x="20" y="28">\(title.escapedForXML)</text>
      \(drawings.joined())</svg>

      """
  }

  private static let titleHeight = 40

  private static let style = """
    .background { fill: #ffffff }
    text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #24292f }
    .title { font-size: 16px; font-weight: 600 }
    .heading { font-size: 14px; font-weight: 600 }
    .end { text-anchor: end }
    .middle { text-anchor: middle }
    .grid { stroke: #d8dee4; stroke-width: 1; fill: none }
    .axis { stroke: #57606a; stroke-width: 1; fill: none }
    .train { stroke: #0a62b8 } .train-mark { fill: #0a62b8 }
    .validation { stroke: #c8500a; stroke-dasharray: 6 3 } .validation-mark { fill: #c8500a }
    .rate { stroke: #23743d } .rate-mark { fill: #23743d }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round }
    @media (prefers-color-scheme: dark) {
      .background { fill: #0d1117 }
      text { fill: #e6edf3 }
      .grid { stroke: #30363d }
      .axis { stroke: #8b949e }
      .train { stroke: #58a6ff } .train-mark { fill: #58a6ff }
      .validation { stroke: #f0883e } .validation-mark { fill: #f0883e }
      .rate { stroke: #56d364 } .rate-mark { fill: #56d364 }
    }
    """
}

extension String {
  /// The text with XML's escapes, and with spaces for characters that XML does not allow.
  var escapedForXML: String {
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
