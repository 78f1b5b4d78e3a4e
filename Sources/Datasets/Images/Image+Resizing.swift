extension Image {
  /// The image resized to the bits of Pillow's `Image.resize` with `BILINEAR`, first to the new
  /// width and then to the new height.
  ///
  /// Along each axis an output pixel is a weighted mean of the input pixels under a triangle around
  /// its center. The triangle extends by one input pixel to each side. If the image shrinks, the
  /// triangle extends by the number of input pixels per output pixel, so that every input pixel
  /// counts. Weights are fixed-point numbers with 22 fractional bits. Values are rounded to bytes
  /// between the two axes.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(newWidth > 0 && newHeight > 0, "resized to \(newWidth)×\(newHeight)")
    let wide = newWidth == width ? self : resizedAcross(to: newWidth)
    return newHeight == height ? wide : wide.resizedDown(to: newHeight)
  }

  private func resizedAcross(to newWidth: Int) -> Image {
    var output = [UInt8](repeating: 0, count: newWidth * height * channels)
    for (x, window) in Window.all(from: width, to: newWidth).enumerated() {
      for y in 0..<height {
        for channel in 0..<channels {
          output[(y * newWidth + x) * channels + channel] = window.mean { step in
            pixels[(y * width + window.start + step) * channels + channel]
          }
        }
      }
    }
    return Image(width: newWidth, height: height, channels: channels, pixels: output)
  }

  private func resizedDown(to newHeight: Int) -> Image {
    let row = width * channels
    var output = [UInt8](repeating: 0, count: newHeight * row)
    for (y, window) in Window.all(from: height, to: newHeight).enumerated() {
      for x in 0..<row {
        output[y * row + x] = window.mean { step in pixels[(window.start + step) * row + x] }
      }
    }
    return Image(width: width, height: newHeight, channels: channels, pixels: output)
  }

  /// The input pixels of one output pixel along an axis.
  private struct Window {
    let start: Int
    /// The weights, whose sum is 1 up to rounding.
    let weights: [Int]

    private static let fractionBits = 22

    static func all(from: Int, to: Int) -> [Window] {
      let scale = Double(from) / Double(to)
      let reach = max(scale, 1)
      return (0..<to).map { place in
        let middle = (Double(place) + 0.5) * scale
        let start = max(0, Int(middle - reach + 0.5))
        let end = min(from, Int(middle + reach + 0.5))
        let heights = (start..<end).map { pixel in
          max(0, 1 - abs((Double(pixel) - middle + 0.5) * (1 / reach)))
        }
        var sum = 0.0
        for height in heights { sum += height }
        return Window(
          start: start,
          weights: heights.map { Int(0.5 + ($0 / sum) * Double(1 << fractionBits)) })
      }
    }

    /// The weighted mean of the pixels that `value` returns, rounded.
    @inline(__always)
    func mean(_ value: (Int) -> UInt8) -> UInt8 {
      var sum = 1 << (Self.fractionBits - 1)
      for (step, weight) in weights.enumerated() { sum += Int(value(step)) * weight }
      return UInt8(clamping: sum >> Self.fractionBits)
    }
  }
}
