import Tensors

/// Builds the layers of a network in order, each for the output of the layers before it.
///
/// It names the layers and keeps the facts that later layers need. Its errors name the layer that
/// is being built.
package struct LayerBuilder {
  /// The maximum number of weights in one layer, panel padding included. More weights and their
  /// gradients would not fit into memory, so a larger number is reported as a mistake.
  private static let greatestWeight = 1 << 27
  /// The maximum number of output values of one layer for one example, for the same reason.
  private static let greatestOutput = 1 << 27

  package private(set) var layers: [any Layer] = []
  /// The shape of the next layer's input, for one example.
  package private(set) var shape: Shape
  /// The number of the data set's classes.
  package let classes: Int
  /// The extents of the image whose elements the input holds, also behind a flatten layer. Files
  /// store the next layer's weights in its order.
  private var image: ParameterLayout.Image?
  private var numbers: [String: Int] = [:]
  /// The residual blocks that are not closed yet.
  private var blocks: [(number: Int, input: Shape)] = []

  private let text: String
  private var position = 1
  private var word = ""

  /// - Parameter text: the network's notation, for errors.
  package init(input: Shape, classes: Int, text: String) {
    shape = input.with(examples: 1)
    self.classes = classes
    self.text = text
  }

  /// Builds the next layer, which is at `position` in the text.
  ///
  /// - Throws: ``NotationError`` if the layer cannot take its input, or its output is too large.
  package mutating func add(
    _ specification: any LayerSpecification, at position: Int, word: String
  ) throws(NotationError) {
    self.position = position
    self.word = word
    if shape.rank == 4 {
      image = .init(height: shape[1], width: shape[2], channels: shape[3])
    }
    let layer = try specification.makeLayer(in: &self)
    do {
      shape = try layer.outputShape(for: shape)
    } catch {
      throw self.error("it cannot take an input of \(shapeText)", expected: error.expected)
    }
    // Extents are at most 2¹⁶, and earlier checks limit the input. The extents of one layer's
    // output are therefore at most a few times 2⁴³.
    let count = shape.array.reduce(1.0) { $0 * Double($1) }
    guard count <= Double(Self.greatestOutput) else {
      throw error(
        "its output of \(shapeText) would not fit into memory",
        expected: specification.remedyForLargeOutput)
    }
    layers.append(layer)
  }

  // MARK: Names

  /// Counts the layers of a kind, from 1.
  package mutating func number(_ kind: String) -> Int {
    numbers[kind, default: 0] += 1
    return numbers[kind]!
  }

  /// The name of the next layer of a kind: `conv1`.
  package mutating func name(_ kind: String) -> String { "\(kind)\(number(kind))" }

  // MARK: The input

  package var channels: Int { shape[shape.rank - 1] }

  /// Throws unless the input is an image.
  package func requireImage() throws(NotationError) {
    guard shape.rank == 4 else {
      throw error(
        "its input is \(shapeText), no image any more",
        expected: "convolutions and pooling before flatten and fc; relu or fc here")
    }
  }

  /// Throws if the input is a flattened image: files would store its channels in another order than
  /// memory does.
  ///
  /// - Parameter layer: the layer's word.
  package func requireChannels(of layer: String) throws(NotationError) {
    guard image == nil || shape.rank != 2 else {
      throw error(
        "its input is an image flattened to \(shapeText)",
        expected: "\(layer) before flatten, or behind fc")
    }
  }

  /// Returns the extents of the image whose elements the input holds. The layer's output is not an
  /// image any more.
  package mutating func endImage() -> ParameterLayout.Image? {
    defer { image = nil }
    return image
  }

  /// Throws if a weight of these extents would be too large. Layers allocate memory in their
  /// initializers, so call this first.
  package func requireWeightFits(
    rows: [Int], columns: Int, otherwise expected: String
  ) throws(NotationError) {
    // Extents are at most 2¹⁶, so the number of rows cannot overflow.
    let (count, overflow) = rows.reduce(1, *).multipliedReportingOverflow(
      by: PanelMatrix.storageCount(rows: 1, columns: columns))
    let isTooLarge = overflow || count > Self.greatestWeight
    // A smaller weight is only compared with what is available now if that takes no notable time.
    guard isTooLarge || count > 1 << 20 else { return }
    let available = AvailableMemory.bytes ?? Int.max
    // The weight and its gradient, in single precision.
    guard isTooLarge || 8 * count > available else { return }
    let extents = (rows + [columns]).map(String.init).joined(separator: "×")
    throw error("its weight of \(extents) would not fit into memory", expected: expected)
  }

  // MARK: Residual blocks

  /// Opens a block with the current input, and returns its number.
  mutating func openBlock() -> Int {
    let number = number("res")
    blocks.append((number, shape))
    return number
  }

  /// Closes the block that was opened last, and returns its number.
  mutating func closeBlock() throws(NotationError) -> Int {
    let block = blocks.removeLast()
    guard shape == block.input else {
      throw error(
        "its layers make \(shapeText) of \(Self.text(of: block.input))",
        expected: "layers that keep the shape, for x + f(x)")
    }
    return block.number
  }

  // MARK: Mistakes

  /// An error at the layer that was added last.
  package func error(_ problem: String, expected: String) -> NotationError {
    NotationError(
      text: text, position: position, layer: word, problem: problem, expected: expected)
  }

  /// The extents of one example of the input: `28×28×1`.
  package var shapeText: String { Self.text(of: shape) }

  private static func text(of shape: Shape) -> String {
    shape.array.dropFirst().map(String.init).joined(separator: "×")
  }
}
