import Datasets
import Files
import Training
import WebServer

/// The answers as JSON.
extension PredictionService {
  /// The network, its classes, its input and the limits, for clients such as the page.
  var modelJSON: CanonicalJSON {
    let model = description
    return [
      "model": .string(path), "name": .string(model.name), "dataset": .string(model.dataset),
      "classes": .array(model.classNames.map { .string($0) }),
      "input": [
        "height": .integer(model.height), "width": .integer(model.width),
        "channels": .integer(model.channels),
      ],
      "threshold": .float(threshold), "drawing": drawing.map { .string($0) } ?? .null,
      "limits": [
        "images": .integer(options.limits.images), "pixels": .integer(options.limits.pixels),
        "requests": .integer(options.limits.requests),
      ],
    ]
  }

  /// How the page lets a person draw: with ink on white paper if digits are prepared, with chalk on
  /// black if the network takes bright characters as they are, and not at all otherwise.
  private var drawing: String? {
    if preparation.digits != .none { return "ink" }
    let characters = ["mnist", "emnist", "kmnist"]
    let dataset = description.dataset.prefix { $0 != "-" }
    return preparation.channels == 1 && characters.contains(String(dataset)) ? "chalk" : nil
  }

  /// The answer of `/predict`, in the words of `predict --json`.
  func predictions(
    _ images: RequestImages, _ model: Model, _ rows: [[Float]], _ options: AnswerOptions
  ) -> HTTPResponse {
    var rows = rows[...]
    var items: [CanonicalJSON] = []
    for item in images.items {
      switch item.image {
      case .failure(let problem): items.append(Prediction.json(item.name, error: problem.message))
      case .success(let image):
        guard let row = rows.popFirst(), row.allSatisfy(\.isFinite) else {
          return Self.notFinite(item.name)
        }
        items.append(prediction(item.name, image, model, row, options).json)
      }
    }
    metrics.count(
      predicted: images.prepared.count, unreadable: items.count - images.prepared.count)
    return HTTPResponse(json: .object(head + [.init("images", .array(items))]))
  }

  /// The answer of `/activations`: the prediction, the network's input, and every layer's output.
  func activations(
    _ images: RequestImages, _ model: Model, _ outputs: [Model.LayerOutput], _ row: [Float],
    _ options: AnswerOptions
  ) -> HTTPResponse {
    let image = images.prepared[0]
    let name = images.items[0].name
    guard row.allSatisfy(\.isFinite), outputs.allSatisfy({ $0.values.allSatisfy(\.isFinite) })
    else { return Self.notFinite(name) }
    metrics.count(predicted: 1, unreadable: 0)
    let layers = outputs.map {
      ActivationImage($0, channelLimit: options.channels).json
    }
    let input: CanonicalJSON = [
      "height": .integer(preparation.height), "width": .integer(preparation.width),
      "channels": .integer(preparation.channels), "bytes": .string(Base64.encode(image.pixels)),
    ]
    return HTTPResponse(
      json: .object(
        head + [
          .init("images", [prediction(name, image, model, row, options).json]),
          .init("input", input), .init("layers", .array(layers)),
        ]))
  }

  private var head: [CanonicalJSON.Member] {
    [.init("model", .string(path)), .init("threshold", .float(threshold))]
  }

  private func prediction(
    _ name: String, _ image: ImagePreparation.Prepared, _ model: Model, _ row: [Float],
    _ options: AnswerOptions
  ) -> Prediction {
    Prediction(
      name, model.ranked(row, count: options.top), threshold: threshold, isPrepared: image.isDigit)
  }

  private static func notFinite(_ name: String) -> HTTPResponse {
    HTTPResponse(HTTPProblem(500, "An output of the network for \(name) is not finite."))
  }
}
