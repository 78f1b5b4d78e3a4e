/// An image of 8-bit gray or RGB pixels.
///
///     pixels  [height, width, channels]
public struct Raster: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 for gray, 3 for red, green and blue.
  public let channels: Int
  public let pixels: [UInt8]

  /// An image of `pixels`, row by row from the top, without padding.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "Raster: \(width)×\(height) pixels")
    precondition(channels == 1 || channels == 3, "Raster: \(channels) channels, expected 1 or 3")
    precondition(
      pixels.count == width * height * channels,
      "Raster: \(pixels.count) values for \(width)×\(height) pixels of \(channels) channels")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The image with every pixel repeated `factor` times in both directions.
  public func enlarged(by factor: Int) -> Raster {
    precondition(factor > 0, "Raster: enlarged by \(factor)")
    guard factor > 1 else { return self }
    var enlarged: [UInt8] = []
    enlarged.reserveCapacity(pixels.count * factor * factor)
    for y in 0..<height {
      let rowStart = enlarged.count
      for x in 0..<width {
        let first = (y * width + x) * channels
        let pixel = pixels[first..<first + channels]
        for _ in 0..<factor { enlarged.append(contentsOf: pixel) }
      }
      let row = enlarged[rowStart...]
      for _ in 1..<factor { enlarged.append(contentsOf: row) }
    }
    return Raster(
      width: width * factor, height: height * factor, channels: channels, pixels: enlarged)
  }
}
