/// An image of 8-bit gray or RGB pixels.
///
///     pixels  [height, width, channels]
public struct Image: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 for gray, 3 for red, green and blue.
  public let channels: Int
  public let pixels: [UInt8]

  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && (channels == 1 || channels == 3)
        && pixels.count == width * height * channels,
      "Image: \(pixels.count) values for \(width)×\(height) pixels of \(channels) channels")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The image in three channels: gray becomes red, green and blue of equal value.
  public var colored: Image {
    guard channels == 1 else { return self }
    var pixels = [UInt8](repeating: 0, count: 3 * self.pixels.count)
    for (index, value) in self.pixels.enumerated() {
      for channel in 0..<3 { pixels[3 * index + channel] = value }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
  }

  /// The image scaled to fit a square of `side` pixels, centered, with black borders. An image of
  /// that size is returned unchanged.
  ///
  /// The longer side fills the square, and the shorter side keeps its ratio, rounded. If the number
  /// of black lines is odd, the larger part is at the right or the bottom.
  public func fitted(into side: Int) -> Image {
    precondition(side > 0, "fitted(into: \(side))")
    guard width != side || height != side else { return self }
    let longer = max(width, height)
    func share(_ extent: Int) -> Int { max(1, (2 * extent * side + longer) / (2 * longer)) }
    let inner = resized(width: share(width), height: share(height))
    var pixels = [UInt8](repeating: 0, count: side * side * channels)
    let (left, top) = ((side - inner.width) / 2, (side - inner.height) / 2)
    let row = inner.width * channels
    for y in 0..<inner.height {
      let start = ((top + y) * side + left) * channels
      pixels.replaceSubrange(start..<start + row, with: inner.pixels[y * row..<(y + 1) * row])
    }
    return Image(width: side, height: side, channels: channels, pixels: pixels)
  }
}
