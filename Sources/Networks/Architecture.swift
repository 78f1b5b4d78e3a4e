import Layers
import Tensors

/// A network as a list of layers that are not built yet: their kinds and numbers, in the course's
/// notation.
///
/// | layer | arguments | options |
/// |---|---|---|
/// | `conv(outputs, kernel)` | or `conv(outputs, 3x5)` | `stride=1`, `padding=same\|valid\|n`, `bias=yes\|no`, `frozen=no\|yes` |
/// | `convt(outputs, kernel)` | likewise | `stride=1`, `padding=0`, `outpad=0`, `bias=yes\|no` |
/// | `conv1d(outputs, kernel)` | on images of one row | `stride=1`, `padding=same\|valid\|n`, `bias=yes\|no` |
/// | `bn` | | `epsilon=1e-05`, `momentum=0.1`, `scale=yes\|no` |
/// | `pool(size, stride)` | the stride is the size unless given | `padding=0`, `mode=floor\|ceil` |
/// | `pool1d(size, stride)` | `pool` with one row | likewise |
/// | `avgpool(size, stride)` | likewise | and `countpadding=yes\|no` |
/// | `upsample(factor)` | or `upsample(2x3)` | `mode=nearest\|bilinear` |
/// | `relu`, `gelu`, `sigmoid`, `tanh`, `globalmax`, `globalavg`, `flatten`, `signal` | | |
/// | `dropout(probability)` | | |
/// | `fc(outputs)` | or `fc(classes)`: as many as the data set has | `bias=yes\|no` |
/// | `scale(factor)` | or a fraction, `scale(1/9)` | |
/// | `res(layers)` | the layers' output added to their input | |
public struct Architecture: Equatable, Sendable {
  /// One layer, before it knows its input.
  public enum Kind: Equatable, Sendable {
    /// `frozen` weights are not trained; the bias is.
    case convolution(
      outputs: Int, kernel: Extent2D, stride: Extent2D, padding: Padding, bias: Bool,
      frozen: Bool)
    case transposedConvolution(
      outputs: Int, kernel: Extent2D, stride: Extent2D, padding: Extent2D,
      outputPadding: Extent2D, bias: Bool)
    /// On images of one row; explicit padding has no height.
    case convolution1D(outputs: Int, kernel: Int, stride: Int, padding: Padding, bias: Bool)
    case batchNormalization(epsilon: Double, momentum: Double, scales: Bool)
    case maxPooling(size: Extent2D, stride: Extent2D, padding: Extent2D, ceilMode: Bool)
    case averagePooling(
      size: Extent2D, stride: Extent2D, padding: Extent2D, ceilMode: Bool, countsPadding: Bool)
    case globalPooling(GlobalPooling.Mode)
    case upsampling(factor: Extent2D, mode: Upsampling.Mode)
    case relu
    case gelu
    case sigmoid
    case tanh
    case dropout(Double)
    case flatten
    case signal
    /// `outputs` is nil for the number of classes.
    case fullyConnected(outputs: Int?, bias: Bool)
    case scale(Double)
    /// The beginning and the end of a residual block, as brackets around its layers.
    case residualBranch
    case residualSum
  }

  /// The most weights of one layer, panels filled up; more would not fit into memory beside their
  /// gradients, and are taken for a mistake.
  package static let greatestWeight = 1 << 27
  /// The same for the values that a layer gives for one example.
  static let greatestOutput = 1 << 27

  public let layers: [Kind]
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
    var layers: [Kind] = []
    for word in words {
      var arguments = NotationArguments(word, of: text)
      layers.append(try arguments.layer())
    }
    self.layers = layers
    self.text = text
    places = words.map { ($0.position, $0.text) }
  }

  public static func == (a: Architecture, b: Architecture) -> Bool { a.layers == b.layers }

  /// Builds the network for images of `input`, `[1, h, w, c]`, and `classes` classes. It ends in a value
  /// for each class, or in images like `input`.
  ///
  /// Layers are named by kind and number: `conv1`, `pool1`, `relu1`, `fc1`.
  ///
  /// - Throws: ``NotationError`` with the layer that cannot take its input, and what would fit.
  public func network(input: Shape, classes: Int) throws(NotationError) -> Sequential {
    let network = try stack(input: input, classes: classes)
    if !network.isAutoencoder { try checkOutput(network.outputShape, classes) }
    return network
  }

  /// Builds the layers as ``network(input:classes:)`` does, whatever the last one gives.
  public func stack(input: Shape, classes: Int) throws(NotationError) -> Sequential {
    var built: [any Layer] = []
    var shape = input.with(examples: 1)
    // The image behind a flatten layer, for the stored order of the next weights.
    var image: ParameterLayout.Image?
    var numbers: [String: Int] = [:]
    // The residual blocks that are not closed yet, with their numbers and inputs.
    var blocks: [(number: Int, input: Shape)] = []
    func name(_ kind: String) -> String {
      numbers[kind, default: 0] += 1
      return "\(kind)\(numbers[kind]!)"
    }
    for (index, kind) in layers.enumerated() {
      if shape.rank == 4 {
        image = .init(height: shape[1], width: shape[2], channels: shape[3])
      }
      let layer: any Layer
      switch kind {
      case .convolution(
        let outputs, let kernel, let stride, let padding, let bias, let frozen):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        try checkWeight(
          index, inputs: [kernel.height, kernel.width, shape[3]], outputs: outputs,
          expected: "a smaller kernel or fewer outputs")
        layer = Convolution2D(
          name("conv"), inputs: shape[3], outputs: outputs, kernel: kernel, stride: stride,
          padding: padding, bias: bias, trainsWeight: !frozen)
      case .transposedConvolution(
        let outputs, let kernel, let stride, let padding, let outputPadding, let bias):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        try checkWeight(
          index, inputs: [kernel.height, kernel.width, outputs], outputs: shape[3],
          expected: "a smaller kernel or fewer outputs")
        layer = TransposedConvolution2D(
          name("convt"), inputs: shape[3], outputs: outputs, kernel: kernel, stride: stride,
          padding: padding, outputPadding: outputPadding, bias: bias)
      case .convolution1D(let outputs, let kernel, let stride, let padding, let bias):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        guard shape[1] == 1 else {
          throw problem(
            index, "its input is \(describe(shape)), more than one row", "signal before it")
        }
        try checkWeight(
          index, inputs: [kernel, shape[3]], outputs: outputs,
          expected: "a smaller kernel or fewer outputs")
        layer = Convolution1D(
          name("conv"), inputs: shape[3], outputs: outputs, kernel: kernel, stride: stride,
          padding: padding, bias: bias)
      case .batchNormalization(let epsilon, let momentum, let scales):
        if image != nil && shape.rank == 2 { throw flattened(index, shape, "bn") }
        layer = BatchNormalization(
          name("bn"), channels: shape[shape.rank - 1], epsilon: epsilon, momentum: momentum,
          scales: scales)
      case .maxPooling(let size, let stride, let padding, let ceilMode):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        layer = MaxPooling(
          name("pool"), size: size, stride: stride, padding: padding, ceilMode: ceilMode)
      case .averagePooling(
        let size, let stride, let padding, let ceilMode, let countsPadding):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        layer = AveragePooling(
          name("avgpool"), size: size, stride: stride, padding: padding, ceilMode: ceilMode,
          countsPadding: countsPadding)
      case .upsampling(let factor, let mode):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        layer = Upsampling(name("upsample"), by: factor, mode)
      case .globalPooling(let mode):
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        layer = GlobalPooling(name(mode == .maximum ? "globalmax" : "globalavg"), mode)
        image = nil
      case .relu: layer = ReLU(name("relu"))
      case .gelu: layer = GELU(name("gelu"))
      case .sigmoid: layer = Sigmoid(name("sigmoid"))
      case .tanh: layer = Tanh(name("tanh"))
      case .dropout(let probability):
        let name = name("dropout")
        layer = Dropout(name, number: numbers["dropout"]!, probability: probability)
      case .flatten: layer = Flatten(name("flatten"))
      case .signal:
        guard shape.rank == 4 else { throw notAnImage(index, shape) }
        layer = Signal(name("signal"))
      case .residualBranch:
        if image != nil && shape.rank == 2 { throw flattened(index, shape, "res") }
        numbers["res", default: 0] += 1
        blocks.append((numbers["res"]!, shape))
        layer = ResidualBranch("branch\(numbers["res"]!)")
      case .residualSum:
        let block = blocks.removeLast()
        guard shape == block.input else {
          throw problem(
            index, "its layers make \(describe(shape)) of \(describe(block.input))",
            "layers that keep the shape, for x + f(x)")
        }
        layer = ResidualSum("sum\(block.number)")
      case .fullyConnected(let outputs, let bias):
        try checkWeight(
          index, inputs: [shape.countPerExample], outputs: outputs ?? classes,
          expected: "fewer outputs, or pooling before it")
        layer = FullyConnected(
          name("fc"), inputs: shape.countPerExample, outputs: outputs ?? classes, image: image,
          bias: bias)
        image = nil
      case .scale(let factor): layer = Scale(name("scale"), by: Float(factor))
      }
      do {
        shape = try layer.outputShape(for: shape)
      } catch {
        throw problem(
          index, "it cannot take an input of \(describe(shape))", "\(error.expected)")
      }
      try checkExtents(index, shape)
      built.append(layer)
    }
    guard let network = try? Sequential(built, inputShape: input) else {
      preconditionFailure("shapes were checked above")
    }
    return network
  }

  /// Layers take their memory when they are made, so this comes before.
  private func checkWeight(
    _ index: Int, inputs: [Int], outputs: Int, expected: String
  ) throws(NotationError) {
    // No extent is above 2¹⁶, so the number of rows cannot overflow.
    let (count, overflow) = inputs.reduce(1, *).multipliedReportingOverflow(
      by: PanelMatrix.storageCount(rows: 1, columns: outputs))
    guard overflow || count > Self.greatestWeight else { return }
    let extents = (inputs + [outputs]).map(String.init).joined(separator: "×")
    throw problem(index, "its weight of \(extents) would not fit into memory", expected)
  }

  /// No extents are above 2¹⁶ and no input is larger than what is let through here, so one layer's
  /// output has extents of a few times 2⁴³ at most.
  private func checkExtents(_ index: Int, _ output: Shape) throws(NotationError) {
    let count = output.array.reduce(1.0) { $0 * Double($1) }
    guard count > Double(Self.greatestOutput) else { return }
    let expected =
      switch layers[index] {
      case .upsampling: "a smaller factor"
      case .transposedConvolution: "fewer outputs or a smaller stride"
      default: "fewer outputs"
      }
    throw problem(
      index, "its output of \(describe(output)) would not fit into memory", expected)
  }

  private func checkOutput(_ shape: Shape, _ classes: Int) throws(NotationError) {
    guard shape.rank == 2 else {
      throw problem(
        layers.count - 1, "the network ends in \(describe(shape)), not in one value a class",
        "fc(\(classes)) as the last layer")
    }
    guard shape[1] == classes else {
      throw problem(
        layers.count - 1, "it gives \(shape[1]) values for \(classes) classes",
        "fc(\(classes)) as the last layer")
    }
  }

  private func notAnImage(_ index: Int, _ shape: Shape) -> NotationError {
    problem(
      index, "its input is \(describe(shape)), no image any more",
      "convolutions and pooling before flatten and fc; relu or fc here")
  }

  /// Files would hold the channels in another order than memory does.
  private func flattened(_ index: Int, _ shape: Shape, _ layer: String) -> NotationError {
    problem(
      index, "its input is an image flattened to \(describe(shape))",
      "\(layer) before flatten, or behind fc")
  }

  private func problem(_ index: Int, _ problem: String, _ expected: String) -> NotationError {
    NotationError(
      text: text, position: places[index].position, layer: places[index].word, problem: problem,
      expected: expected)
  }

  private func describe(_ shape: Shape) -> String {
    shape.array.dropFirst().map(String.init).joined(separator: "×")
  }
}
