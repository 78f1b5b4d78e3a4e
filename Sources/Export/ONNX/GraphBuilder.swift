import Layers
import Tensors

/// Collects the nodes and constants of a graph, one layer after the other.
///
/// Values have PyTorch's order: images are `[n, c, h, w]`, and a flattened image has its features in
/// (c, h, w) order. A layer's nodes and values have its name; if it has several, those before the
/// last have a part behind the name: `gelu1.erf`.
struct GraphBuilder {
  /// The name of the value that the next node reads: the output of the layers so far.
  var value: String
  /// The shapes of the layer's input and output for one example, `[1, h, w, c]` or `[1, features]`.
  private(set) var input: Shape
  private(set) var output: Shape
  private(set) var nodes: [ONNXNode] = []
  private(set) var constants: [ONNXTensor] = []

  /// The name of the layer whose nodes are added.
  var layer = ""
  /// The inputs of the residual blocks that are open.
  private var blockInputs: [String] = []
  /// The image whose elements the features are, `[1, h, w, c]`; nil for other features and for images.
  private var flattenedImage: Shape?

  /// - `value`: the name of the graph's input.
  /// - `shape`: the input's shape for one example.
  init(input value: String, shape: Shape) {
    self.value = value
    (input, output) = (shape, shape)
  }

  /// Adds a layer whose output has the shape `output`.
  mutating func add(_ layer: any ExportedLayer, output: Shape) {
    input = self.output
    self.output = output
    self.layer = layer.name
    layer.addNodes(to: &self)
  }

  // MARK: Nodes

  /// Adds a node, and returns the name of its output.
  ///
  /// - `part`: the node's part in the layer; nil for the layer's last node.
  mutating func node(
    _ operation: String, _ inputs: [String], part: String? = nil,
    _ attributes: [ONNXNode.Attribute] = []
  ) -> String {
    let name = name(part)
    nodes.append(
      ONNXNode(
        operation: operation, name: name, inputs: inputs, output: name, attributes: attributes))
    return name
  }

  /// Adds a node that reads the value and the `others`. Its output is the next value.
  mutating func then(
    _ operation: String, with others: [String] = [], part: String? = nil,
    _ attributes: [ONNXNode.Attribute] = []
  ) {
    value = node(operation, [value] + others, part: part, attributes)
  }

  private func name(_ part: String?) -> String { part.map { "\(layer).\($0)" } ?? layer }

  // MARK: Constants

  /// Adds a parameter, with another shape of as many elements if given, and returns its name.
  mutating func constant(_ parameter: Parameter, shape: [Int]? = nil) -> String {
    let tensor = ONNXTensor(
      name: parameter.name, shape: shape ?? parameter.layout.storedShape,
      values: .floats(parameter.storedValues()))
    constants.append(tensor)
    return tensor.name
  }

  /// Adds numbers as `<layer>.<part>`, and returns that name. Without a shape it is a scalar.
  mutating func constant(_ part: String, _ values: [Float], shape: [Int] = []) -> String {
    constants.append(ONNXTensor(name: name(part), shape: shape, values: .floats(values)))
    return name(part)
  }

  /// Adds a vector of whole numbers, such as a shape.
  mutating func constant(_ part: String, integers: [Int]) -> String {
    constants.append(
      ONNXTensor(name: name(part), shape: [integers.count], values: .integers(integers)))
    return name(part)
  }

  // MARK: Blocks and features

  mutating func openBlock() { blockInputs.append(value) }

  /// Closes the block that was opened last, and returns the name of its input.
  mutating func closeBlock() -> String { blockInputs.removeLast() }

  /// Makes an image one row of features, for a `Flatten` layer.
  mutating func flatten() {
    guard input.rank == 4 else { return }
    flattenedImage = input
    then("Flatten", [.init("axis", .integer(1))])
  }

  /// Makes an image one row of features, for a layer that mixes them: its outputs have no order that
  /// a file could change.
  mutating func mixFeatures() {
    if input.rank == 4 { then("Flatten", part: "flatten", [.init("axis", .integer(1))]) }
    flattenedImage = nil
  }

  // MARK: The end

  /// Gives the value the name `name`, as the graph's output.
  mutating func finish(as name: String) {
    layer = name
    restoreOrder()
    if nodes.isEmpty {
      then("Identity")
    } else {
      // No other node reads the output of the last one.
      nodes[nodes.count - 1].output = name
      value = name
    }
  }

  /// Brings the features of a flattened image to the program's order, (h, w, c).
  private mutating func restoreOrder() {
    guard let image = flattenedImage, image[3] > 1, image[1] * image[2] > 1 else { return }
    let shape = constant("shape", integers: [0, image[3], image[1], image[2]])
    then("Reshape", with: [shape], part: "image")
    then("Transpose", part: "transpose", [.init("perm", .integers([0, 2, 3, 1]))])
    then("Flatten", part: "features", [.init("axis", .integer(1))])
  }
}
