import PNGBridge

/// The reason that an image could not be encoded as PNG.
public enum PNGError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The image's width, height or number of pixels is too large.
  case tooLarge(width: Int, height: Int)
  /// libpng failed, with its reason.
  case encodingFailed(String)

  public var description: String {
    switch self {
    case .tooLarge(let width, let height):
      "an image of \(width)×\(height) pixels is too large for a PNG"
    case .encodingFailed(let reason): "writing the PNG failed (\(reason))"
    }
  }
}

/// The PNG file format, through libpng.
public enum PNG {
  /// The bytes of a PNG file of `raster`, with 8 bits for each channel.
  ///
  /// The file has no time, text or software name, so equal images give equal bytes with one version of
  /// libpng and zlib.
  public static func encode(_ raster: Raster) throws(PNGError) -> [UInt8] {
    guard
      let width = UInt32(exactly: raster.width), let height = UInt32(exactly: raster.height),
      case let capacity = png_bridge_capacity(width, height, Int32(raster.channels)), capacity > 0
    else { throw .tooLarge(width: raster.width, height: raster.height) }

    var message = [CChar](repeating: 0, count: Int(png_bridge_message_capacity))
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = png_bridge_encode(
        raster.pixels, width, height, Int32(raster.channels), buffer.baseAddress!, capacity,
        &message)
    }
    guard !bytes.isEmpty else {
      let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .encodingFailed(String(decoding: reason, as: UTF8.self))
    }
    return bytes
  }
}
