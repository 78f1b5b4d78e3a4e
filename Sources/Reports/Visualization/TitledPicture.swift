import Terminal

/// A picture below its title and lines that explain it.
public struct TitledPicture: Sendable {
  private let picture: Raster
  private let title: String
  private let lines: [String]

  private static let margin = 16

  public init(_ picture: Raster, title: String, lines: [String]) {
    (self.picture, self.title, self.lines) = (picture, title, lines)
  }

  public var raster: Raster {
    let texts = [title] + lines
    let longest = texts.map { GlyphFont.scalars(of: $0).count }.max() ?? 0
    let top = Self.margin + texts.count * GlyphFont.height + 8
    var canvas = Canvas(
      width: 2 * Self.margin + max(picture.width, longest * GlyphFont.width),
      height: top + picture.height + Self.margin)
    for (number, text) in texts.enumerated() {
      canvas.text(
        text, ChartStyle.ink.light, left: Self.margin,
        baseline: Self.margin + GlyphFont.ascent + number * GlyphFont.height, isBold: number == 0)
    }
    canvas.copy(picture, left: Self.margin, top: top, factor: 1)
    return canvas.raster
  }
}

extension FilterSheet {
  /// The least and the greatest of the finite weights, as text.
  public static func figures(of weights: [Float]) -> (least: String, greatest: String) {
    let finite = weights.filter(\.isFinite)
    func text(_ value: Float?) -> String { Format.significant(Double(value ?? 0), digits: 3) }
    return (text(finite.min()), text(finite.max()))
  }
}
