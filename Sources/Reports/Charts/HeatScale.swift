/// The colors of a confusion matrix: blue for right cells, orange for wrong ones, in five steps each.
///
/// The text in a cell has a contrast of at least 4.5 with its color, in light and in dark.
enum HeatScale {
  typealias Color = ChartStyle.Color

  static let steps = 5

  /// The upper limit of the share of each step. A cell of no example has no step.
  private static let limits = [0.01, 0.05, 0.2, 0.6, 1.0]

  /// The step of a cell, from 1; 0 for a share of 0.
  ///
  /// - Parameter share: the fraction of the examples of the row, from 0 to 1.
  static func step(of share: Double) -> Int {
    share <= 0 ? 0 : (limits.firstIndex { share <= $0 } ?? steps - 1) + 1
  }

  /// What the steps mean, for a caption.
  static let legend = "up to 1, 5, 20, 60 and 100 %"

  private static let lightRight: [UInt32] = [0xdceafc, 0xb4d3f8, 0x7db4f0, 0x2f6fb8, 0x0a4a8f]
  private static let lightWrong: [UInt32] = [0xfdeadb, 0xfbd0ac, 0xf5a868, 0xb5521b, 0x8a2f06]
  private static let darkRight: [UInt32] = [0x12263f, 0x163a66, 0x1d5291, 0x79b8ff, 0xa9d2ff]
  private static let darkWrong: [UInt32] = [0x3a2113, 0x5a2f12, 0x7d3f10, 0xf0a05a, 0xffc48f]

  /// The color of a cell on a white page, and that of its text.
  static func light(step: Int, isRight: Bool) -> (cell: Color, ink: Color) {
    guard step > 0 else { return (ChartStyle.page.light, ChartStyle.ink.light) }
    return (
      Color((isRight ? lightRight : lightWrong)[step - 1]),
      step > 3 ? Color(0xffffff) : ChartStyle.ink.light
    )
  }

  static func dark(step: Int, isRight: Bool) -> (cell: Color, ink: Color) {
    (
      Color((isRight ? darkRight : darkWrong)[step - 1]),
      step > 3 ? Color(0x0d1117) : Color(0xffffff)
    )
  }

  /// The rules of the classes `r1` to `r5` and `w1` to `w5`.
  static var css: String {
    func rules(_ colors: (Int, Bool) -> (cell: Color, ink: Color)) -> String {
      [true, false].flatMap { isRight in
        (1...steps).map { step in
          let (cell, ink) = colors(step, isRight)
          return ".\(isRight ? "r" : "w")\(step) { background: \(cell.css); color: \(ink.css) }\n"
        }
      }.joined()
    }
    return rules { light(step: $0, isRight: $1) }
      + "@media screen and (prefers-color-scheme: dark) {\n" + rules { dark(step: $0, isRight: $1) }
      + "}\n"
  }
}
