import WebServer

/// What a request may demand of the network.
public struct ImageLimits: Sendable {
  /// The maximum number of images in a request.
  public var images = 256
  /// The maximum number of pixels of an image.
  public var pixels = 1 << 24
  /// The maximum number of pixels of all images in a request.
  var allPixels: Int { 4 * pixels }
  /// The maximum number of requests that wait or are computed.
  public var requests = 128

  public init() {}

  static func tooMany(_ limit: Int) -> HTTPProblem {
    HTTPProblem(413, "The request has too many images (expected at most \(limit)).")
  }
}
