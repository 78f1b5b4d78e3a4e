import Datasets
import Files
import WebServer

/// Images as JSON: `{"pixels": […]}`, or `{"images": [{"name": …, "pixels": […]}, …]}`.
///
/// Pixels are rows from top to bottom. A row is a list of gray values, or of lists of red, green and
/// blue, each a whole number of 0…255.
enum PixelJSON {
  struct NamedImage: Equatable {
    let name: String
    let image: Image
  }

  /// The maximum number of values in a body; each takes some dozen bytes of memory.
  static let valueLimit = 1 << 20

  /// - Throws: ``HTTPProblem`` that says where something else was found.
  static func images(
    in body: [UInt8], limit: Int
  ) throws(HTTPProblem) -> [NamedImage] {
    let json: CanonicalJSON
    do throws(StrictJSONError) {
      json = try StrictJSON.parse(body[...], valueLimit: valueLimit)
    } catch {
      if case .tooMany(let limit) = error.problem {
        throw HTTPProblem(
          413,
          "The JSON has too many values (expected at most \(limit)). Send a PNG or JPEG file, or "
            + "fewer images.")
      }
      throw HTTPProblem(400, "The body is no JSON: \(error).")
    }
    if let pixels = json["pixels"] {
      try checkKeys(json, ["pixels", "name"], at: "the body")
      return [
        .init(name: try name(json, at: "name") ?? "-", image: try image(pixels, at: "pixels"))
      ]
    }
    guard case .array(let items) = json["images"] else {
      throw HTTPProblem(
        400,
        "The JSON has no images (expected {\"pixels\": [[…]]} or {\"images\": [{\"pixels\": …}]}).")
    }
    try checkKeys(json, ["images"], at: "the body")
    guard items.count <= limit else { throw ImageLimits.tooMany(limit) }
    var images: [NamedImage] = []
    for (number, item) in items.enumerated() {
      let place = "images[\(number)]"
      try checkKeys(item, ["pixels", "name"], at: place)
      guard let pixels = item["pixels"] else {
        throw HTTPProblem(400, "\(place) has no “pixels”.")
      }
      images.append(
        .init(
          name: try name(item, at: "\(place).name") ?? "\(number)",
          image: try image(pixels, at: "\(place).pixels")))
    }
    return images
  }

  private static func checkKeys(
    _ json: CanonicalJSON, _ known: [String], at place: String
  ) throws(HTTPProblem) {
    guard case .object(let members) = json else {
      throw HTTPProblem(400, "\(place) is no object (expected {\"pixels\": [[…]]}).")
    }
    for member in members where !known.contains(member.key) {
      throw HTTPProblem(
        400,
        "\(place) has the unknown key “\(member.key)” (expected \(known.joined(separator: ", "))).")
    }
  }

  private static func name(_ json: CanonicalJSON, at place: String) throws(HTTPProblem) -> String? {
    guard let value = json["name"] else { return nil }
    guard case .string(let name) = value else { throw HTTPProblem(400, "\(place) is no text.") }
    return name
  }

  private static func image(_ json: CanonicalJSON, at place: String) throws(HTTPProblem) -> Image {
    guard case .array(let rows) = json, case .array(let first)? = rows.first,
      let pixel = first.first
    else { throw HTTPProblem(400, "\(place): no rows of numbers (expected [[0, …], …]).") }
    let channels = if case .array = pixel { 3 } else { 1 }
    var values: [UInt8] = []
    values.reserveCapacity(rows.count * first.count * channels)
    for (y, row) in rows.enumerated() {
      guard case .array(let row) = row, row.count == first.count else {
        throw HTTPProblem(
          400, "\(place)[\(y)]: not a row like the first one (expected \(first.count) pixels).")
      }
      for (x, pixel) in row.enumerated() {
        guard append(pixel, channels, to: &values) else {
          let expected = channels == 3 ? "three whole numbers" : "a whole number"
          throw HTTPProblem(
            400,
            "\(place)[\(y)][\(x)]: found \(pixel.text.prefix(40)), expected \(expected) of 0 to 255."
          )
        }
      }
    }
    return Image(width: first.count, height: rows.count, channels: channels, pixels: values)
  }

  /// Appends the values of a pixel; false if it is none.
  private static func append(
    _ pixel: CanonicalJSON, _ channels: Int, to values: inout [UInt8]
  ) -> Bool {
    if channels == 1 {
      guard let value = byte(pixel) else { return false }
      values.append(value)
      return true
    }
    guard case .array(let parts) = pixel, parts.count == 3 else { return false }
    for part in parts {
      guard let value = byte(part) else { return false }
      values.append(value)
    }
    return true
  }

  private static func byte(_ json: CanonicalJSON) -> UInt8? {
    switch json {
    case .integer(let value): UInt8(exactly: value)
    case .number(let value): UInt8(exactly: value)
    default: nil
    }
  }
}
