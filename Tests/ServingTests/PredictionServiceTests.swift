import Datasets
import Foundation
import LocalServer
import Networks
import Reports
import Tensors
import Testing
import Training
import WebServer

@testable import Serving

/// The routes of a server with a small network of random values.
@Suite struct PredictionServiceTests {
  static let classes = (0..<10).map { "class \($0)" }

  static func model(_ channels: Int = 1) throws -> Model {
    try Model(
      "conv(4,3) relu pool(2) res(conv(4,3) bn) dropout(0.5) flatten fc(20) relu fc(classes)",
      height: 12, width: 12, channels: channels, classNames: classes, seed: 7, threads: 2)
  }

  static func image(_ number: Int, channels: Int = 1) -> Image {
    var random = Random(seed: UInt64(number), domain: .augmentation)
    return Image(
      width: 12, height: 12, channels: channels,
      pixels: (0..<144 * channels).map { _ in UInt8(truncatingIfNeeded: random.nextBits()) })
  }

  static func png(_ image: Image) throws -> [UInt8] {
    try PNG.encode(
      Raster(
        width: image.width, height: image.height, channels: image.channels, pixels: image.pixels))
  }

  private func server(
    channels: Int = 1, digits: ImagePreparation.Digits = .none, token: String? = nil,
    _ configure: (inout PredictionService.Options) -> Void = { _ in }
  ) throws -> RunningServer {
    var options = PredictionService.Options()
    configure(&options)
    nonisolated(unsafe) let model = try Self.model(channels)
    let service = PredictionService(
      model, path: "run/file",
      preparation: ImagePreparation(
        height: 12, width: 12, channels: channels, digits: digits), threshold: 0.5,
      rules: try AccessRules(HostAddress("127.0.0.1")!, token: token), options: options, threads: 2)
    let server = try RunningServer(service) { $0.bodyBytes = 1 << 20 }
    service.countConnections { [weak server = server.server] in server?.connectionCount ?? 0 }
    return server
  }

  /// What `predict --json` writes for the image.
  private func expected(
    _ name: String, _ image: Image, _ model: Model, top: Int = 3, isPrepared: Bool = false
  ) -> String {
    Prediction(
      name, model.ranked(model.probabilities(of: image.pixels)[0], count: top), threshold: 0.5,
      isPrepared: isPrepared
    ).json.text
  }

  @Test func filesPixelsAndFormsGiveThePredictionsOfPredict() throws {
    let server = try server()
    let client = server.client()
    let model = try Self.model()
    let images = (0..<3).map { Self.image($0) }
    let head = #"{"model":"run/file","threshold":0.5,"images":["#
    let file = try client.request("POST", "/predict", body: Self.png(images[0]))
    #expect(file?.status == 200 && file?.headers["content-type"] == "application/json")
    #expect(file?.body == head + expected("-", images[0], model) + "]}\n")
    // What curl's --data-binary says of the type is not what the body is.
    let type = ["Content-Type: application/x-www-form-urlencoded"]
    #expect(
      try client.request("POST", "/predict", type, body: Self.png(images[0]))?.body == file?.body)
    let top = try client.request("POST", "/predict?top=99", body: Self.png(images[1]))
    #expect(top?.body == head + expected("-", images[1], model, top: 10) + "]}\n")

    func rows(_ image: Image) -> String {
      let rows = (0..<12).map { y in
        "[" + image.pixels[y * 12..<y * 12 + 12].map(String.init).joined(separator: ",") + "]"
      }
      return "[" + rows.joined(separator: ",") + "]"
    }
    let json =
      #"{"images":[{"name":"a","pixels":\#(rows(images[1]))},{"pixels":\#(rows(images[2]))}]}"#
    let many = client.request("POST", "/predict?top=1", body: Array(json.utf8))
    #expect(
      many?.body == head + expected("a", images[1], model, top: 1) + ","
        + expected("1", images[2], model, top: 1) + "]}\n")

    var form: [UInt8] = []
    for (name, content) in [
      ("x.png", try Self.png(images[0])), ("page.jpg", Array("<html>".utf8)),
      ("y.png", try Self.png(images[2])),
    ] {
      form += Array(
        "--B\r\nContent-Disposition: form-data; name=\"i\"; filename=\"\(name)\"\r\n\r\n".utf8)
      form += content + [0x0d, 0x0a]
    }
    form += Array("--B--\r\n".utf8)
    let sent = client.request(
      "POST", "/predict", ["Content-Type: multipart/form-data; boundary=B"], body: form)
    #expect(sent?.status == 200 && sent?.images.count == 3)
    #expect(
      sent?.body.hasPrefix(
        head + expected("x.png", images[0], model)
          + #",{"image":"page.jpg","error":"page.jpg: not an image that is read (found an HTML page, "#
      )
        == true)
    #expect(sent?.body.hasSuffix(expected("y.png", images[2], model) + "]}\n") == true)
  }

  @Test func mistakesHaveTheirStatus() throws {
    let server = try server { options in
      options.limits.images = 2
      options.limits.pixels = 200
    }
    let client = server.client()
    func check(
      _ status: Int, _ message: String, _ method: String, _ path: String, _ headers: [String] = [],
      body: [UInt8] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) -> TestClient.Answer? {
      // Refused requests end the connection.
      let answer = server.client().request(method, path, headers, body: body)
      #expect(answer?.status == status, sourceLocation: sourceLocation)
      #expect(
        answer?.error.contains(message) == true, "\(answer?.body ?? "")",
        sourceLocation: sourceLocation)
      #expect(answer?.body.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
      return answer
    }
    let png = try Self.png(Self.image(1))
    _ = check(404, "There is no /nothing (expected /, /page.css", "GET", "/nothing")
    #expect(check(405, "GET is not allowed", "GET", "/predict")?.headers["allow"] == "POST")
    #expect(check(405, "POST is not allowed", "POST", "/health")?.headers["allow"] == "GET, HEAD")
    _ = check(400, "unknown parameter “tip” (expected top).", "POST", "/predict?tip=3", body: png)
    _ = check(400, "top: invalid value (found “0”, expected 1", "POST", "/predict?top=0", body: png)
    _ = check(400, "no body", "POST", "/predict")
    _ = check(
      415, "not an image that is read (found text", "POST", "/predict", body: Array("hi there".utf8)
    )
    _ = check(400, "damaged PNG data", "POST", "/predict", body: Array(png.prefix(60)))
    _ = check(400, "The body is no JSON", "POST", "/predict", body: Array("{".utf8))
    _ = check(400, "is empty", "POST", "/predict", body: Array(#"{"images":[]}"#.utf8))
    let large = try PNG.encode(
      Raster(width: 20, height: 11, channels: 1, pixels: .init(repeating: 0, count: 220)))
    _ = check(
      413, "the image is too large (found 20×11, expected at most 200 pixels, and 800 in", "POST",
      "/predict",
      body: large)
    let three = #"{"images":[{"pixels":[[1]]},{"pixels":[[1]]},{"pixels":[[1]]}]}"#
    _ = check(
      413, "too many images (expected at most 2)", "POST", "/predict", body: Array(three.utf8))
    _ = check(
      413, "The body is too large", "POST", "/predict", body: .init(repeating: 0, count: 2 << 20))
    _ = check(421, "not called “evil.example”", "GET", "/", ["Host: evil.example"])
    _ = check(
      403, "other web pages", "POST", "/predict", ["Origin: http://evil.example"], body: png)
    let two = #"{"images":[{"pixels":[[1]]},{"pixels":[[1]]}]}"#
    _ = check(
      400, "/activations shows one image (found 2)", "POST", "/activations", body: Array(two.utf8))
    #expect(client.request("POST", "/predict", body: png)?.status == 200)
  }

  /// Many images that are small as files may be large as pixels.
  @Test func pixelsOfARequestAreLimited() throws {
    let server = try server { $0.limits.pixels = 144 }
    var form: [UInt8] = []
    for number in 0..<6 {
      form += Array("--B\r\nContent-Disposition: form-data; name=\"\(number)\"\r\n\r\n".utf8)
      form += try Self.png(Self.image(number)) + [0x0d, 0x0a]
    }
    let answer = server.client().request(
      "POST", "/predict", ["Content-Type: multipart/form-data; boundary=B"],
      body: form + Array("--B--".utf8))
    let errors = answer?.images.compactMap { $0["error"] as? String } ?? []
    #expect(answer?.status == 200 && answer?.images.count == 6 && errors.count == 2)
    #expect(
      errors.first?.hasPrefix("4: the image is too large (found 12×12, expected at most 144")
        == true)
  }

  @Test func thePageNeedsNothingElse() throws {
    let server = try server()
    let client = server.client()
    for (path, type) in [
      ("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"),
    ] {
      let answer = try #require(client.request("GET", path))
      #expect(answer.status == 200 && answer.headers["content-type"] == "\(type); charset=utf-8")
      #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
      #expect(answer.headers["x-content-type-options"] == "nosniff")
      #expect(!answer.body.contains("http://") && !answer.body.contains("https://"))
      #expect(!answer.body.contains("style=") && !answer.body.contains("onclick"))
    }
    let model = try #require(client.request("GET", "/model")?.json)
    #expect(model["classes"] as? [String] == Self.classes && model["drawing"] is NSNull)
    #expect(model["input"] as? [String: Int] == ["height": 12, "width": 12, "channels": 1])
    #expect(client.request("GET", "/health")?.body == "{\"status\":\"ok\"}\n")
    let drawn = try self.server(digits: .auto)
    #expect(drawn.client().request("GET", "/model")?.json["drawing"] as? String == "ink")
  }

  @Test func theTokenProtectsTheNetworkAlone() throws {
    let server = try server(token: "0123456789abcdef")
    let client = server.client()
    #expect(client.request("GET", "/")?.status == 200)
    #expect(client.request("GET", "/health")?.status == 200)
    for path in ["/model", "/metrics"] {
      let answer = server.client().request("GET", path)
      #expect(answer?.status == 401 && answer?.headers["www-authenticate"] == "Bearer")
    }
    let png = try Self.png(Self.image(1))
    #expect(server.client().request("POST", "/predict", body: png)?.status == 401)
    let header = ["Authorization: Bearer 0123456789abcdef"]
    #expect(client.request("POST", "/predict", header, body: png)?.status == 200)
    #expect(client.request("GET", "/model", header)?.status == 200)
  }
}
