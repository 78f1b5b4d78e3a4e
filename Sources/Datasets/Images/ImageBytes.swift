/// The bytes of one image, `[height, width, channels]`, and the operations of augmentation.
///
/// All numbers are whole: a factor is a multiple of 2⁻¹⁶, and a result is rounded to the nearest
/// byte, halves up.
struct ImageBytes {
  let height: Int
  let width: Int
  let channels: Int
  let bytes: UnsafeMutablePointer<UInt8>

  var count: Int { height * width * channels }

  /// Mirrors left and right.
  func flip() {
    for y in 0..<height {
      let row = bytes + y * width * channels
      var (left, right) = (row, row + (width - 1) * channels)
      while left < right {
        for channel in 0..<channels { swap(&left[channel], &right[channel]) }
        left += channels
        right -= channels
      }
    }
  }

  /// Moves `source` down by `dy` and right by `dx`:
  ///
  ///     y[i, j] = x[i − dy, j − dx]
  ///
  /// - Precondition: with reflection the distances are less than the extents.
  func translate(
    _ source: UnsafePointer<UInt8>, dy: Int, dx: Int, _ padding: Augmentation.Padding
  ) {
    // The columns whose source is inside the row.
    let inside = (dx..<width + dx).clamped(to: 0..<width)
    for y in 0..<height {
      let target = bytes + y * width * channels
      guard let line = Self.place(y - dy, of: height, padding) else {
        target.update(repeating: 0, count: width * channels)
        continue
      }
      let row = source + line * width * channels
      (target + inside.lowerBound * channels).update(
        from: row + (inside.lowerBound - dx) * channels, count: inside.count * channels)
      for x in 0..<width where !inside.contains(x) {
        let column = Self.place(x - dx, of: width, padding)
        for channel in 0..<channels {
          target[x * channels + channel] = column.map { row[$0 * channels + channel] } ?? 0
        }
      }
    }
  }

  /// The coordinate of the source of the pixel at `place`; nil for black.
  @inline(__always)
  private static func place(_ place: Int, of extent: Int, _ padding: Augmentation.Padding) -> Int? {
    if place >= 0 && place < extent { return place }
    guard padding == .reflect else { return nil }
    return place < 0 ? -place : 2 * (extent - 1) - place
  }

  /// Fills a rectangle with a color, clipped to the image.
  func fill(
    rows: Range<Int>, columns: Range<Int>, with color: UnsafePointer<UInt8>
  ) {
    for y in rows.clamped(to: 0..<height) {
      for x in columns.clamped(to: 0..<width) {
        for channel in 0..<channels {
          bytes[(y * width + x) * channels + channel] = color[channel]
        }
      }
    }
  }

  /// Multiplies each pixel's distance from `center` by a factor, `y = center + factor·(x −
  /// center)`.
  ///
  /// - Parameter factor: in units of 2⁻¹⁶, from 0 to 2.
  func stretch(by factor: Int, about center: Int) {
    let (factor, offset) = (Int32(factor), Int32(center * (65_536 - factor) + 32_768))
    for i in 0..<count {
      bytes[i] = UInt8(clamping: (Int32(bytes[i]) &* factor &+ offset) >> 16)
    }
  }

  /// The mean of the gray image, rounded. The gray of a color is `0.299 R + 0.587 G + 0.114 B`
  /// (ITU-R BT.601), as in Pillow.
  var meanGray: Int {
    var sum = 0
    if channels == 3 {
      for i in stride(from: 0, to: count, by: 3) {
        sum +=
          (19_595 * Int(bytes[i]) + 38_470 * Int(bytes[i + 1]) + 7_471 * Int(bytes[i + 2])
            + 32_768) >> 16
      }
    } else {
      for i in stride(from: 0, to: count, by: channels) { sum += Int(bytes[i]) }
    }
    let pixels = height * width
    return (sum + pixels / 2) / pixels
  }

  /// `y = share·x + (1 − share)·other`.
  ///
  /// - Parameter share: in units of 2⁻¹⁶.
  func mix(with other: UnsafePointer<UInt8>, share: Int) {
    let (share, rest) = (UInt32(share), UInt32(65_536 - share))
    for i in 0..<count {
      bytes[i] = UInt8(
        truncatingIfNeeded: (UInt32(bytes[i]) &* share &+ UInt32(other[i]) &* rest &+ 32_768) >> 16)
    }
  }

  /// Replaces a rectangle by that of another image of the same size.
  func paste(_ other: UnsafePointer<UInt8>, rows: Range<Int>, columns: Range<Int>) {
    guard !columns.isEmpty else { return }
    for y in rows {
      let first = (y * width + columns.lowerBound) * channels
      (bytes + first).update(from: other + first, count: columns.count * channels)
    }
  }
}
