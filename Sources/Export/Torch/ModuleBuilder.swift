import Layers
import Tensors

/// Collects the members and the statements of a PyTorch module, one layer after the other.
///
/// The value is `x`. It is an image `[n, c, h, w]`, features `[n, c]`, or a signal `[n, c, w]`, which
/// in the program is an image of one row.
struct ModuleBuilder {
  /// Assignments in `__init__`.
  private(set) var members: [String] = []
  /// Statements in `forward`.
  private(set) var statements: [String] = []
  /// Functions that the module calls.
  private(set) var functions: [String] = []
  private(set) var isSignal = false

  /// The shapes of the layer's input and output for one example, `[1, h, w, c]` or `[1, features]`.
  private var input: Shape
  private var output: Shape
  /// The residual blocks that are open, and the kinds of their inputs.
  private var blocks: [(number: Int, isSignal: Bool)] = []
  private var blockCount = 0
  /// The image whose elements the features are, `[1, h, w, c]`; nil for other features and for images.
  private var flattenedImage: Shape?

  init(shape: Shape) { (input, output) = (shape, shape) }

  /// Adds a layer whose output has the shape `output`. A new shape is written behind the last
  /// statement.
  mutating func add(_ layer: any ExportedLayer, output: Shape) {
    input = self.output
    self.output = output
    let count = statements.count
    layer.addModule(to: &self)
    if output != input, statements.count > count {
      statements[statements.count - 1] += "  # \(shapeText)"
    }
  }

  private var shapeText: String {
    guard output.rank == 4 else { return "[n, \(output[1])]" }
    return isSignal
      ? "[n, \(output[3]), \(output[2])]" : "[n, \(output[3]), \(output[1]), \(output[2])]"
  }

  // MARK: Statements

  mutating func assign(_ expression: String) { statements.append("x = \(expression)") }

  /// Applies a function without parameters: `x = F.relu(x)`.
  mutating func apply(_ function: String, _ arguments: Arguments = Arguments()) {
    assign(arguments.isEmpty ? "\(function)(x)" : "\(function)(x, \(arguments.text))")
  }

  /// Adds a layer with parameters and applies it: `x = self.conv1(x)`.
  mutating func call(_ name: String, _ type: String, _ arguments: Arguments) {
    members.append("self.\(name) = \(type)(\(arguments.text))")
    assign("self.\(name)(x)")
  }

  /// Adds zeros if opposite sides of the image have unequally many, which a layer cannot add.
  mutating func pad(_ zeros: PaddingZeros) {
    guard zeros.extent == nil else { return }
    let columns = "\(zeros.left), \(zeros.right)"
    assign("F.pad(x, (\(isSignal ? columns : "\(columns), \(zeros.top), \(zeros.bottom)")))")
  }

  /// Adds a function to the file, once.
  mutating func require(_ function: String) {
    if !functions.contains(function) { functions.append(function) }
  }

  // MARK: The kind of value

  var isImage: Bool { input.rank == 4 && !isSignal }

  mutating func requireImage() {
    if isSignal { assign("x.unsqueeze(2)") }
    isSignal = false
  }

  mutating func requireSignal() {
    if isImage { assign("x.squeeze(2)") }
    isSignal = true
  }

  /// The last statement made a signal.
  mutating func becomeSignal() { isSignal = true }

  /// True if a window may pool the value as a signal. Otherwise the value becomes an image.
  mutating func poolsSignal(_ size: Extent2D, _ padding: Extent2D) -> Bool {
    if isSignal, size.height == 1, padding.height == 0 { return true }
    requireImage()
    return false
  }

  /// Makes an image one row of features, for a `Flatten` layer.
  mutating func flatten() {
    guard input.rank == 4 else { return }
    flattenedImage = input
    isSignal = false
    assign("x.flatten(1)")
  }

  /// Makes an image one row of features, for a layer that mixes them.
  mutating func mixFeatures() {
    if input.rank == 4 { assign("x.flatten(1)") }
    isSignal = false
    flattenedImage = nil
  }

  // MARK: Residual blocks

  mutating func openBlock() {
    blockCount += 1
    blocks.append((blockCount, isSignal))
    statements.append("skip\(blockCount) = x")
  }

  mutating func closeBlock() {
    let block = blocks.removeLast()
    if isSignal != block.isSignal { isSignal ? requireImage() : requireSignal() }
    assign("x + skip\(block.number)")
  }

  // MARK: The end

  /// Brings the output to the program's order: images as they are, features in (h, w, c) order.
  mutating func finish() {
    if output.rank == 4 { requireImage() }
    guard let image = flattenedImage, image[3] > 1, image[1] * image[2] > 1 else { return }
    let shape = "(\(image[3]), \(image[1]), \(image[2]))"
    assign("x.unflatten(1, \(shape)).permute(0, 2, 3, 1).flatten(1)")
  }
}
