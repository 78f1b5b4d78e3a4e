/// A page of panels side by side, below a title.
///
/// Its SVG file consists of text, lines and marks with its own background. It has dark colors for viewers
/// that prefer them.
struct PlotPage {
  let title: String
  let panels: [PlotPanel]
  /// The greatest number of panels side by side.
  var columns = Int.max

  /// The content of the SVG file. Equal panels give equal text.
  var svg: String { drawing(withTitle: true).svgFile(title: title) }

  /// The drawing of all panels.
  ///
  /// - Parameter withTitle: false to leave the title out, for a page that says it by itself.
  func drawing(withTitle: Bool) -> Drawing {
    let columns = max(1, min(columns, panels.count))
    let rows = (panels.count + columns - 1) / columns
    let top = withTitle ? Self.titleHeight : 0
    var drawing = Drawing(
      width: Double(PlotPanel.width * columns), height: Double(top + PlotPanel.height * rows))
    if withTitle { drawing.elements.append(.text(title, .title, at: .init(x: 20, y: 28))) }
    for (index, panel) in panels.enumerated() {
      drawing.elements.append(
        .part(
          panel.drawing,
          at: .init(
            x: Double(index % columns * PlotPanel.width),
            y: Double(top + index / columns * PlotPanel.height))))
    }
    return drawing
  }

  private static let titleHeight = 40
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
      case "'": escaped += "&#39;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
