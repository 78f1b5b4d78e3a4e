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

  /// The image in one channel. The gray of a color is `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601),
  /// to the bits of Pillow.
  public var gray: Image {
    guard channels == 3 else { return self }
    let count = width * height
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      self.pixels.withUnsafeBufferPointer { pixels in
        for index in 0..<count {
          let (red, green) = (Int(pixels[3 * index]), Int(pixels[3 * index + 1]))
          let blue = Int(pixels[3 * index + 2])
          output[index] = UInt8((19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16)
        }
      }
      initialized = count
    }
    return Image(width: width, height: height, channels: 1, pixels: pixels)
  }

  /// The image scaled to fit a square of `side` pixels, centered, with black borders. An image of
  /// that size is returned unchanged.
  public func fitted(into side: Int) -> Image { fitted(width: side, height: side) }

  /// The image scaled to fit a frame, centered, with black borders. An image of that size is returned
  /// unchanged.
  ///
  /// One side fills the frame, and the other one keeps its ratio, rounded. If the number of black
  /// lines is odd, the larger part is at the right or the bottom.
  public func fitted(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(newWidth > 0 && newHeight > 0, "fitted(width: \(newWidth), height: \(newHeight))")
    guard width != newWidth || height != newHeight else { return self }
    let inner: Image
    if newWidth * height <= newHeight * width {
      let share = max(1, (2 * height * newWidth + width) / (2 * width))
      inner = resized(width: newWidth, height: share)
    } else {
      let share = max(1, (2 * width * newHeight + height) / (2 * height))
      inner = resized(width: share, height: newHeight)
    }
    return inner.placed(
      left: (newWidth - inner.width) / 2, top: (newHeight - inner.height) / 2, width: newWidth,
      height: newHeight)
  }

  /// The image within a black frame.
  ///
  /// - Precondition: the image fits into the frame at that place.
  func placed(left: Int, top: Int, width newWidth: Int, height newHeight: Int) -> Image {
    precondition(
      left >= 0 && top >= 0 && left + width <= newWidth && top + height <= newHeight,
      "placed(left: \(left), top: \(top))")
    var pixels = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
    let row = width * channels
    for y in 0..<height {
      let start = ((top + y) * newWidth + left) * channels
      pixels.replaceSubrange(start..<start + row, with: self.pixels[y * row..<(y + 1) * row])
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: pixels)
  }

  /// A rectangle of the image.
  ///
  /// - Precondition: neither range is empty.
  func cropped(rows: Range<Int>, columns: Range<Int>) -> Image {
    let pixels = rows.flatMap { y in
      self.pixels[
        (y * width + columns.lowerBound) * channels..<(y * width + columns.upperBound) * channels]
    }
    return Image(width: columns.count, height: rows.count, channels: channels, pixels: pixels)
  }
}
