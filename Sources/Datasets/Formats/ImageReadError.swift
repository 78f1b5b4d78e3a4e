/// Why a file is not an image that can be read.
public enum ImageReadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The data does not start like PNG or JPEG; `found` names the apparent kind of content.
  case notImage(found: String)
  case noPixels(ImageFormat, width: Int, height: Int)
  case tooLarge(ImageFormat, width: Int, height: Int)
  /// A kind of file that is not supported.
  case unsupported(ImageFormat, found: String, expected: String)
  /// The library's description of the error, or a similar one.
  case damaged(ImageFormat, String)

  public var description: String {
    switch self {
    case .notImage(let found):
      "not an image that is read (found \(found), expected a PNG or JPEG image)"
    case .noPixels(let format, let width, let height):
      "the \(format.rawValue) has no pixels (found \(width)×\(height), expected at least 1×1)"
    case .tooLarge(let format, let width, let height):
      "the \(format.rawValue) is too large (found \(width)×\(height), expected sides of at most "
        + "\(ImageReader.largestSide) and at most \(ImageReader.largestPixelCount) pixels)"
    case .unsupported(let format, let found, let expected):
      "this kind of \(format.rawValue) is not read (found \(found), expected \(expected))"
    case .damaged(let format, let reason): "damaged \(format.rawValue) data (\(reason))"
    }
  }

  /// The advice for the user.
  public var remedy: String {
    switch self {
    case .notImage, .unsupported: "Convert it, or remove it."
    case .tooLarge: "Make it smaller, or remove it."
    case .noPixels, .damaged: "Get the file again, or remove it."
    }
  }
}
