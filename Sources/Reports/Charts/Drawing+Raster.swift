extension Drawing {
  /// The number of pixels for each unit. With it a letter is 6 units wide.
  static let scale = 1.5

  /// The drawing on white, as pixels.
  var raster: Raster {
    var canvas = Canvas(
      width: Int((width * Self.scale).rounded(.up)),
      height: Int((height * Self.scale).rounded(.up)))
    draw(on: &canvas, at: Point(x: 0, y: 0))
    return canvas.raster
  }

  private func draw(on canvas: inout Canvas, at origin: Point) {
    func pixel(_ point: Point) -> Point {
      Point(x: (origin.x + point.x) * Self.scale, y: (origin.y + point.y) * Self.scale)
    }
    for element in elements {
      switch element {
      case .line(let style, let points):
        canvas.lines(
          style.light, points.map(pixel), width: style.width * Self.scale,
          dashes: style.dashes.map { ($0.dash * Self.scale, $0.gap * Self.scale) })
      case .band(let style, let upper, let lower):
        fillBand(style, upper.map(pixel), lower.map(pixel), on: &canvas)
      case .mark(let style, .circle, let point):
        canvas.line(style.light, from: pixel(point), to: pixel(point), width: 6 * Self.scale)
      case .mark(let style, .square, let point):
        let place = pixel(Point(x: point.x - 3, y: point.y - 3))
        fill(style, place, 6 * Self.scale, 6 * Self.scale, on: &canvas)
      case .bar(let style, let topLeft, let width, let height):
        fill(style, pixel(topLeft), width * Self.scale, height * Self.scale, on: &canvas)
      case .text(let text, let style, let point):
        draw(text, style, at: pixel(point), on: &canvas)
      case .part(let drawing, let point):
        drawing.draw(on: &canvas, at: Point(x: origin.x + point.x, y: origin.y + point.y))
      }
    }
  }

  private func fill(
    _ style: ChartStyle, _ topLeft: Point, _ width: Double, _ height: Double,
    on canvas: inout Canvas
  ) {
    let (left, top) = (Int(topLeft.x.rounded()), Int(topLeft.y.rounded()))
    canvas.fill(
      style.light, left: left, top: top, width: Int((topLeft.x + width).rounded()) - left,
      height: Int((topLeft.y + height).rounded()) - top)
  }

  /// Fills the area between two lines, column by column. The points of both lines have the same `x`.
  private func fillBand(
    _ style: ChartStyle, _ upper: [Point], _ lower: [Point], on canvas: inout Canvas
  ) {
    func weak(_ value: UInt8) -> UInt8 { UInt8(255 - (255 - Int(value)) / 5) }
    let color = ChartStyle.Color(
      red: weak(style.light.red), green: weak(style.light.green), blue: weak(style.light.blue))
    for place in 1..<max(1, upper.count) {
      let (start, end) = (upper[place - 1].x, upper[place].x)
      for column in Int(start.rounded())..<max(Int(start.rounded()), Int(end.rounded())) {
        let share = min(1, max(0, (Double(column) + 0.5 - start) / (end - start)))
        func between(_ line: [Point]) -> Int {
          Int((line[place - 1].y + share * (line[place].y - line[place - 1].y)).rounded())
        }
        let (top, bottom) = (between(upper), between(lower))
        canvas.fill(color, left: column, top: top, width: 1, height: max(0, bottom - top))
      }
    }
  }

  private func draw(
    _ text: String, _ style: TextStyle, at point: Point, on canvas: inout Canvas
  ) {
    let length = Double(GlyphFont.scalars(of: text).count * GlyphFont.width)
    let offset =
      switch style {
      case .start, .heading, .title: 0.0
      case .middle: length / 2
      case .end: length
      }
    canvas.text(
      text, ChartStyle.ink.light, left: Int((point.x - offset).rounded()),
      baseline: Int(point.y.rounded()), isBold: style == .heading || style == .title)
  }
}
