/// Pixels to draw on, in red, green and blue. It starts white.
///
///     pixels  [height, width, 3]
///
/// Whatever lies outside is left out. Edges of lines and circles are smooth: a pixel takes the color by the
/// part `½ + r − d`, limited to 0…1, where `d` is its distance from the middle of the line of width `2r`.
struct Canvas {
  typealias Color = ChartStyle.Color

  let width: Int
  let height: Int
  private var pixels: [UInt8]

  init(width: Int, height: Int, background: Color = ChartStyle.page.light) {
    precondition(width > 0 && height > 0, "Canvas: \(width)×\(height) pixels")
    self.width = width
    self.height = height
    pixels = []
    pixels.reserveCapacity(width * height * 3)
    for _ in 0..<width * height {
      pixels.append(background.red)
      pixels.append(background.green)
      pixels.append(background.blue)
    }
  }

  var raster: Raster { Raster(width: width, height: height, channels: 3, pixels: pixels) }

  /// Mixes `color` into a pixel.
  private mutating func blend(_ color: Color, _ part: Double, x: Int, y: Int) {
    guard part > 0, x >= 0, x < width, y >= 0, y < height else { return }
    let first = (y * width + x) * 3
    let part = min(part, 1)
    for (channel, value) in [color.red, color.green, color.blue].enumerated() {
      let old = Double(pixels[first + channel])
      pixels[first + channel] = UInt8((old + part * (Double(value) - old)).rounded())
    }
  }

  /// Fills the pixels from `left`, `top` on.
  mutating func fill(_ color: Color, left: Int, top: Int, width: Int, height: Int) {
    for y in max(top, 0)..<max(min(top + height, self.height), max(top, 0)) {
      for x in max(left, 0)..<max(min(left + width, self.width), max(left, 0)) {
        let first = (y * self.width + x) * 3
        pixels[first] = color.red
        pixels[first + 1] = color.green
        pixels[first + 2] = color.blue
      }
    }
  }

  /// Draws a line with round ends between two points, in pixels.
  mutating func line(
    _ color: Color, from a: Drawing.Point, to b: Drawing.Point, width lineWidth: Double
  ) {
    let radius = lineWidth / 2
    let reach = radius + 1
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let square = dx * dx + dy * dy
    func range(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
      let first = max(0, Int((low - reach).rounded(.down)))
      return first..<max(first, min(limit, Int((high + reach).rounded(.up)) + 1))
    }
    for y in range(min(a.y, b.y), max(a.y, b.y), height) {
      for x in range(min(a.x, b.x), max(a.x, b.x), width) {
        let (px, py) = (Double(x) + 0.5 - a.x, Double(y) + 0.5 - a.y)
        let t = square == 0 ? 0 : min(1, max(0, (px * dx + py * dy) / square))
        let (ex, ey) = (px - t * dx, py - t * dy)
        blend(color, 0.5 + radius - (ex * ex + ey * ey).squareRoot(), x: x, y: y)
      }
    }
  }

  /// Draws lines from point to point, with dashes if given.
  mutating func lines(
    _ color: Color, _ points: [Drawing.Point], width: Double, dashes: (dash: Double, gap: Double)?
  ) {
    var position = 0.0
    for (a, b) in zip(points, points.dropFirst()) {
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let length = (dx * dx + dy * dy).squareRoot()
      guard let dashes, length > 0 else {
        line(color, from: a, to: b, width: width)
        continue
      }
      let period = dashes.dash + dashes.gap
      var start = 0.0
      while start < length {
        let phase = (position + start).truncatingRemainder(dividingBy: period)
        let isDash = phase < dashes.dash
        let end = min(length, start + max(0.01, (isDash ? dashes.dash : period) - phase))
        if isDash {
          // The round ends are part of the dash.
          let (first, last) = (
            min(start + width / 2, (start + end) / 2), max(end - width / 2, (start + end) / 2)
          )
          line(
            color, from: .init(x: a.x + dx * first / length, y: a.y + dy * first / length),
            to: .init(x: a.x + dx * last / length, y: a.y + dy * last / length), width: width)
        }
        start = end
      }
      position += length
    }
  }

  /// Draws a text whose first letter starts at `left` and whose baseline is at `baseline`, in pixels.
  mutating func text(
    _ text: String, _ color: Color, left: Int, baseline: Int, isBold: Bool = false
  ) {
    for (place, scalar) in GlyphFont.scalars(of: text).enumerated() {
      for (row, bits) in GlyphFont.rows(of: scalar).enumerated() {
        let bits = isBold ? bits | bits >> 1 : bits
        for column in 0..<GlyphFont.width where bits >> (GlyphFont.width - 1 - column) & 1 == 1 {
          blend(
            color, 1, x: left + place * GlyphFont.width + column,
            y: baseline - GlyphFont.ascent + row)
        }
      }
    }
  }

  /// Copies an image, each of whose pixels becomes a square of `factor` pixels.
  mutating func copy(_ image: Raster, left: Int, top: Int, factor: Int) {
    for y in 0..<image.height {
      for x in 0..<image.width {
        let first = (y * image.width + x) * image.channels
        let isGray = image.channels == 1
        fill(
          Color(
            red: image.pixels[first], green: image.pixels[first + (isGray ? 0 : 1)],
            blue: image.pixels[first + (isGray ? 0 : 2)]),
          left: left + x * factor, top: top + y * factor, width: factor, height: factor)
      }
    }
  }
}
