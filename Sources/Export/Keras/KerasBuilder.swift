import Layers
import Tensors

/// Collects the statements that make a Keras model, one layer after the other.
///
/// The value is `x`, an image `[n, h, w, c]` or features `[n, c]`, as in the program. A signal is an image of
/// one row.
struct KerasBuilder {
  private(set) var statements: [String] = []
  /// The extents in PyTorch's order, `(c, h, w)`, of the flattened images that fully connected layers read.
  private(set) var flattened: [(layer: String, channels: Int, height: Int, width: Int)] = []

  /// The shapes of the layer's input and output for one example, `[1, h, w, c]` or `[1, features]`.
  private(set) var input: Shape
  private(set) var output: Shape
  /// The residual blocks that are open.
  private var blocks: [Int] = []
  private var blockCount = 0

  init(shape: Shape) { (input, output) = (shape, shape) }

  /// Adds a layer whose output has the shape `output`. A new shape is written behind the last statement.
  ///
  /// - Throws: ``ExportError/notInKeras(layer:problem:)``
  mutating func add(_ layer: any Layer, output: Shape) throws(ExportError) {
    guard let form = layer as? any KerasLayer else {
      throw .notInKeras(layer: layer.name, problem: "no form of \(type(of: layer))")
    }
    input = self.output
    self.output = output
    let count = statements.count
    try form.addKeras(to: &self)
    if output != input, statements.count > count {
      let extents = output.array.dropFirst().map(String.init).joined(separator: ", ")
      statements[statements.count - 1] += "  # [n, \(extents)]"
    }
  }

  // MARK: Statements

  mutating func assign(_ expression: String) { statements.append("x = \(expression)") }

  /// Applies a layer: `x = layers.Conv2D(16, 5, name="conv1")(x)`.
  mutating func call(_ type: String, _ arguments: KerasArguments = KerasArguments()) {
    assign("layers.\(type)(\(arguments.text))(x)")
  }

  /// Makes an image one row of features, for a layer that mixes them.
  ///
  /// - Parameter image: the image in whose order files store the columns of the layer's weight.
  mutating func mixFeatures(for layer: String, _ image: ParameterLayout.Image?) {
    if input.rank == 4 { call("Flatten") }
    guard let image, image.channels > 1, image.height * image.width > 1 else { return }
    flattened.append((layer, image.channels, image.height, image.width))
  }

  /// Adds the zeros around an image that the windows of a convolution or pooling read.
  ///
  /// - Parameter value: what is added.
  /// - Returns: the argument `padding` of the layer: `same` where its zeros are those that TensorFlow adds.
  mutating func pad(
    _ zeros: PaddingZeros, _ size: Extent2D, _ stride: Extent2D, with value: String = "0"
  ) -> String {
    guard zeros != PaddingZeros(top: 0, left: 0, bottom: 0, right: 0) else { return "valid" }
    if isSame(zeros, size, stride) { return "same" }
    let (rows, columns) = ("(\(zeros.top), \(zeros.bottom))", "(\(zeros.left), \(zeros.right))")
    if value == "0" {
      assign("layers.ZeroPadding2D((\(rows), \(columns)))(x)")
    } else {
      assign("ops.pad(x, ((0, 0), \(rows), \(columns), (0, 0)), constant_values=\(value))")
    }
    return "valid"
  }

  /// True if TensorFlow's padding `SAME` puts as many zeros before the image, and gives as many outputs.
  func isSame(_ zeros: PaddingZeros, _ size: Extent2D, _ stride: Extent2D) -> Bool {
    func matches(_ extent: Int, _ outputs: Int, _ size: Int, _ stride: Int, _ before: Int) -> Bool {
      let count = (extent + stride - 1) / stride
      return outputs == count && before == max(0, (count - 1) * stride + size - extent) / 2
    }
    return matches(input[1], output[1], size.height, stride.height, zeros.top)
      && matches(input[2], output[2], size.width, stride.width, zeros.left)
  }

  // MARK: Residual blocks

  mutating func openBlock() {
    blockCount += 1
    blocks.append(blockCount)
    statements.append("skip\(blockCount) = x")
  }

  mutating func closeBlock() { assign("layers.add([x, skip\(blocks.removeLast())])") }
}

/// The arguments of a Keras layer. Options that have Keras's defaults are left out.
struct KerasArguments {
  private var items: [String] = []

  init(_ numbers: Int...) { items = numbers.map(String.init) }

  var text: String { items.joined(separator: ", ") }

  mutating func add(_ key: String, _ value: any CustomStringConvertible) {
    items.append("\(key)=\(value)")
  }

  mutating func extent(_ extent: Extent2D) { items.append(Self.text(extent)) }

  mutating func extent(_ key: String, _ extent: Extent2D, unless standard: Extent2D) {
    if extent != standard { add(key, Self.text(extent)) }
  }

  mutating func text(_ key: String, _ value: String, unless standard: String? = nil) {
    if value != standard { add(key, "\"\(value)\"") }
  }

  mutating func flag(_ key: String, _ value: Bool, unless standard: Bool) {
    if value != standard { add(key, value ? "True" : "False") }
  }

  private static func text(_ extent: Extent2D) -> String {
    extent.height == extent.width ? "\(extent.width)" : "(\(extent.height), \(extent.width))"
  }
}
