/// Resizes images of one size to another, to the bits of Pillow's `Image.resize` with `BILINEAR`,
/// first to the new width and then to the new height.
///
/// Along each axis an output pixel is a weighted mean of the input pixels under a triangle around
/// its center. The triangle extends by one input pixel to each side. If the image shrinks, the
/// triangle extends by the number of input pixels per output pixel, so that every input pixel
/// counts. Weights are fixed-point numbers with 22 fractional bits. Values are rounded to bytes
/// between the two axes.
public struct ImageResizer: Sendable {
  private let height: Int
  private let channels: Int
  public let newHeight: Int
  public let newWidth: Int
  private let width: Int
  private let across: ResizedAxis
  private let down: ResizedAxis

  /// - Precondition: positive extents.
  public init(height: Int, width: Int, channels: Int, newHeight: Int, newWidth: Int) {
    precondition(newWidth > 0 && newHeight > 0, "resized to \(newHeight)×\(newWidth)")
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.newHeight, self.newWidth) = (newHeight, newWidth)
    across = ResizedAxis(from: width, to: newWidth)
    down = ResizedAxis(from: height, to: newHeight)
  }

  /// The number of bytes of a resized image.
  public var outputCount: Int { newHeight * newWidth * channels }

  /// The number of bytes of scratch memory for ``resize(_:into:scratch:)``.
  public var scratchCount: Int { height * newWidth * channels }

  /// Resizes `source`, `[height, width, channels]`, to `output`, `[newHeight, newWidth, channels]`.
  ///
  /// - `scratch`: ``scratchCount`` bytes of arbitrary content.
  public func resize(
    _ source: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<UInt8>,
    scratch: UnsafeMutablePointer<UInt8>
  ) {
    let row = newWidth * channels
    var middle = source
    if newWidth != width {
      for y in 0..<height {
        across.resize(
          source + y * width * channels, channels, into: scratch + y * row)
      }
      middle = UnsafePointer(scratch)
    }
    if newHeight != height {
      down.resize(middle, row, into: output)
    } else {
      output.update(from: middle, count: outputCount)
    }
  }
}

/// The weights of the input pixels for each output pixel along an axis.
struct ResizedAxis: Sendable {
  private static let fractionBits: Int32 = 22
  private static let one = Double(1 << 22)

  /// The first input pixel of each output pixel.
  private let starts: [Int]
  /// The number of weights of each output pixel.
  private let taps: Int
  /// `[outputs, taps]`; their sum is 1 up to rounding.
  private let weights: [Int32]

  init(from: Int, to: Int) {
    let scale = Double(from) / Double(to)
    let reach = max(scale, 1)
    var windows: [(start: Int, weights: [Int32])] = []
    for place in 0..<to {
      let middle = (Double(place) + 0.5) * scale
      let start = max(0, Int(middle - reach + 0.5))
      let end = min(from, Int(middle + reach + 0.5))
      let heights = (start..<end).map { pixel in
        max(0, 1 - abs((Double(pixel) - middle + 0.5) * (1 / reach)))
      }
      var sum = 0.0
      for height in heights { sum += height }
      windows.append(
        (start, heights.map { Int32(0.5 + ($0 / sum) * Self.one) }))
    }
    let taps = windows.map(\.weights.count).max() ?? 0
    self.taps = taps
    // A window at the edge gets more input pixels, of weight 0, before its own.
    starts = windows.map { min($0.start, from - taps) }
    weights = zip(windows, starts).flatMap { window, start in
      let before = [Int32](repeating: 0, count: window.start - start)
      let after = [Int32](repeating: 0, count: taps - before.count - window.weights.count)
      return before + window.weights + after
    }
  }

  /// Writes the weighted means of `source`, `[inputs, count]`, to `output`, `[outputs, count]`.
  func resize(
    _ source: UnsafePointer<UInt8>, _ count: Int, into output: UnsafeMutablePointer<UInt8>
  ) {
    starts.withUnsafeBufferPointer { starts in
      weights.withUnsafeBufferPointer { weights in
        for place in 0..<starts.count {
          let first = source + starts[place] * count
          let target = output + place * count
          let weight = weights.baseAddress! + place * taps
          for x in 0..<count {
            // At most 255·2²² and the rounding of the weights, which is below 2³¹.
            var sum: Int32 = 1 << (Self.fractionBits - 1)
            for tap in 0..<taps { sum &+= Int32(first[tap * count + x]) &* weight[tap] }
            target[x] = UInt8(clamping: sum >> Self.fractionBits)
          }
        }
      }
    }
  }
}
