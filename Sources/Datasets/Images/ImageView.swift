/// A slightly changed image for test-time augmentation: the image moved, and then mirrored.
///
///     y[i, j] = x[i − shift, j − shift]
///
/// Pixels beyond the edge are mirrored, as `reflect` in PyTorch.
public struct ImageView: Equatable, Sendable {
  /// The distance in pixels, down and to the right.
  public let shift: Int
  /// True if left and right are exchanged.
  public let isMirrored: Bool

  public init(shift: Int = 0, isMirrored: Bool = false) {
    self.shift = shift
    self.isMirrored = isMirrored
  }

  /// The image as it is.
  public static let plain = ImageView()
}

extension ImageSet {
  /// Writes a view of the image at `index` to `output`, `[h, w, c]`.
  ///
  /// - Precondition: the image is larger than the view's shift.
  public func write(
    _ index: Int, as view: ImageView, into output: UnsafeMutablePointer<UInt8>
  ) {
    precondition(index >= 0 && index < count, "ImageSet: image \(index)")
    precondition(
      view.shift.magnitude < min(height, width), "ImageView: \(height)×\(width), \(view)")
    let image = ImageBytes(height: height, width: width, channels: channels, bytes: output)
    pixels.withUnsafeBufferPointer { pixels in
      let source = pixels.baseAddress! + index * imageCount
      if view.shift == 0 {
        output.update(from: source, count: imageCount)
      } else {
        image.translate(source, dy: view.shift, dx: view.shift, .reflect)
      }
    }
    if view.isMirrored { image.flip() }
  }
}
