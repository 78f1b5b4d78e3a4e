/// The format of an image file, by its name for people.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png = "PNG"
  case jpeg = "JPEG"
}

/// Reads image files: PNG through libpng and JPEG through libjpeg-turbo.
///
/// The content decides the format, and not the file's name. Headers are checked here, so the
/// libraries never read files that are too large.
public enum ImageReader {
  /// The maximum width and height in pixels.
  public static let largestSide = 16_384
  public static let largestPixelCount = 1 << 26
  /// The maximum size of a file in bytes.
  public static let largestFileCount = 1 << 27

  /// The endings of the names of image files, in lower case.
  public static let nameEndings = [".png", ".jpg", ".jpeg"]

  /// True if the name of a file is that of an image.
  public static func isImage(name: String) -> Bool {
    let name = name.lowercased()
    return nameEndings.contains { name.hasSuffix($0) }
  }

  /// The header's description of an image.
  struct Header: Equatable {
    let width: Int
    let height: Int
    /// 1 for gray, 3 for colors; transparency does not count.
    let channels: Int
    /// The value of EXIF's orientation, 1 to 8; 1 for an upright image.
    var orientation = 1
  }

  /// A decoded image.
  struct Decoded: Equatable {
    let image: Image
    /// True if the background shows through a pixel.
    let isTransparent: Bool
  }

  /// The image in the file `bytes`, upright.
  ///
  /// - `background`: the value of every channel behind transparent pixels.
  public static func image(
    _ bytes: [UInt8], background: UInt8 = ImageOptions.defaultBackground
  ) throws(ImageReadError) -> Image {
    try decode(bytes, background: background).image
  }

  static func decode(
    _ bytes: [UInt8], background: UInt8
  ) throws(ImageReadError) -> Decoded {
    switch format(bytes) {
    case .jpeg: Decoded(image: try JPEGReader.image(bytes), isTransparent: false)
    case .png, nil: try PNGReader.decode(bytes, background: background)
    }
  }

  /// The header in `bytes`, a file or its beginning.
  ///
  /// - Returns: nil if the header of a JPEG file ends beyond `bytes`.
  static func header(_ bytes: [UInt8]) throws(ImageReadError) -> Header? {
    switch format(bytes) {
    case .jpeg: try JPEGReader.header(bytes)
    case .png, nil: try PNGReader.header(bytes)
    }
  }

  /// The width and height in the header of the file `bytes`; nil if the file ends in its header.
  public static func size(_ bytes: [UInt8]) throws(ImageReadError) -> (width: Int, height: Int)? {
    try header(bytes).map { ($0.width, $0.height) }
  }

  private static func format(_ bytes: [UInt8]) -> ImageFormat? {
    bytes.starts(with: JPEGReader.signature) ? .jpeg : nil
  }

  /// Throws unless an image of this size can be read.
  static func check(
    _ format: ImageFormat, width: Int, height: Int
  ) throws(ImageReadError) {
    guard width > 0 && height > 0 else { throw .noPixels(format, width: width, height: height) }
    guard width <= largestSide && height <= largestSide && width * height <= largestPixelCount
    else { throw .tooLarge(format, width: width, height: height) }
  }

  /// Calls `decode` with memory for `count` bytes, and returns the first `kept` of them.
  ///
  /// - `decode`: writes the pixels, and returns true, or false with a message of a C library.
  static func pixels(
    count: Int, kept: Int, messageCapacity: Int, _ format: ImageFormat,
    _ decode: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<CChar>) -> Bool
  ) throws(ImageReadError) -> [UInt8] {
    var message = [CChar](repeating: 0, count: messageCapacity)
    var isWhole = false
    var pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      isWhole = message.withUnsafeMutableBufferPointer {
        decode(buffer.baseAddress!, $0.baseAddress!)
      }
      initialized = isWhole ? kept : 0
    }
    guard isWhole else {
      let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .damaged(format, String(decoding: reason, as: UTF8.self))
    }
    if kept < count { pixels = Array(pixels) }
    return pixels
  }
}
