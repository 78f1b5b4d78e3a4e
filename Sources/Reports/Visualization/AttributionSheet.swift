import Visualization

/// A picture of an attribution: the image, the map, and the map over the image, with a scale.
public struct AttributionSheet: Sendable {
  private let image: Raster
  private let map: AttributionMap
  private let title: String
  private let lines: [String]

  private static let side = 280
  private static let margin = 16
  private static let gap = 20

  /// - Parameters:
  ///   - map: of the image's size.
  ///   - title: the method.
  ///   - lines: what else the reader must know.
  public init(image: Raster, map: AttributionMap, title: String, lines: [String]) {
    precondition(
      image.height == map.height && image.width == map.width,
      "a map of \(map.height)×\(map.width) on an image of \(image.height)×\(image.width)")
    (self.image, self.map, self.title, self.lines) = (image, map, title, lines)
  }

  public var raster: Raster {
    let factor = max(1, Self.side / max(image.width, image.height))
    let (width, height) = (image.width * factor, image.height * factor)
    let panels = 3 * width + 2 * Self.gap
    var (canvas, top) = Canvas.titled(
      [title] + lines, width: panels + Self.gap + Canvas.scaleWidth,
      height: height + 6 + GlyphFont.height, margin: Self.margin)
    let scale = ValueScale(map.values)
    let value = { (row: Int, column: Int) in map.values[row * map.width + column] }
    for (number, name) in ["image", "map", "map over image"].enumerated() {
      let left = Self.margin + number * (width + Self.gap)
      switch number {
      case 0: canvas.copy(image, left: left, top: top, factor: factor)
      case 1:
        canvas.values(
          height: map.height, width: map.width, scale, left: left, top: top, factor: factor,
          value: value)
      default:
        canvas.overlay(image, scale, left: left, top: top, factor: factor, value: value)
      }
      canvas.text(
        name, ChartStyle.ink.light,
        left: left + (width - GlyphFont.scalars(of: name).count * GlyphFont.width) / 2,
        baseline: top + height + 6 + GlyphFont.ascent)
    }
    canvas.scale(
      scale, left: Self.margin + panels + Self.gap, top: top, height: height)
    return canvas.raster
  }
}
