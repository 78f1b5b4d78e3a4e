extension Raster {
  /// The image reduced by the least whole factor that makes its longer side at most `side` pixels.
  ///
  /// Each pixel is the mean of a square of pixels, rounded half up. Rows and columns at the end that fill no
  /// square are left out.
  public func reduced(toSide side: Int) -> Raster {
    precondition(side > 0, "Raster: reduced to \(side) pixels")
    let factor = (max(width, height) + side - 1) / side
    guard factor > 1 else { return self }
    let newWidth = max(1, width / factor)
    let newHeight = max(1, height / factor)
    var reduced: [UInt8] = []
    reduced.reserveCapacity(newWidth * newHeight * channels)
    for y in 0..<newHeight {
      let rows = y * factor..<min((y + 1) * factor, height)
      for x in 0..<newWidth {
        let columns = x * factor..<min((x + 1) * factor, width)
        let count = rows.count * columns.count
        for channel in 0..<channels {
          var sum = 0
          for row in rows {
            for column in columns {
              sum += Int(pixels[(row * width + column) * channels + channel])
            }
          }
          reduced.append(UInt8((2 * sum + count) / (2 * count)))
        }
      }
    }
    return Raster(width: newWidth, height: newHeight, channels: channels, pixels: reduced)
  }
}
