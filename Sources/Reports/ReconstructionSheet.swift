/// An image of an autoencoder's inputs and reconstructions.
///
///     originals, reconstructions  [count, height, width, channels]
///
/// Each row of up to ``columns`` originals lies above the row of their reconstructions. Gray lines of one
/// pixel divide the images. A line of three pixels divides a row of reconstructions from the next originals.
/// The sheet is enlarged by the greatest whole factor that keeps its width within 900 pixels.
public struct ReconstructionSheet: Sendable {
  /// The greatest number of images in a row.
  public static let columns = 10

  private static let line: UInt8 = 128
  private static let widest = 900

  /// The image before enlargement.
  let plain: Raster

  /// - Parameters:
  ///   - originals: `[count, height, width, channels]`, at least one image.
  ///   - reconstructions: the same number of images.
  ///   - channels: 1 or 3.
  public init(
    originals: [UInt8], reconstructions: [UInt8], height: Int, width: Int, channels: Int
  ) {
    let size = height * width * channels
    let count = originals.count / size
    precondition(
      count > 0 && originals.count == count * size && reconstructions.count == count * size,
      "ReconstructionSheet: \(originals.count) and \(reconstructions.count) values for images of "
        + "\(height)×\(width)×\(channels)")
    let columns = min(count, Self.columns)
    let rows = (count + columns - 1) / columns
    let fullWidth = columns * (width + 1) - 1
    let pairHeight = 2 * height + 1
    let fullHeight = rows * (pairHeight + 3) - 3
    var pixels = [UInt8](repeating: Self.line, count: fullWidth * fullHeight * channels)
    for (part, images) in [originals, reconstructions].enumerated() {
      for index in 0..<count {
        let left = index % columns * (width + 1)
        let top = index / columns * (pairHeight + 3) + part * (height + 1)
        for y in 0..<height {
          let source = index * size + y * width * channels
          let target = ((top + y) * fullWidth + left) * channels
          pixels.replaceSubrange(
            target..<target + width * channels,
            with: images[source..<source + width * channels])
        }
      }
    }
    plain = Raster(width: fullWidth, height: fullHeight, channels: channels, pixels: pixels)
  }

  /// The image, enlarged.
  public var raster: Raster { plain.enlarged(by: max(1, Self.widest / plain.width)) }
}
