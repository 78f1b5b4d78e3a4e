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
    var (canvas, top) = Canvas.titled(
      [title] + lines, width: picture.width, height: picture.height, margin: Self.margin)
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
