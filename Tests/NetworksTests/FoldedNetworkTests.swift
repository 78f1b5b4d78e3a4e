import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// Batch normalizations become part of the layers before them.
@Suite struct FoldedNetworkTests {
  private func network(_ notation: String, _ input: Shape = [1, 9, 8, 3]) throws -> Sequential {
    let network = try Architecture(notation).network(input: input, classes: 5)
    network.initialize(seed: 2)
    return network
  }

  private func names(_ network: Sequential) -> [String] { network.layers.map(\.name) }

  /// The outputs for `inputs`, `[n, …]`.
  private func outputs(
    _ network: Sequential, _ inputs: [Float], kernelSet: KernelSet = .best
  ) -> [Float] {
    let count = inputs.count / network.inputShape.count
    // Tests run in parallel, and a context is used by one thread at a time.
    let context = Context(threadCount: 2, kernelSet: kernelSet)
    let executor = Executor(network, capacity: count, training: false, context: context)
    for (index, value) in inputs.enumerated() { executor.input.base[index] = value }
    return Array(executor.forward(count: count).elements)
  }

  // MARK: Values computed by hand

  /// s = (3/√4, 0.5/√¼) = (1.5, 1), W′ = s·W and b′ = s·(b − µ) + β.
  private func setStatistics(_ normalization: BatchNormalization) {
    normalization.weight.setValues(stored: [3, 0.5])
    normalization.bias.setValues(stored: [1, -2])
    normalization.runningMean.setValues(stored: [5, 1])
    normalization.runningVariance.setValues(stored: [4, 0.25])
  }

  @Test func aConvolutionTakesScaleAndShift() throws {
    let layer = Convolution2D("conv1", inputChannels: 1, outputChannels: 2, kernel: Extent2D(1, 2))
    layer.weight.setValues(stored: [2, -4, -1, 6])
    layer.bias?.setValues(stored: [1, 3])
    let normalization = BatchNormalization("bn1", channels: 2, epsilon: 0)
    setStatistics(normalization)
    let original = try Sequential([layer, normalization], inputShape: [1, 1, 3, 1])
    let folded = FoldedNetwork(original)
    #expect(folded.foldedNames == ["bn1"] && names(folded.network) == ["conv1"])
    #expect(folded.network.parameters.map(\.name) == ["conv1.weight", "conv1.bias"])
    #expect(folded.network.parameters[0].storedValues() == [3, -6, -1, 6])
    #expect(folded.network.parameters[1].storedValues() == [-5, 0])
    // The original network stays.
    #expect(layer.weight.storedValues() == [2, -4, -1, 6])
    #expect(original.layers.count == 2)
  }

  @Test func aFullyConnectedLayerWithoutBiasGetsOne() throws {
    let image = ParameterLayout.Image(height: 1, width: 2, channels: 2)
    let layer = FullyConnected("fc1", inputs: 4, outputs: 2, image: image, bias: false)
    layer.weight.setValues(stored: [2, 4, 6, 8, 1, 2, 3, 4])
    let normalization = BatchNormalization("bn1", channels: 2, epsilon: 0)
    setStatistics(normalization)
    let folded = FoldedNetwork(try Sequential([layer, normalization], inputShape: [1, 1, 2, 2]))
    #expect(folded.network.parameters[0].storedValues() == [3, 6, 9, 12, 1, 2, 3, 4])
    #expect(folded.network.parameters[1].storedValues() == [-6.5, -3])
  }

  @Test func aTransposedConvolutionScalesItsOutputChannels() throws {
    let layer = TransposedConvolution2D(
      "convt1", inputChannels: 2, outputChannels: 2, kernel: Extent2D(1, 2))
    // [inputChannels, outputChannels, 1, 2]
    layer.weight.setValues(stored: [2, 4, 1, 2, 6, 8, 3, 4])
    layer.bias?.setValues(stored: [1, 3])
    let normalization = BatchNormalization("bn1", channels: 2, epsilon: 0)
    setStatistics(normalization)
    let folded = FoldedNetwork(try Sequential([layer, normalization], inputShape: [1, 2, 2, 2]))
    #expect(folded.network.parameters[0].storedValues() == [3, 6, 1, 2, 9, 12, 3, 4])
    #expect(folded.network.parameters[1].storedValues() == [-5, 0])
  }

  // MARK: Which normalizations

  @Test(arguments: [
    // In sequence, also twice, and with layers between that do nothing in evaluation.
    ("conv(4,3) bn relu fc(classes)", ["bn1"]),
    ("conv(4,3) bn bn relu fc(classes)", ["bn1", "bn2"]),
    ("conv(4,3) dropout(0.5) bn dropout(0.5) bn fc(classes)", ["bn1", "bn2"]),
    ("dwconv(3,bias=no) bn fc(8) bn relu fc(classes)", ["bn1", "bn2"]),
    ("convt(4,2,stride=2) bn fc(classes)", ["bn1"]),
    ("signal conv1d(4,3) bn relu fc(classes)", ["bn1"]),
    // Inside and behind residual blocks.
    ("conv(3,3) bn res(conv(3,3) bn relu conv(3,3) bn) fc(classes)", ["bn1", "bn2", "bn3"]),
    ("conv(4,3) res(bn conv(4,3) bn) bn fc(classes)", ["bn2"]),
    // Something stands between, or nothing stands before.
    ("bn conv(4,3) relu bn fc(classes)", []),
    ("conv(4,3) pool(2) bn relu fc(classes)", []),
    ("conv(4,3) res(bn relu) fc(classes)", []),
    ("conv(4,3) gn(2) fc(classes)", []),
  ])
  func normalizationsThatAreFolded(_ notation: String, _ expected: [String]) throws {
    let original = try network(notation)
    let folded = FoldedNetwork(original)
    #expect(folded.foldedNames == expected)
    #expect(names(folded.network) == names(original).filter { !expected.contains($0) })
    #expect(folded.network.outputShape == original.outputShape)
    if expected.isEmpty { #expect(folded.network === original) }
  }

  /// A variance of almost nothing would give weights that are not finite.
  @Test func aValueThatIsNotFiniteIsNotFolded() throws {
    let original = try network("conv(2,3,bias=no) bn(epsilon=1e-30) fc(classes)")
    original.layers[1].parameters[0].setValues(stored: [1e30, 1])
    original.layers[1].parameters[3].setValues(stored: [0, 1])
    #expect(FoldedNetwork(original).foldedNames.isEmpty)
  }

  @Test(arguments: ConvolutionAlgorithms.names)
  func theAlgorithmStays(_ name: String) throws {
    let original = try network("conv(16,3,padding=same) bn relu fc(classes)", [1, 16, 16, 8])
    let layer = try #require(original.layers[0] as? Convolution2D)
    guard layer.supportedAlgorithms(for: original.inputShape).contains(name) else { return }
    try original.setConvolutionAlgorithms(.all(name), batch: 3)
    let folded = FoldedNetwork(original).network
    let copy = try #require(folded.layers[0] as? Convolution2D)
    #expect(copy.algorithmName(for: original.inputShape) == name && copy.batch == 3)
  }

  // MARK: Equal functions

  /// Scales that are powers of two and whole numbers elsewhere have no rounding errors, so the two
  /// networks must agree to the bit.
  @Test(arguments: [
    "conv(5,3) bn(epsilon=1e-30) fc(classes)",
    "conv(37,2,stride=2,bias=no) bn(epsilon=1e-30) conv(3,3) bn(epsilon=1e-30,scale=no) fc(classes)",
    "dwconv(3) bn(epsilon=1e-30) relu fc(35) bn(epsilon=1e-30) fc(classes)",
    "convt(4,3,stride=2) bn(epsilon=1e-30) relu fc(classes)",
    "signal conv1d(6,5,bias=no) bn(epsilon=1e-30) relu fc(classes)",
    "conv(3,1) bn(epsilon=1e-30) res(conv(3,3) bn(epsilon=1e-30)) bn(epsilon=1e-30) fc(classes)",
  ])
  func wholeNumbersGiveEqualBits(_ notation: String) throws {
    var random = WholeNumbers(seed: 17)
    let original = try network(notation)
    if original.layers.contains(where: { $0 is any ConvolutionLayer }) {
      try original.setConvolutionAlgorithms(.all("direct"))
    }
    for layer in original.layers {
      for parameter in layer.parameters {
        parameter.setValues(stored: random.next(parameter.layout.count, from: -1, to: 1).floats)
      }
      guard let normalization = layer as? BatchNormalization else { continue }
      let powers: [Float] = [1, 2, 0.5, -1, -2]
      let channels = 0..<normalization.channels
      if normalization.weight.isTrained {
        normalization.weight.setValues(stored: channels.map { powers[$0 % 5] })
      } else {
        normalization.weight.setValues(stored: channels.map { _ in 1 })
      }
      normalization.runningVariance.setValues(stored: channels.map { $0 % 2 == 0 ? 4 : 0.25 })
    }
    let inputs = random.next(4 * original.inputShape.count, from: -2, to: 2).floats
    let folded = FoldedNetwork(original)
    #expect(!folded.foldedNames.isEmpty)
    for set in KernelSet.available {
      let found = outputs(folded.network, inputs, kernelSet: set)
      #expect(found == outputs(original, inputs, kernelSet: set), "\(set)")
    }
  }

  /// The greatest difference, as a fraction of the greatest output, of a named model with random
  /// parameters and statistics: at most 1e-5.
  @Test(arguments: NamedModel.all.filter { $0.notation.contains("bn") }.map(\.name))
  func namedModelsDifferByRounding(_ name: String) throws {
    let model = try #require(NamedModel.named(name))
    let original = try model.architecture.network(input: model.inputShape, classes: 10)
    original.drawStatistics(seed: 5)
    var random = WholeNumbers(seed: 6)
    let inputs = random.fractions(2 * original.inputShape.count)
    let folded = FoldedNetwork(original)
    let direct = zip(original.layers, original.layers.dropFirst()).count {
      ($0 is Convolution2D || $0 is FullyConnected) && $1 is BatchNormalization
    }
    #expect(folded.foldedNames.count == direct)
    #expect(direct > 0 || name == "cdeotte")
    let difference = relativeDifference(
      outputs(folded.network, inputs), outputs(original, inputs))
    #expect(difference <= 1e-5)
  }
}
