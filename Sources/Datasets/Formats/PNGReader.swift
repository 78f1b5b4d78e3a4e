import PNGBridge

/// Reads PNG files through libpng.
///
/// Supported are gray and RGB images with 8 bits per channel, not interlaced, of at most 4096×4096
/// pixels. The header is checked here, so libpng never reads other files.
public enum PNGReader {
  public static let largestSide = 4096
  public static let largestPixelCount = 1 << 24
  /// The maximum size of a file in bytes.
  public static let largestFileCount = 1 << 26

  /// The number of bytes that ``header(_:)`` reads.
  static let headerCount = 29

  /// The header's description of the image.
  struct Header: Equatable {
    let width: Int
    let height: Int
    let channels: Int
  }

  /// The image in the PNG file `bytes`.
  public static func image(_ bytes: [UInt8]) throws(PNGReadError) -> Image {
    let header = try header(bytes)
    var message = [CChar](repeating: 0, count: Int(png_bridge_message_capacity))
    var isWhole = false
    let count = header.width * header.height * header.channels
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      isWhole =
        png_bridge_decode(
          bytes, bytes.count, UInt32(header.width), UInt32(header.height), Int32(header.channels),
          buffer.baseAddress!, &message) == 1
      initialized = isWhole ? count : 0
    }
    guard isWhole else {
      let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .damaged(String(decoding: reason, as: UTF8.self))
    }
    return Image(
      width: header.width, height: header.height, channels: header.channels, pixels: pixels)
  }

  /// The header at the start of `bytes`, a file or its beginning.
  static func header(_ bytes: [UInt8]) throws(PNGReadError) -> Header {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    guard bytes.starts(with: signature) else {
      // The first four bytes are right, but a program converted the line ends in the signature.
      let isSpoilt = bytes.starts(with: signature.prefix(4))
      let found = bytes.withUnsafeBufferPointer { ContentGuess.describe($0) }
      throw .notPNG(found: isSpoilt ? "a PNG whose line ends were changed" : found)
    }
    guard bytes.count >= headerCount else { throw .damaged("the data ends early") }
    guard bytes[8..<16].elementsEqual([0, 0, 0, 13] + Array("IHDR".utf8)) else {
      throw .damaged("no header")
    }
    func number(_ start: Int) -> Int {
      bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let (width, height) = (number(16), number(20))
    guard width > 0 && height > 0 else { throw .noPixels(width: width, height: height) }
    guard width <= largestSide && height <= largestSide && width * height <= largestPixelCount
    else { throw .tooLarge(width: width, height: height) }
    let (depth, color, interlacing) = (bytes[24], bytes[25], bytes[28])
    switch color {
    case 0, 2: break
    case 3: throw .unsupported("a palette")
    case 4: throw .unsupported("gray with transparency")
    case 6: throw .unsupported("RGB with transparency")
    default: throw .damaged("the color type is \(color)")
    }
    guard depth == 8 else { throw .unsupported("\(depth) bits a channel") }
    guard interlacing == 0 else { throw .unsupported("interlacing") }
    return Header(width: width, height: height, channels: color == 0 ? 1 : 3)
  }
}

/// Why a PNG file could not be read.
public enum PNGReadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The data does not start like PNG; `found` names the apparent kind of content.
  case notPNG(found: String)
  case noPixels(width: Int, height: Int)
  case tooLarge(width: Int, height: Int)
  /// A kind of PNG that is not supported.
  case unsupported(String)
  /// libpng's description of the error, or a similar one.
  case damaged(String)

  public var description: String {
    switch self {
    case .notPNG(let found): "not a PNG (found \(found), expected a PNG image)"
    case .noPixels(let width, let height):
      "the PNG has no pixels (found \(width)×\(height), expected at least 1×1)"
    case .tooLarge(let width, let height):
      "the PNG is too large (found \(width)×\(height), "
        + "expected at most \(PNGReader.largestSide)×\(PNGReader.largestSide))"
    case .unsupported(let found):
      "this kind of PNG is not read (found \(found), expected gray or RGB of 8 bits a channel)"
    case .damaged(let reason): "damaged PNG data (\(reason))"
    }
  }

  /// The advice for the user.
  var remedy: String {
    switch self {
    case .notPNG, .unsupported: "Convert it, or remove it."
    case .tooLarge: "Make it smaller, or remove it."
    case .noPixels, .damaged: "Get the file again, or remove it."
    }
  }
}
