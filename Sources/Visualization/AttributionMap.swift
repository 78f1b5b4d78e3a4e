/// A value for each pixel of an image: how much the pixel counts for an output.
///
///     values  [height, width]
public struct AttributionMap: Equatable, Sendable {
  public let height: Int
  public let width: Int
  public let values: [Float]

  public init(height: Int, width: Int, values: [Float]) {
    precondition(
      values.count == height * width, "\(values.count) values for \(height)×\(width) pixels")
    (self.height, self.width, self.values) = (height, width, values)
  }

  public var minimum: Float { values.min() ?? 0 }
  public var maximum: Float { values.max() ?? 0 }

  /// The map at another size, by bilinear interpolation. PyTorch's `interpolate` with `mode="bilinear"` and
  /// `align_corners=False`.
  ///
  /// The pixel at `i` of `n` has its middle at `(i + ½)·m/n − ½` in a map of `m` pixels. Positions before the
  /// first middle or behind the last take the value there.
  public func resized(height newHeight: Int, width newWidth: Int) -> AttributionMap {
    let rows = Self.positions(newHeight, of: height)
    let columns = Self.positions(newWidth, of: width)
    var resized: [Float] = []
    resized.reserveCapacity(newHeight * newWidth)
    for (top, bottom, down) in rows {
      for (left, right, along) in columns {
        let upper =
          values[top * width + left] * (1 - along) + values[top * width + right] * along
        let lower =
          values[bottom * width + left] * (1 - along) + values[bottom * width + right] * along
        resized.append(upper * (1 - down) + lower * down)
      }
    }
    return AttributionMap(height: newHeight, width: newWidth, values: resized)
  }

  /// For each of `count` pixels the two pixels of `size` around it, and the weight of the second.
  private static func positions(
    _ count: Int, of size: Int
  ) -> [(first: Int, second: Int, weight: Float)] {
    let scale = Float(size) / Float(count)
    return (0..<count).map { index in
      let position = max(0, (Float(index) + 0.5) * scale - 0.5)
      let first = min(Int(position), size - 1)
      return (first, min(first + 1, size - 1), position - Float(first))
    }
  }
}
