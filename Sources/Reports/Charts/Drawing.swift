/// Lines, marks, bars and texts on a plane, from which SVG and pixels are made.
///
/// Positions are in units of an SVG file, from the top left corner.
struct Drawing: Sendable {
  struct Point: Equatable, Sendable {
    let x: Double
    let y: Double
  }

  enum Mark: Sendable {
    case circle
    case square
  }

  enum TextStyle: String, Sendable {
    /// Text that starts at its position.
    case start
    case middle
    case end
    case heading
    case title
  }

  enum Element: Sendable {
    /// Straight lines from point to point.
    case line(ChartStyle, [Point])
    /// The area between two lines over the same positions, in a weak color.
    case band(ChartStyle, upper: [Point], lower: [Point])
    /// A mark of 6 units.
    case mark(ChartStyle, Mark, Point)
    case bar(ChartStyle, topLeft: Point, width: Double, height: Double)
    /// A text whose baseline is at `at.y`.
    case text(String, TextStyle, at: Point)
    /// A drawing that is moved by its position.
    case part(Drawing, at: Point)
  }

  let width: Double
  let height: Double
  var elements: [Element] = []
}
