import Datasets
import WebServer

/// The images of a request, made inputs of the network.
struct RequestImages: Sendable {
  struct Item: Sendable {
    let name: String
    let image: Result<ImagePreparation.Prepared, HTTPProblem>
  }

  let items: [Item]

  /// The images that could be read.
  var prepared: [ImagePreparation.Prepared] { items.compactMap { try? $0.image.get() } }

  /// Reads the body: a PNG or JPEG file, a form with several, or JSON.
  ///
  /// - Throws: ``HTTPProblem`` if the body is none of these, or if no image in it can be read.
  init(
    _ request: HTTPRequest, _ preparation: ImagePreparation, _ limits: ImageLimits
  ) throws(HTTPProblem) {
    let body = request.body
    let type = request.head.headers["content-type"] ?? ""
    guard !body.isEmpty else {
      throw HTTPProblem(
        400, "The request has no body (expected an image). Send a PNG or JPEG file.")
    }
    if let boundary = MultipartBody.boundary(of: type) {
      var budget = limits.allPixels
      items = try MultipartBody.parts(of: body, boundary: boundary, limit: limits.images).map {
        Item(
          name: $0.name,
          image: Self.read($0.content, "\($0.name): ", preparation, limits, &budget))
      }
      guard !items.isEmpty else { throw HTTPProblem(400, "The form has no parts.") }
    } else if type.lowercased().hasPrefix("application/json") || Self.looksLikeJSON(body) {
      items = try PixelJSON.images(in: body, limit: limits.images).map {
        Item(name: $0.name, image: .success(preparation.prepare($0.image)))
      }
      guard !items.isEmpty else { throw HTTPProblem(400, "The list “images” is empty.") }
    } else {
      var budget = limits.allPixels
      items = [Item(name: "-", image: Self.read(body, "", preparation, limits, &budget))]
    }
    // One unreadable image among several is told in its place.
    if prepared.isEmpty, case .failure(let problem) = items[0].image {
      guard items.count > 1 else { throw problem }
      throw HTTPProblem(problem.status, "No image can be read. \(problem)")
    }
  }

  private static func looksLikeJSON(_ body: [UInt8]) -> Bool {
    let first = body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// Reads an image file.
  ///
  /// - Parameters:
  ///   - place: what stands before a message.
  ///   - budget: the number of pixels that the request may still have.
  private static func read(
    _ bytes: [UInt8], _ place: String, _ preparation: ImagePreparation, _ limits: ImageLimits,
    _ budget: inout Int
  ) -> Result<ImagePreparation.Prepared, HTTPProblem> {
    do throws(ImageReadError) {
      if let size = try ImageReader.size(bytes) {
        let count = size.width * size.height
        guard count <= min(limits.pixels, budget) else {
          return .failure(
            HTTPProblem(
              413,
              "\(place)the image is too large (found \(size.width)×\(size.height), expected at most "
                + "\(limits.pixels) pixels, and \(limits.allPixels) in all images). Make it smaller, "
                + "or remove it."))
        }
        budget -= count
      }
      return .success(try preparation.prepare(bytes))
    } catch {
      return .failure(HTTPProblem(status(of: error), "\(place)\(error). \(error.remedy)"))
    }
  }

  private static func status(of error: ImageReadError) -> Int {
    switch error {
    case .notImage, .unsupported: 415
    case .tooLarge: 413
    case .noPixels, .damaged: 400
    }
  }
}
