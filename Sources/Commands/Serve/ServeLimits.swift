import ArgumentParser
import Serving
import WebServer

/// The flags of `serve` for what clients may demand.
struct ServeLimits: ParsableArguments {
  @Option(help: ArgumentHelp("The size of a request's body.", valueName: "MiB"))
  var maxBody = 16
  @Option(help: ArgumentHelp("The size of a request's header.", valueName: "KiB"))
  var maxHeader = 16
  @Option(help: "The number of images in a request.")
  var maxImages = 256
  @Option(
    help: ArgumentHelp("The size of an image in millions of pixels.", valueName: "megapixels"))
  var maxPixels = 16
  @Option(help: "The number of connections.")
  var maxConnections = 256
  @Option(help: "The number of requests that wait or are computed.")
  var maxQueue = 128
  @Option(help: ArgumentHelp("The time for a request's header to arrive.", valueName: "seconds"))
  var headerTimeout = 10.0
  @Option(help: ArgumentHelp("The time for a request's body to arrive.", valueName: "seconds"))
  var bodyTimeout = 30.0
  @Option(
    help: ArgumentHelp(
      "The time that a connection is kept without a request.", valueName: "seconds"))
  var idleTimeout = 60.0
  @Option(
    help: ArgumentHelp(
      "The time for requests to be completed after a signal.", valueName: "seconds"))
  var stopTimeout = 10.0

  func validate() throws {
    for (name, value, most) in [
      ("max-body", maxBody, 1024), ("max-header", maxHeader, 1024),
      ("max-images", maxImages, 65_536),
      ("max-pixels", maxPixels, 67), ("max-connections", maxConnections, 10_000),
      ("max-queue", maxQueue, 100_000),
    ] {
      guard (1...most).contains(value) else {
        throw ValidationError("--\(name): invalid value (found “\(value)”, expected 1 to \(most)).")
      }
    }
    for (name, value) in [
      ("header-timeout", headerTimeout), ("body-timeout", bodyTimeout),
      ("idle-timeout", idleTimeout), ("stop-timeout", stopTimeout),
    ] {
      guard value > 0, value <= 3600 else {
        throw ValidationError(
          "--\(name): invalid value (found “\(value)”, expected more than 0 and at most 3600 seconds)."
        )
      }
    }
  }

  var ofServer: ServerLimits {
    var limits = ServerLimits()
    limits.bodyBytes = maxBody << 20
    limits.allBodyBytes = max(limits.allBodyBytes, 2 * limits.bodyBytes)
    limits.headBytes = maxHeader << 10
    limits.connections = maxConnections
    limits.headSeconds = headerTimeout
    limits.bodySeconds = bodyTimeout
    limits.idleSeconds = idleTimeout
    limits.stopSeconds = stopTimeout
    return limits
  }

  var ofImages: ImageLimits {
    var limits = ImageLimits()
    limits.images = maxImages
    limits.pixels = maxPixels * 1_000_000
    limits.requests = maxQueue
    return limits
  }
}
