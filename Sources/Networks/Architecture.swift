import Layers
import Tensors

/// A network in the course's notation, as a list of layers that are not built yet.
///
/// `docs/notation.md` lists the layers. The file of each layer defines its notation and builds it.
public struct Architecture: Equatable, Sendable {
  /// The specifications of the layers. The brackets of a residual block have specifications of
  /// their own.
  package let layers: [any LayerSpecification]
  private let text: String
  /// Each layer's position in the text, from 1, and its word.
  private let places: [(position: Int, word: String)]

  /// Reads the course's notation.
  public init(_ text: String) throws(NotationError) {
    var scanner = NotationScanner(text)
    let words = try scanner.words()
    guard !words.isEmpty else {
      throw NotationError(
        text: text, position: 1, layer: "(nothing)", problem: "the network has no layers",
        expected: "layers such as conv(16,5) relu pool(2) fc(10)")
    }
    var layers: [any LayerSpecification] = []
    for word in words { layers.append(try LayerRegistry.read(word, of: text)) }
    self.layers = layers
    self.text = text
    places = words.map { ($0.position, $0.text) }
  }

  public static func == (a: Architecture, b: Architecture) -> Bool {
    a.layers.count == b.layers.count && zip(a.layers, b.layers).allSatisfy { $0.isEqual(to: $1) }
  }

  /// The shortest notation of the network; equal networks have equal forms.
  public var canonical: String {
    var text = ""
    for layer in layers.map(\.canonical) {
      // There is no space between a bracket and the layers of its block.
      if !text.isEmpty, !text.hasSuffix("("), layer != ")" { text += " " }
      text += layer
    }
    return text
  }

  /// Builds the network for images of `input`, `[1, h, w, c]`, and `classes` classes. Its output
  /// must be one value for each class, or images of the input's shape.
  ///
  /// Layers are named by kind and number: `conv1`, `pool1`, `relu1`, `fc1`.
  ///
  /// - Throws: `NotationError` with the layer that cannot take its input, and the input that it
  ///   expects.
  public func network(input: Shape, classes: Int) throws(NotationError) -> Sequential {
    let builder = try build(input: input, classes: classes)
    let network = sequential(builder, input: input)
    guard !network.isAutoencoder else { return network }
    guard builder.shape.rank == 2 else {
      throw builder.error(
        "the network ends in \(builder.shapeText), not in one value a class",
        expected: "fc(\(classes)) as the last layer")
    }
    guard builder.shape[1] == classes else {
      throw builder.error(
        "it gives \(builder.shape[1]) values for \(classes) classes",
        expected: "fc(\(classes)) as the last layer")
    }
    return network
  }

  /// Builds the layers as ``network(input:classes:)`` does, for any output shape.
  public func stack(input: Shape, classes: Int) throws(NotationError) -> Sequential {
    sequential(try build(input: input, classes: classes), input: input)
  }

  private func build(input: Shape, classes: Int) throws(NotationError) -> LayerBuilder {
    var builder = LayerBuilder(input: input, classes: classes, text: text)
    for (layer, place) in zip(layers, places) {
      try builder.add(layer, at: place.position, word: place.word)
    }
    return builder
  }

  private func sequential(_ builder: LayerBuilder, input: Shape) -> Sequential {
    guard let network = try? Sequential(builder.layers, inputShape: input) else {
      preconditionFailure("shapes were checked by the builder")
    }
    return network
  }
}
