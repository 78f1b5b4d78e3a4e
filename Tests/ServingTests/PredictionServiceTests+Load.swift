import Datasets
import Foundation
import LocalServer
import Synchronization
import Testing
import Training
import WebServer

@testable import Serving

/// Many clients, the queue, the metrics and the activations.
@Suite struct PredictionLoadTests {
  private func server(
    _ configure: (inout PredictionService.Options) -> Void = { _ in }
  ) throws -> RunningServer {
    var options = PredictionService.Options()
    configure(&options)
    nonisolated(unsafe) let model = try PredictionServiceTests.model()
    let service = PredictionService(
      model, path: "run/file", preparation: ImagePreparation(height: 12, width: 12, channels: 1),
      threshold: 0.5, rules: try AccessRules(HostAddress("127.0.0.1")!), options: options,
      threads: 2)
    return try RunningServer(service)
  }

  /// Every client gets the answer to its own image, whatever is computed with it.
  @Test func manyClientsGetTheirOwnAnswers() throws {
    let server = try server { $0.batchDelay = 0.005 }
    let model = try PredictionServiceTests.model()
    let (clientCount, requestCount) = (24, 12)
    let wrong = Count()
    let port = server.port
    let images = (0..<clientCount * requestCount).map { PredictionServiceTests.image($0) }
    let bodies = try images.map { try PredictionServiceTests.png($0) }
    let expected = images.map {
      Prediction(
        "-", model.ranked(model.probabilities(of: $0.pixels)[0], count: 3), threshold: 0.5,
        isPrepared: false
      ).json.text
    }
    let ended = DispatchGroup()
    for number in 0..<clientCount {
      ended.enter()
      Thread.detachNewThread {
        let client = TestClient(port)
        for index in number * requestCount..<(number + 1) * requestCount {
          let answer = client.request("POST", "/predict", body: bodies[index])
          if answer?.body.contains(expected[index]) != true { wrong.add() }
        }
        ended.leave()
      }
    }
    ended.wait()
    #expect(wrong.value == 0)
    let metrics = try #require(server.client().request("GET", "/metrics"))
    #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    let count = clientCount * requestCount
    for line in [
      "lecture_cnn_requests_total{path=\"/predict\",code=\"200\"} \(count)",
      "lecture_cnn_images_total{result=\"predicted\"} \(count)",
      "lecture_cnn_request_seconds_bucket{le=\"+Inf\"} \(count)",
      "lecture_cnn_request_seconds_count \(count)", "lecture_cnn_batch_images_sum \(count).0",
      "lecture_cnn_queue_length 0", "# TYPE lecture_cnn_batch_images histogram",
    ] {
      #expect(metrics.body.contains(line + "\n"), "\(line)")
    }
    // With so many clients, some images are computed together.
    #expect(!metrics.body.contains("lecture_cnn_batch_images_count \(count)\n"))
  }

  /// A batch changes no bit of an image's result.
  @Test func resultsDoNotDependOnTheBatch() throws {
    let model = try PredictionServiceTests.model()
    let images = (0..<300).map { PredictionServiceTests.image($0) }
    let together = model.probabilities(of: images.flatMap(\.pixels))
    for (index, image) in images.enumerated() {
      #expect(model.probabilities(of: image.pixels)[0] == together[index])
    }
    for first in [1, 17, 100] {
      let part = images[first..<first + 23].flatMap(\.pixels)
      #expect(model.probabilities(of: part) == Array(together[first..<first + 23]))
    }
  }

  @Test func tooManyRequestsAreRefused() throws {
    let server = try server {
      $0.limits.requests = 2
      $0.batchDelay = 0.6
    }
    let png = try PredictionServiceTests.png(PredictionServiceTests.image(0))
    let clients = (0..<5).map { _ in server.client() }
    for client in clients { client.send(TestClient.request("POST", "/predict", body: png)) }
    let answers = clients.compactMap { $0.answer() }
    #expect(answers.filter { $0.status == 200 }.count == 2)
    let refused = answers.filter { $0.status == 503 }
    #expect(refused.count == 3)
    #expect(refused.allSatisfy { $0.headers["retry-after"] == "1" })
    #expect(refused.first?.error == "Too many requests wait (expected at most 2).")
    // The connections are kept, and a client tries again.
    #expect(clients[4].request("POST", "/predict", body: png)?.status == 200)
  }

  @Test func activationsShowEveryLayer() throws {
    let server = try server()
    let image = PredictionServiceTests.image(5)
    let answer = try #require(
      server.client().request(
        "POST", "/activations?channels=3&top=2", body: PredictionServiceTests.png(image)))
    #expect(answer.status == 200)
    let model = try PredictionServiceTests.model()
    let outputs = model.layerOutputs(of: image.pixels)
    let layers = try #require(answer.json["layers"] as? [[String: Any]])
    #expect(layers.compactMap { $0["name"] as? String } == outputs.map(\.name))
    #expect(
      outputs.map(\.name) == [
        "conv1", "relu1", "pool1", "conv2", "bn1", "sum1", "fc1", "relu2", "fc2",
      ])
    // Channel 1 of the first convolution, [12, 12, 4].
    let values = outputs[0].values
    let scale = try #require(values.map(abs).max())
    let bytes = [UInt8](try #require(Data(base64Encoded: layers[0]["bytes"] as? String ?? "")))
    #expect(layers[0]["channels"] as? Int == 4 && layers[0]["shown"] as? Int == 3)
    #expect(bytes.count == 432)
    for place in 0..<144 {
      let value = 128 + (127 * (values[4 * place + 1] / scale)).rounded()
      #expect(Float(bytes[144 + place]) == value)
    }
    let input = try #require(answer.json["input"] as? [String: Any])
    #expect(Data(base64Encoded: input["bytes"] as? String ?? "") == Data(image.pixels))
    #expect(answer.images.count == 1 && (answer.images[0]["top"] as? [Any])?.count == 2)
    // Features are a row.
    #expect(layers[8]["height"] as? Int == 1 && layers[8]["width"] as? Int == 10)
  }

  /// Softmax of the last layer's outputs is the prediction, to the bit.
  @Test func theLastLayerGivesThePrediction() throws {
    let model = try PredictionServiceTests.model(3)
    for number in 0..<20 {
      let pixels = PredictionServiceTests.image(number, channels: 3).pixels
      let logits = try #require(model.layerOutputs(of: pixels).last).values
      let row = model.probabilities(of: pixels)[0]
      let order = { (values: [Float]) in values.indices.sorted { values[$0] > values[$1] } }
      #expect(order(logits) == order(row))
    }
  }
}

/// A number that many threads change.
private final class Count: Sendable {
  private let number = Mutex(0)

  var value: Int { number.withLock { $0 } }
  func add() { number.withLock { $0 += 1 } }
}
