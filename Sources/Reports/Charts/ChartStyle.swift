/// The look of an element of a drawing. The raw value is its class in SVG and HTML.
///
/// Texts and lines have a contrast of at least 4.5 with the background, in light and in dark.
enum ChartStyle: String, CaseIterable, Sendable {
  case train, validation, rate
  /// Further runs of a comparison.
  case fourth, fifth, sixth
  /// A line to compare with, such as the diagonal of a reliability diagram.
  case reference
  case grid, axis

  /// The color on a white page.
  var light: Color {
    switch self {
    case .train: Color(0x0a62b8)
    case .validation: Color(0xc8500a)
    case .rate: Color(0x23743d)
    case .fourth: Color(0x8250df)
    case .fifth: Color(0xbf3989)
    case .sixth: Color(0x0e7490)
    case .reference, .axis: Color(0x57606a)
    case .grid: Color(0xd8dee4)
    }
  }

  /// The color on a dark page.
  var dark: Color {
    switch self {
    case .train: Color(0x58a6ff)
    case .validation: Color(0xf0883e)
    case .rate: Color(0x56d364)
    case .fourth: Color(0xbc8cff)
    case .fifth: Color(0xf778ba)
    case .sixth: Color(0x39c5cf)
    case .reference, .axis: Color(0x8b949e)
    case .grid: Color(0x30363d)
    }
  }

  /// The width of a line, in units of the drawing.
  var width: Double {
    switch self {
    case .grid, .axis: 1
    case .reference: 1.5
    default: 2
    }
  }

  /// The lengths of a dash and of the gap behind it; nil for a solid line.
  var dashes: (dash: Double, gap: Double)? {
    switch self {
    case .validation: (6, 3)
    case .fourth: (10, 3)
    case .fifth: (4, 4)
    case .reference: (2, 3)
    default: nil
    }
  }

  /// A color of 8 bits for red, green and blue.
  struct Color: Equatable, Sendable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    init(red: UInt8, green: UInt8, blue: UInt8) {
      (self.red, self.green, self.blue) = (red, green, blue)
    }

    init(_ code: UInt32) {
      self.init(
        red: UInt8(truncatingIfNeeded: code >> 16), green: UInt8(truncatingIfNeeded: code >> 8),
        blue: UInt8(truncatingIfNeeded: code))
    }

    /// `#0a62b8`
    var css: String {
      "#"
        + [red, green, blue].map {
          ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }.joined()
    }
  }

  /// The colors of the page, of its text, and of weaker text.
  static let page = (light: Color(0xffffff), dark: Color(0x0d1117))
  static let ink = (light: Color(0x24292f), dark: Color(0xe6edf3))
}

/// The style sheet of drawings.
enum ChartStyleSheet {
  /// - Parameter scope: what stands before each class, such as `.chart ` in a page of HTML; empty in a file
  ///   of its own.
  static func css(scope: String = "") -> String {
    let fixed = """
      \(scope)text { font: 12px system-ui, "DejaVu Sans", sans-serif }
      \(scope).title { font-size: 16px; font-weight: 600 }
      \(scope).heading { font-size: 14px; font-weight: 600 }
      \(scope).end { text-anchor: end }
      \(scope).middle { text-anchor: middle }
      \(scope).line { fill: none; stroke-linejoin: round }

      """
    let lines = ChartStyle.allCases.map { style in
      let dashes = style.dashes.map { "; stroke-dasharray: \(number($0.dash)) \(number($0.gap))" }
      return "\(scope).\(style.rawValue) { stroke-width: \(number(style.width))"
        + "\(dashes ?? "") }\n"
    }
    return fixed + lines.joined() + colors(scope: scope, isDark: false)
      + "@media screen and (prefers-color-scheme: dark) {\n"
      + colors(scope: scope, isDark: true) + "}\n"
  }

  private static func colors(scope: String, isDark: Bool) -> String {
    let (page, ink) =
      isDark
      ? (ChartStyle.page.dark, ChartStyle.ink.dark) : (ChartStyle.page.light, ChartStyle.ink.light)
    let styles = ChartStyle.allCases.map { style in
      let color = (isDark ? style.dark : style.light).css
      return "\(scope).\(style.rawValue) { stroke: \(color) } "
        + "\(scope).\(style.rawValue)-mark { fill: \(color) }\n"
    }
    return "\(scope).background { fill: \(page.css) }\n"
      + "\(scope)text { fill: \(ink.css) }\n" + styles.joined()
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : "\(value)"
  }
}
