import Files
import Layers
import Reports
import Terminal
import Training
import Visualization

extension VisualizeSession {
  /// Draws saliency, Grad-CAM or occlusion of an image, and writes the values as JSON.
  func drawAttribution() throws {
    try checkClassifier()
    let layer = options.what == .gradCAM ? try mappedLayer() : nil
    let shown = try shownImage()
    let isForward = options.what == .occlusion
    let probed = ProbedNetwork(
      network, watching: layer.map { [$0] } ?? [], capacity: isForward ? 32 : 1,
      givesGradients: !isForward, context: context)
    let logits = probed.forward(shown.input)
    let probabilities = try Probabilities.of(logits, file: trained.path)
    let predicted = probabilities.firstIndex(of: probabilities.max() ?? 0) ?? 0
    let label = try givenClass() ?? predicted

    let (map, method) = attribution(probed, shown.input, label, layer)
    guard map.values.allSatisfy(\.isFinite) else {
      throw Failure(
        .notFinite,
        "\(trained.path): a value of the picture is not finite. Take an earlier checkpoint"
          + "\(options.baseline == nil ? "" : ", or a --baseline nearer to 0").")
    }
    let percent = { (label: Int) in Format.percent(probabilities[label], decimals: 1) }
    let predictedText = "predicted \(classNames[predicted]) (\(percent(predicted)))"
    let explained =
      label == predicted
      ? "for the predicted class" : "for class \(classNames[label]) (\(percent(label)))"
    let sheet = AttributionSheet(
      image: shown.raster, map: map.resized(height: shown.raster.height, width: shown.raster.width),
      title: "\(method.title) \(explained)",
      lines: ["\(shown.title), \(predictedText)", method.meaning])
    let stem = shown.stem + "-" + classNames[label].fileName + (method.layer.map { "-\($0)" } ?? "")
    try write(sheet.raster, stem)
    let json: CanonicalJSON = .object([
      .init("method", .string(options.what.rawValue)), .init("checkpoint", .string(name)),
      .init("image", .string(shown.title)), .init("class", .string(classNames[label])),
      .init("predicted", .string(classNames[predicted])),
      .init("layer", method.layer.map { .string($0) } ?? .null),
      .init("window", method.window.map { .integer($0.size) } ?? .null),
      .init("stride", method.window.map { .integer($0.stride) } ?? .null),
      .init("logits", .array(logits.map { .float($0) })),
      .init("height", .integer(map.height)), .init("width", .integer(map.width)),
      .init("values", .array(map.values.map { .float($0) })),
    ])
    try write(json.text + "\n", stem, suffix: "json")
  }

  private struct Method {
    let title: String
    let meaning: String
    var layer: String?
    var window: Attribution.Window?
  }

  private func attribution(
    _ probed: ProbedNetwork, _ input: [Float], _ label: Int, _ layer: Int?
  ) -> (AttributionMap, Method) {
    switch (options.what, layer) {
    case (.gradCAM, let layer?):
      let name = network.layers[layer].name
      return (
        Attribution.gradCAM(probed, input: input, class: label, layer: layer),
        Method(
          title: "Grad-CAM of \(name)",
          meaning: "how much \(name) speaks for the class at each place", layer: name)
      )
    case (.occlusion, _):
      let side = min(trained.model.height, trained.model.width)
      let size = min(options.window ?? max(2, side / 5), side)
      let window = Attribution.Window(
        size: size, stride: min(options.stride ?? max(1, size / 2), size))
      return (
        Attribution.occlusion(
          probed, input: input, class: label, window: window,
          baseline: Float(options.baseline ?? 0)),
        Method(
          title: "Occlusion",
          meaning:
            "the loss of the class's logit while a window of \(size) × \(size) pixels hides it",
          window: window)
      )
    default:
      return (
        Attribution.saliency(probed, input: input, class: label),
        Method(
          title: "Saliency",
          meaning: "the magnitude of the logit's gradient, the greatest of the channels")
      )
    }
  }

  /// The layer for Grad-CAM: that of `--layer`, or the last convolution.
  private func mappedLayer() throws -> Int {
    let layers = network.mappedLayers
    guard let last = network.mappedConvolutions.last ?? layers.last else {
      throw Failure(
        .badData,
        "\(trained.path): the network has no layer for Grad-CAM (found none, expected a convolution "
          + "over the image). Take saliency or occlusion.")
    }
    return try givenLayer(among: layers, "layer with an image") ?? last
  }

  /// The class of `--class`, by name or number.
  private func givenClass() throws -> Int? {
    guard let text = options.label else { return nil }
    if let label = classNames.firstIndex(of: text) { return label }
    if let label = Int(text), classNames.indices.contains(label) { return label }
    throw Failure(
      .usage,
      "--class: no such class (found “\(text)”, expected \(classNames.prefix(20).joined(separator: ", "))"
        + "\(classNames.count > 20 ? ", …" : "")). Give a name or a number.")
  }
}

extension Probabilities {
  /// The probabilities of finite logits.
  ///
  /// - Throws: ``Failure`` for logits that are not finite.
  static func of(_ logits: [Float], file: String) throws -> [Double] {
    guard logits.allSatisfy(\.isFinite) else {
      throw Failure(.notFinite, "\(file): an output is not finite. Take an earlier checkpoint.")
    }
    return of(logits[...])
  }
}

extension String {
  /// The text as a part of a file's name: letters, digits and some signs stay, and others become “-”.
  var fileName: String {
    String(map { $0.isLetter || $0.isNumber || "-_+.".contains($0) ? $0 : "-" }.prefix(40))
  }
}
