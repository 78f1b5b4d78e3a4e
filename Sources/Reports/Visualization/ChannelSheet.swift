import Terminal
import Visualization

/// A picture of the images in which channels of a layer are most active: a row for each channel.
public struct ChannelSheet: Sendable {
  /// An image with the activation of the channel.
  public struct Cell: Sendable {
    public let image: Raster
    /// The line below the image.
    public let caption: String
    /// The channel's activation over the image; nil for a feature without places.
    public let map: AttributionMap?

    public init(image: Raster, caption: String, map: AttributionMap?) {
      (self.image, self.caption, self.map) = (image, caption, map)
    }
  }

  public struct Row: Sendable {
    public let name: String
    /// Empty for a channel that is active in no image.
    public let cells: [Cell]

    public init(name: String, cells: [Cell]) { (self.name, self.cells) = (name, cells) }
  }

  private let title: String
  private let rows: [Row]

  private static let side = 84
  private static let margin = 12

  public init(title: String, rows: [Row]) {
    precondition(!rows.isEmpty, "ChannelSheet without rows")
    (self.title, self.rows) = (title, rows)
  }

  public var raster: Raster {
    let images = rows.flatMap { $0.cells.map(\.image) }
    let longest = images.map { max($0.width, $0.height) }.max() ?? Self.side
    let factor = max(1, Self.side / longest)
    let side = max(longest * factor, Self.side)
    let hasMaps = rows.contains { $0.cells.contains { $0.map != nil } }
    let cellWidth = max(side, 11 * GlyphFont.width) + 8
    let cellHeight = (hasMaps ? 2 : 1) * (side + 2) + GlyphFont.height + 10
    // A channel that is active in no image needs a line only.
    let heights = rows.map { $0.cells.isEmpty ? GlyphFont.height + 10 : cellHeight }
    let names =
      (rows.map { GlyphFont.scalars(of: $0.name).count }.max() ?? 0) * GlyphFont.width + 12
    let columns = max(1, rows.map(\.cells.count).max() ?? 1)
    var (canvas, top) = Canvas.titled(
      [title], width: names + columns * cellWidth, height: heights.reduce(0, +),
      margin: Self.margin)
    let ink = ChartStyle.ink.light
    var y = top
    for (row, height) in zip(rows, heights) {
      defer { y += height }
      let baseline = y + (row.cells.isEmpty ? GlyphFont.ascent : side / 2 + 5)
      canvas.text(row.name, ink, left: Self.margin, baseline: baseline)
      if row.cells.isEmpty {
        canvas.text("active in no image", ink, left: Self.margin + names, baseline: baseline)
      }
      let scale = ValueScale(row.cells.flatMap { $0.map?.values ?? [] })
      for (place, cell) in row.cells.enumerated() {
        let x = Self.margin + names + place * cellWidth
        canvas.copy(cell.image, left: x, top: y, factor: factor)
        if let map = cell.map {
          canvas.overlay(cell.image, scale, left: x, top: y + side + 2, factor: factor) {
            map.values[$0 * map.width + $1]
          }
        }
        canvas.text(
          ReportText.shortened(cell.caption, to: (cellWidth - 4) / GlyphFont.width), ink, left: x,
          baseline: y + cellHeight - 10 - GlyphFont.height + GlyphFont.ascent)
      }
    }
    return canvas.raster
  }
}
