import Terminal

/// A picture of one layer's output for one image: a tile for each channel, or a square for each feature. A
/// few features are bars with names.
public struct ActivationSheet: Sendable {
  private let name: String
  private let height: Int
  private let width: Int
  private let channels: Int
  private let values: [Float]
  private let names: [String]?

  private static let margin = 16
  private static let widest = 1000
  /// The greatest number of tiles.
  public static let mostTiles = 256
  private static let mostBars = 40

  /// - Parameters:
  ///   - shape: the output's extents for one example: height, width and channels, or the number of features.
  ///   - values: `[height, width, channels]`
  ///   - names: the name of each feature, for bars.
  public init(layer name: String, shape: [Int], values: [Float], names: [String]? = nil) {
    precondition(
      (shape.count == 1 || shape.count == 3) && shape.reduce(1, *) == values.count,
      "ActivationSheet: \(values.count) values of shape \(shape)")
    self.name = name
    (height, width, channels) = shape.count == 3 ? (shape[0], shape[1], shape[2]) : (1, 1, shape[0])
    self.values = values
    self.names = names
  }

  private var heading: [String] {
    let extents =
      height * width == 1
      ? Format.counted(channels, "feature")
      : "\(Format.counted(channels, "channel")) of \(height) × \(width)"
    let zeros = Double(values.count { $0 == 0 }) / Double(values.count)
    func number(_ value: Float?) -> String {
      Format.significant(Double(value ?? 0), digits: 3)
    }
    return [
      "\(name): \(extents)",
      "\(number(values.min())) to \(number(values.max())), "
        + "\(Format.percent(zeros, decimals: 1)) zeros"
        + (channels > Self.mostTiles && height * width > 1
          ? ", the first \(Self.mostTiles) channels" : ""),
    ]
  }

  public var raster: Raster {
    if height * width == 1 { return channels <= Self.mostBars ? bars : squares }
    return tiles
  }

  private func canvas(width: Int, height: Int) -> (canvas: Canvas, top: Int) {
    Canvas.titled(heading, width: width, height: height, margin: Self.margin)
  }

  private var tiles: Raster {
    let shown = min(channels, Self.mostTiles)
    // Small outputs are enlarged, so that a tile has about 64 pixels.
    let factor = max(1, 64 / max(height, width))
    let (tileWidth, tileHeight) = (width * factor + 3, height * factor + 3)
    let most = max(1, (Self.widest - Canvas.scaleWidth - 20) / tileWidth)
    let columns = max(1, min(most, shown, Self.columns(shown, most: most)))
    let rows = (shown + columns - 1) / columns
    let gridHeight = max(rows * tileHeight, 96)
    var (canvas, top) = canvas(
      width: columns * tileWidth + 20 + Canvas.scaleWidth, height: gridHeight)
    let scale = ValueScale(values)
    for channel in 0..<shown {
      canvas.values(
        height: height, width: width, scale,
        left: Self.margin + channel % columns * tileWidth,
        top: top + channel / columns * tileHeight, factor: factor
      ) { row, column in values[(row * width + column) * channels + channel] }
    }
    canvas.scale(
      scale, left: Self.margin + columns * tileWidth + 20, top: top, height: min(gridHeight, 240))
    return canvas.raster
  }

  /// A number of columns that makes the grid about half as high as wide, and that divides the tiles if
  /// possible.
  private static func columns(_ count: Int, most: Int) -> Int {
    let ideal = Int((2 * Double(count)).squareRoot().rounded(.up))
    guard ideal < most else { return most }
    return (ideal..<min(2 * ideal, most + 1)).first { count % $0 == 0 } ?? ideal
  }

  private var squares: Raster {
    let side = 14
    let columns = min(64, max(16, Int(Double(2 * channels).squareRoot().rounded(.up))))
    let rows = (channels + columns - 1) / columns
    let gridHeight = max(rows * side, 96)
    var (canvas, top) = canvas(width: columns * side + 20 + Canvas.scaleWidth, height: gridHeight)
    let scale = ValueScale(values)
    for index in 0..<channels {
      canvas.fill(
        scale.color(of: values[index]), left: Self.margin + index % columns * side,
        top: top + index / columns * side, width: side - 1, height: side - 1)
    }
    canvas.scale(
      scale, left: Self.margin + columns * side + 20, top: top, height: min(gridHeight, 240))
    return canvas.raster
  }

  private var bars: Raster {
    let row = GlyphFont.height + 4
    let labels = (0..<channels).map { names?[$0] ?? "\($0)" }.map {
      ReportText.shortened($0, to: 20)
    }
    let longest = (labels.map { GlyphFont.scalars(of: $0).count }.max() ?? 0) * GlyphFont.width
    let length = 360
    let scale = ValueScale(values)
    let numbers = 9 * GlyphFont.width
    var (canvas, top) = canvas(width: longest + 12 + length + numbers, height: channels * row)
    let start = Self.margin + longest + 12
    let zero = start + Int((scale.position(of: 0) * Double(length)).rounded())
    let ink = ChartStyle.ink.light
    for index in 0..<channels {
      let (y, value) = (top + index * row, values[index])
      canvas.text(
        labels[index], ink,
        left: start - 12 - GlyphFont.scalars(of: labels[index]).count * GlyphFont.width,
        baseline: y + GlyphFont.ascent)
      let end = start + Int((scale.position(of: Double(value)) * Double(length)).rounded())
      canvas.fill(
        (value < 0 ? ChartStyle.train : .validation).light, left: min(zero, end), top: y + 2,
        width: max(1, abs(end - zero)), height: row - 6)
      canvas.text(
        Format.significant(Double(value), digits: 3), ink, left: start + length + 8,
        baseline: y + GlyphFont.ascent)
    }
    canvas.fill(
      ChartStyle.axis.light, left: zero, top: top - 2, width: 1, height: channels * row)
    return canvas.raster
  }
}
