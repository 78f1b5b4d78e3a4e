import Tensors
import TestSupport
import Testing

@testable import Layers

/// Batch normalization and fused layers within a network. The neighboring layers' passes accumulate
/// sums and complete gradients. The results must equal those of one layer after the other.
@Suite struct BatchNormalizationExecutorTests {
  /// Positions of batch normalization: first, after a convolution, twice, after pooling, after a
  /// layer of the whole batch, and last. Positions of ReLUs next to pooling, also with overlapping
  /// windows (`o`) or a view between (`v`).
  static let networks: [String: [Character]] = [
    "in the usual places": Array("cbrpcbrf"),
    "first": Array("bcrf"),
    "twice": Array("cbbrf"),
    "after pooling": Array("cpbrcrbf"),
    "after a fully connected layer": Array("crfbrfb"),
    "between rectifiers": Array("crbrbrcf"),
    "beside overlapping pooling": Array("cbrocorbof"),
    "rectifiers before pooling": Array("rocrpcf"),
    "rectifiers behind pooling": Array("prcorcf"),
    "views between": Array("cpvrf"),
    "a view behind normalization": Array("orcbvrf"),
  ]

  private func network(_ letters: [Character]) throws -> Sequential {
    var shape: Shape = [1, 8, 8, 3]
    let input = shape
    var layers: [any Layer] = []
    for (index, letter) in letters.enumerated() {
      let channels = shape[shape.rank - 1]
      let layer: any Layer =
        switch letter {
        case "c":
          Convolution2D(
            "conv\(index)", inputChannels: channels, outputChannels: index == 0 ? 16 : 32,
            kernel: 3,
            padding: .same)
        case "b": BatchNormalization("bn\(index)", channels: channels)
        case "r": ReLU("relu\(index)")
        case "p": MaxPooling("pool\(index)", size: 2)
        case "o": MaxPooling("pool\(index)", size: 3, stride: 2, padding: 1, ceilMode: true)
        case "v": Flatten("flatten\(index)")
        default: FullyConnected("fc\(index)", inputs: shape.countPerExample, outputs: 7)
        }
      shape = try layer.outputShape(for: shape)
      layers.append(layer)
    }
    let network = try Sequential(layers, inputShape: input)
    network.initialize(seed: 5)
    return network
  }

  private func run(
    _ letters: [Character], count: Int, threads: Int = 1, set: KernelSet = .best,
    chunkBytes: Int = ExecutionPlan.chunkBytes, evaluatesBetween: Bool = false
  ) throws -> StepOutcome {
    try StepOutcome(
      network(letters), count: count, threads: threads, set: set, chunkBytes: chunkBytes,
      evaluatesBetween: evaluatesBetween)
  }

  @Test(arguments: networks.keys.sorted())
  func isOneLayerAfterTheOther(_ name: String) throws {
    let letters = try #require(Self.networks[name])
    let count = 21
    let network = try network(letters)
    var random = WholeNumbers(seed: 41)
    var x = random.fractions(count * network.inputShape.count)
    var dy = random.fractions(count * 7)
    var inputs: [[Float]] = []
    for (index, layer) in network.layers.enumerated() {
      inputs.append(x)
      if layer is any ViewLayer { continue }
      let shape = network.inputShape(ofLayer: index).with(examples: count)
      let none = [Float](repeating: 0, count: network.outputShapes[index].count * count)
      x = try LayerRun(layer, x: x, shape: shape, dy: none).y
    }
    let outputs = x
    let averages = StepOutcome.averages(network)
    var gradients: [[Float]] = []
    for (index, layer) in network.layers.enumerated().reversed()
    where !(layer is any ViewLayer) {
      let shape = network.inputShape(ofLayer: index).with(examples: count)
      let run = try LayerRun(layer, x: inputs[index], shape: shape, dy: dy)
      gradients = run.gradients + gradients
      dy = run.dx
    }
    let found = try run(letters, count: count)
    #expect(found.outputs == outputs)
    #expect(found.gradients == gradients)
    #expect(found.averages == averages)
  }

  @Test(arguments: networks.keys.sorted())
  func threadsSetsAndChunksDoNotChangeABit(_ name: String) throws {
    let letters = try #require(Self.networks[name])
    let reference = try run(letters, count: 37)
    for set in KernelSet.available where set != .portable {
      #expect(try run(letters, count: 37, threads: 3, set: set) == reference)
    }
    #expect(try run(letters, count: 37, chunkBytes: 1) == reference)
    #expect(try run(letters, count: 37, threads: 2, chunkBytes: 1 << 30) == reference)
  }

  @Test(arguments: networks.keys.sorted())
  func evaluationDoesNotDisturbTraining(_ name: String) throws {
    let letters = try #require(Self.networks[name])
    #expect(
      try run(letters, count: 9, evaluatesBetween: true) == run(letters, count: 9))
  }

  /// An evaluation uses the running averages, and computes each example independently.
  @Test func evaluationDoesNotDependOnTheBatch() throws {
    let network = try network(Self.networks["in the usual places"]!)
    for parameter in network.parameters where parameter.role == .running {
      var random = WholeNumbers(seed: 1)
      parameter.setValues(
        stored: random.fractions(parameter.layout.count).map { 1.5 + $0 })
    }
    let context = Context(threadCount: 2)
    let evaluator = Executor(network, capacity: 9, training: false, context: context)
    var random = WholeNumbers(seed: 2)
    _ = evaluator.input.elements.update(
      fromContentsOf: random.fractions(9 * network.inputShape.count))
    let whole = Array(evaluator.forward(count: 9).elements)
    #expect(Array(evaluator.forward(count: 2).elements) == Array(whole.prefix(14)))
    let before = StepOutcome.averages(network)
    _ = evaluator.forward(count: 9)
    #expect(StepOutcome.averages(network) == before)
  }
}
