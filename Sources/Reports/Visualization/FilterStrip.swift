/// The filters of a convolution over the epochs of a training: as one picture, and as an animation.
public struct FilterStrip: Sendable {
  /// The filters at one time.
  public struct Frame: Sendable {
    /// `epoch 3`
    public let label: String
    public let image: Raster

    public init(label: String, image: Raster) { (self.label, self.image) = (label, image) }
  }

  private let title: String
  private let frames: [Frame]

  private static let margin = 12
  private static let widest = 1200

  /// - Parameter frames: at least one, all of one size.
  public init(title: String, frames: [Frame]) {
    precondition(!frames.isEmpty, "FilterStrip of no frames")
    self.title = title
    self.frames = frames
  }

  /// The frames side by side, each below its label.
  public var contactSheet: Raster {
    let images = frames.map { $0.image.reduced(toSide: 280) }
    let (width, height) = (images[0].width, images[0].height)
    let cellWidth = max(width, GlyphFont.width * 10) + Self.margin
    let cellHeight = GlyphFont.height + height + Self.margin
    let columns = max(1, min(frames.count, (Self.widest - Self.margin) / cellWidth))
    let rows = (frames.count + columns - 1) / columns
    var canvas = Canvas(
      width: Self.margin
        + max(columns * cellWidth, GlyphFont.scalars(of: title).count * GlyphFont.width),
      height: 2 * Self.margin + GlyphFont.height + rows * cellHeight)
    canvas.text(
      title, ChartStyle.ink.light, left: Self.margin, baseline: Self.margin + GlyphFont.ascent,
      isBold: true)
    for (index, frame) in frames.enumerated() {
      let left = Self.margin + index % columns * cellWidth
      let top = Self.margin + GlyphFont.height + 6 + index / columns * cellHeight
      canvas.text(
        frame.label, ChartStyle.ink.light, left: left, baseline: top + GlyphFont.ascent)
      canvas.copy(images[index], left: left, top: top + GlyphFont.height, factor: 1)
    }
    return canvas.raster
  }

  /// An animated PNG file with a frame for each time.
  public func animation() throws(PNGError) -> [UInt8] {
    let rasters = frames.map { frame in
      let image = frame.image.reduced(toSide: 600)
      let title = "\(title), \(frame.label)"
      var canvas = Canvas(
        width: 2 * Self.margin + max(image.width, (title.count + 4) * GlyphFont.width),
        height: 2 * Self.margin + GlyphFont.height + 6 + image.height)
      canvas.text(
        title, ChartStyle.ink.light, left: Self.margin,
        baseline: Self.margin + GlyphFont.ascent, isBold: true)
      canvas.copy(
        image, left: Self.margin, top: Self.margin + GlyphFont.height + 6, factor: 1)
      return canvas.raster
    }
    // Titles differ in their length.
    let width = rasters.map(\.width).max() ?? 1
    return try AnimatedPNG.encode(
      rasters.map { $0.widened(to: width) }, milliseconds: 400, lastMilliseconds: 2000)
  }
}

extension Raster {
  /// The image of three channels with white columns at its right.
  fileprivate func widened(to newWidth: Int) -> Raster {
    guard newWidth > width else { return self }
    var canvas = Canvas(width: newWidth, height: height)
    canvas.copy(self, left: 0, top: 0, factor: 1)
    return canvas.raster
  }
}
