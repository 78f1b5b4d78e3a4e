extension Image {
  /// The image resized to the bits of Pillow's `Image.resize` with `BILINEAR`; see
  /// ``ImageResizer``.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    let resizer = ImageResizer(
      height: height, width: width, channels: channels, newHeight: newHeight, newWidth: newWidth)
    let resized = [UInt8](unsafeUninitializedCapacity: resizer.outputCount) { output, count in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, resizer.scratchCount)) {
        scratch in
        pixels.withUnsafeBufferPointer {
          resizer.resize(
            $0.baseAddress!, into: output.baseAddress!, scratch: scratch.baseAddress!)
        }
      }
      count = resizer.outputCount
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: resized)
  }
}
