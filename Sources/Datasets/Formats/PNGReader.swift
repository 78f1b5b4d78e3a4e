import PNGBridge

/// Reads PNG files of every kind through libpng, as 8-bit gray or RGB.
///
/// - Gray values of 1, 2 and 4 bits are scaled to 0…255. Of 16 bits, the upper 8 are taken.
/// - A palette gives RGB.
/// - Transparent pixels are blended with a background. Transparency is an alpha channel, or that of
///   a palette, or a transparent color.
/// - Gamma, profiles and other metadata are ignored.
public enum PNGReader {
  /// The number of bytes that ``header(_:)`` reads.
  static let headerCount = 29

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func decode(
    _ bytes: [UInt8], background: UInt8
  ) throws(ImageReadError) -> ImageReader.Decoded {
    let header = try header(bytes)
    let pixelCount = header.width * header.height
    var isTransparent: Int32 = 0
    // The bridge needs room for alpha, which it removes.
    let pixels = try ImageReader.pixels(
      count: pixelCount * (header.channels + 1), kept: pixelCount * header.channels,
      messageCapacity: Int(png_bridge_message_capacity), .png
    ) { pixels, message in
      png_bridge_decode(
        bytes, bytes.count, UInt32(header.width), UInt32(header.height), Int32(header.channels),
        background, pixels, &isTransparent, message) == 1
    }
    return ImageReader.Decoded(
      image: Image(
        width: header.width, height: header.height, channels: header.channels, pixels: pixels),
      isTransparent: isTransparent == 1)
  }

  /// The header at the start of `bytes`, a file or its beginning.
  static func header(_ bytes: [UInt8]) throws(ImageReadError) -> ImageReader.Header {
    guard bytes.starts(with: signature) else {
      // The first four bytes are right, but a program converted the line ends in the signature.
      let isSpoilt = bytes.starts(with: signature.prefix(4))
      let found = bytes.withUnsafeBufferPointer { ContentGuess.describe($0) }
      throw .notImage(found: isSpoilt ? "a PNG whose line ends were changed" : found)
    }
    guard bytes.count >= headerCount else { throw .damaged(.png, "the data ends early") }
    guard bytes[8..<16].elementsEqual([0, 0, 0, 13] + Array("IHDR".utf8)) else {
      throw .damaged(.png, "no header")
    }
    func number(_ start: Int) -> Int {
      bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let (width, height) = (number(16), number(20))
    try ImageReader.check(.png, width: width, height: height)
    let (depth, color) = (bytes[24], bytes[25])
    let depths: [UInt8]
    switch color {
    case 0: depths = [1, 2, 4, 8, 16]
    case 3: depths = [1, 2, 4, 8]
    case 2, 4, 6: depths = [8, 16]
    default: throw .damaged(.png, "the color type is \(color)")
    }
    guard depths.contains(depth) else {
      throw .damaged(.png, "\(depth) bits a channel for color type \(color)")
    }
    return ImageReader.Header(width: width, height: height, channels: color & 2 == 0 ? 1 : 3)
  }
}
