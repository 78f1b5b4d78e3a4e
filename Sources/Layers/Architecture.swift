import Tensors

/// A network as a list of layers that are not built yet: their kinds and numbers, in the course's
/// notation.
///
/// | layer | arguments | options |
/// |---|---|---|
/// | `conv(outputs, kernel)` | or `conv(outputs, 3x5)` | `stride=1`, `padding=same\|valid\|n`, `bias=yes\|no`, `frozen=no\|yes` |
/// | `bn` | | `epsilon=1e-05`, `momentum=0.1`, `scale=yes\|no` |
/// | `pool(size, stride)` | the stride is the size unless given | `padding=0`, `mode=floor\|ceil` |
/// | `avgpool(size, stride)` | likewise | and `countpadding=yes\|no` |
/// | `upsample(factor)` | or `upsample(2x3)` | `mode=nearest\|bilinear` |
/// | `relu`, `gelu`, `sigmoid`, `tanh`, `globalmax`, `globalavg`, `flatten` | | |
/// | `dropout(probability)` | | |
/// | `fc(outputs)` | or `fc(classes)`: as many as the data set has | `bias=yes\|no` |
/// | `scale(factor)` | or a fraction, `scale(1/9)` | |
public struct Architecture: Equatable, Sendable {
  /// One layer, before it knows its input.
  public enum Kind: Equatable, Sendable {
    /// `frozen` weights are not trained; the bias is.
    case convolution(
      outputs: Int, kernel: Extent2D, stride: Extent2D, padding: Padding, bias: Bool,
      frozen: Bool)
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
    /// `outputs` is nil for the number of classes.
    case fullyConnected(outputs: Int?, bias: Bool)
    case scale(Double)
  }

  /// The most weights of one layer, panels filled up; more would not fit into memory beside their
  /// gradients, and are taken for a mistake.
  static let greatestWeight = 1 << 27
  /// The same for the values that an enlargement gives for one example.
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

  /// Builds the network for images of `input`, `[1, h, w, c]`, and `classes` classes.
  ///
  /// Layers are named by kind and number: `conv1`, `pool1`, `relu1`, `fc1`.
  ///
  /// - Throws: ``NotationError`` with the layer that cannot take its input, and what would fit.
  public func network(input: Shape, classes: Int) throws(NotationError) -> Sequential {
    let network = try stack(input: input, classes: classes)
    try checkOutput(network.outputShape, classes)
    return network
  }

  /// Builds the layers as ``network(input:classes:)`` does, whatever the last one gives.
  public func stack(input: Shape, classes: Int) throws(NotationError) -> Sequential {
    var built: [any Layer] = []
    var shape = input.with(examples: 1)
    // The image behind a flatten layer, for the stored order of the next weights.
    var image: ParameterLayout.Image?
    var numbers: [String: Int] = [:]
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
      case .batchNormalization(let epsilon, let momentum, let scales):
        if image != nil && shape.rank == 2 { throw flattened(index, shape) }
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
        try checkEnlargement(index, shape, by: factor)
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

  private func checkEnlargement(
    _ index: Int, _ shape: Shape, by factor: Extent2D
  ) throws(NotationError) {
    // No factor is above 2¹⁶, and inputs are no larger than what is let through here.
    let count = shape.countPerExample.multipliedReportingOverflow(
      by: factor.height * factor.width)
    guard count.overflow || count.partialValue > Self.greatestOutput else { return }
    let output = [factor.height * shape[1], factor.width * shape[2], shape[3]]
    throw problem(
      index,
      "its output of \(output.map(String.init).joined(separator: "×")) would not fit into memory",
      "a smaller factor")
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
  private func flattened(_ index: Int, _ shape: Shape) -> NotationError {
    problem(
      index, "its input is an image flattened to \(describe(shape))",
      "bn before flatten, or behind fc")
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
