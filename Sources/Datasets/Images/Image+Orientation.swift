extension Image {
  /// The upright image of one that was stored with EXIF's `orientation`.
  ///
  ///     1  as it is          2  mirrored left and right
  ///     3  turned by 180°    4  mirrored top and bottom
  ///     5  transposed        6  stored turned to the left: turn it to the right
  ///     7  transversed       8  stored turned to the right: turn it to the left
  ///
  /// - Precondition: `orientation` is from 1 to 8.
  func upright(from orientation: Int) -> Image {
    precondition((1...8).contains(orientation), "orientation \(orientation)")
    guard orientation > 1 else { return self }
    let isTurned = orientation > 4
    let (newWidth, newHeight) = isTurned ? (height, width) : (width, height)
    // The source of the pixel at the upper left corner, and the steps to those of the pixels to its
    // right and below.
    let row = width * channels
    let start: Int
    let (right, down): (Int, Int)
    let (lastColumn, lastRow) = ((width - 1) * channels, (height - 1) * row)
    switch orientation {
    case 2: (start, right, down) = (lastColumn, -channels, row)
    case 3: (start, right, down) = (lastRow + lastColumn, -channels, -row)
    case 4: (start, right, down) = (lastRow, channels, -row)
    case 5: (start, right, down) = (0, row, channels)
    case 6: (start, right, down) = (lastRow, -row, channels)
    case 7: (start, right, down) = (lastRow + lastColumn, -row, -channels)
    default: (start, right, down) = (lastColumn, row, -channels)
    }
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { output, count in
      pixels.withUnsafeBufferPointer { pixels in
        var place = 0
        for y in 0..<newHeight {
          var source = start + y * down
          for _ in 0..<newWidth {
            for channel in 0..<channels { output[place + channel] = pixels[source + channel] }
            place += channels
            source += right
          }
        }
      }
      count = pixels.count
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: turned)
  }
}
