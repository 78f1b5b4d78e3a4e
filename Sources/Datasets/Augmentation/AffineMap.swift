/// The place in the old image of each point of a new image, both measured from the center:
///
///     x = xx·x′ + xy·y′ + x0        y = yx·x′ + yy·y′ + y0
///
/// in pixels, with y downward. Successive rotations, zooms, shears and shifts are combined into one
/// map, so the image is resampled once.
struct AffineMap: Equatable {
  var (xx, xy, x0) = (1.0, 0.0, 0.0)
  var (yx, yy, y0) = (0.0, 1.0, 0.0)

  /// Rotates the image counterclockwise.
  static func rotation(degrees: Double) -> AffineMap {
    let (sine, cosine) = (ExactMath.sine(degrees: degrees), ExactMath.cosine(degrees: degrees))
    var map = AffineMap()
    (map.xx, map.xy, map.yx, map.yy) = (cosine, -sine, sine, cosine)
    return map
  }

  /// Enlarges the image by `factor`.
  static func zoom(_ factor: Double) -> AffineMap {
    var map = AffineMap()
    (map.xx, map.yy) = (1 / factor, 1 / factor)
    return map
  }

  /// Moves each row to the right by `tan(degrees)` for each pixel below the center.
  static func shear(degrees: Double) -> AffineMap {
    var map = AffineMap()
    map.xy = -ExactMath.sine(degrees: degrees) / ExactMath.cosine(degrees: degrees)
    return map
  }

  /// Moves the image down by `dy` pixels and right by `dx`.
  static func shift(dy: Double, dx: Double) -> AffineMap {
    var map = AffineMap()
    (map.x0, map.y0) = (-dx, -dy)
    return map
  }

  /// The map of this change followed by `next`.
  func followed(by next: AffineMap) -> AffineMap {
    var map = AffineMap()
    map.xx = xx * next.xx + xy * next.yx
    map.xy = xx * next.xy + xy * next.yy
    map.x0 = xx * next.x0 + xy * next.y0 + x0
    map.yx = yx * next.xx + yy * next.yx
    map.yy = yx * next.xy + yy * next.yy
    map.y0 = yx * next.x0 + yy * next.y0 + y0
    return map
  }
}

extension ImageBytes {
  /// Computes this image from `source`, of the same size, by bilinear interpolation; pixels outside
  /// `source` are black.
  ///
  /// Coordinates are multiples of 2⁻³² pixels and interpolation weights multiples of 2⁻¹⁰, so all
  /// sums are exact. The result equals PyTorch's `affine_grid` and `grid_sample(mode="bilinear",
  /// padding_mode="zeros", align_corners=False)` up to one level of 255.
  ///
  /// - Parameter bend: displacements that are applied after the map: each pixel of the new image is looked up
  ///   in the mapped one at its displaced place.
  func resample(_ source: UnsafePointer<UInt8>, by map: AffineMap, bend: Bend? = nil) {
    // A constant number of channels makes the loop twice as fast.
    switch channels {
    case 1: resample(source, by: map, bend, channels: 1)
    case 3: resample(source, by: map, bend, channels: 3)
    default: resample(source, by: map, bend, channels: channels)
    }
  }

  /// A field with its drawn control points.
  typealias Bend = (field: ElasticField, controls: UnsafePointer<Int>)

  @inline(__always)
  private func resample(
    _ source: UnsafePointer<UInt8>, by map: AffineMap, _ bend: Bend?, channels: Int
  ) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * ElasticField.controls) { line in
      let line = line.baseAddress!
      resample(source, by: map, channels: channels) { y in
        if let bend { bend.field.combine(bend.controls, row: y, into: line) }
      } displacement: { x in
        bend?.field.displacement(line, column: x) ?? (0, 0)
      }
    }
  }

  /// - Parameters:
  ///   - startRow: called before the pixels of each row.
  ///   - displacement: that of a column of the row, in units of 2⁻¹⁶ pixels.
  @inline(__always)
  private func resample(
    _ source: UnsafePointer<UInt8>, by map: AffineMap, channels: Int, startRow: (_ y: Int) -> Void,
    displacement: (_ x: Int) -> (dy: Int, dx: Int)
  ) {
    let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    // The coordinates of the first pixel, and their change per column and per row.
    let startX = Self.fixed(middleX - map.xx * middleX - map.xy * middleY + map.x0)
    let startY = Self.fixed(middleY - map.yx * middleX - map.yy * middleY + map.y0)
    let (columnX, columnY) = (Self.fixed(map.xx), Self.fixed(map.yx))
    let (rowX, rowY) = (Self.fixed(map.xy), Self.fixed(map.yy))
    let stride = width * channels
    for y in 0..<height {
      var (sourceX, sourceY) = (startX + y * rowX, startY + y * rowY)
      let target = bytes + y * stride
      startRow(y)
      for x in 0..<width {
        let (dy, dx) = displacement(x)
        let placeX = sourceX + (columnX >> 16) * dx + (rowX >> 16) * dy
        let placeY = sourceY + (columnY >> 16) * dx + (rowY >> 16) * dy
        let (qx, qy) = ((placeX + 1 << 21) >> 22, (placeY + 1 << 21) >> 22)
        sourceX += columnX
        sourceY += columnY
        let (column, line) = (qx >> 10, qy >> 10)
        let (right, below) = (qx & 1023, qy & 1023)
        let (left, above) = (1024 - right, 1024 - below)
        let pixel = target + x * channels
        if column >= 0 && column < width - 1 && line >= 0 && line < height - 1 {
          let corner = source + line * stride + column * channels
          for channel in 0..<channels {
            let upper = left * Int(corner[channel]) + right * Int(corner[channels + channel])
            let lower =
              left * Int(corner[stride + channel])
              + right * Int(corner[stride + channels + channel])
            pixel[channel] = UInt8(
              truncatingIfNeeded: (above * upper + below * lower + 1 << 19) >> 20)
          }
        } else {
          for channel in 0..<channels {
            func value(_ line: Int, _ column: Int) -> Int {
              guard line >= 0 && line < height && column >= 0 && column < width else { return 0 }
              return Int(source[line * stride + column * channels + channel])
            }
            let upper = left * value(line, column) + right * value(line, column + 1)
            let lower = left * value(line + 1, column) + right * value(line + 1, column + 1)
            pixel[channel] = UInt8(
              truncatingIfNeeded: (above * upper + below * lower + 1 << 19) >> 20)
          }
        }
      }
    }
  }

  /// The nearest multiple of 2⁻³². Values beyond ±2¹⁸, which reach no pixel of an image, are limited, so that no
  /// sum overflows.
  private static func fixed(_ value: Double) -> Int {
    Int((min(max(value, -0x1p18), 0x1p18) * 0x1p32).rounded())
  }
}
