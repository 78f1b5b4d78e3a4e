import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Convolutions with a frozen weight: everything else must be as with a trained weight.
@Suite struct FrozenConvolutionTests {
  private struct Outcome: Equatable {
    var outputs: [Float]
    var gradients: [String: [Float]]
    var weight: [Float]
  }

  private func run(_ notation: String, count: Int = 19, threads: Int = 2) throws -> Outcome {
    let network = try Architecture(notation).network(input: [1, 9, 8, 16], classes: 5)
    network.initialize(seed: 4)
    let context = Context(threadCount: threads)
    let executor = Executor(network, capacity: count, training: true, context: context)
    var random = WholeNumbers(seed: 51)
    _ = executor.input.elements.update(
      fromContentsOf: random.fractions(count * network.inputShape.count))
    for parameter in network.parameters { parameter.zeroGradient() }
    let outputs = Array(executor.forward(count: count).elements)
    _ = executor.outputGradient(count: count).elements.update(
      fromContentsOf: random.fractions(count * 5))
    executor.backward(count: count)
    var gradients: [String: [Float]] = [:]
    for parameter in network.trainedParameters {
      gradients[parameter.name] = parameter.storedGradient()
    }
    let convolution = network.layers.last { $0 is Convolution2D } as? Convolution2D
    return Outcome(
      outputs: outputs, gradients: gradients,
      weight: try #require(convolution).weight.storedValues())
  }

  /// A first layer, with a bias gradient or without any backward work, and a layer behind a trained
  /// one, which needs the gradient with respect to its input; for the direct algorithm and
  /// Winograd's.
  @Test(arguments: [
    ("conv(16,3*) relu fc(classes)", "conv1.weight"),
    ("conv(16,3,bias=no*) relu fc(classes)", "conv1.weight"),
    ("conv(7,2,padding=valid*) gelu fc(classes)", "conv1.weight"),
    ("conv(16,3) relu conv(32,3*) relu fc(classes)", "conv2.weight"),
    ("conv(16,3) relu conv(7,2,stride=2,bias=no*) relu fc(classes)", "conv2.weight"),
    ("bn conv(16,3*) relu conv(16,5*) relu fc(classes)", "conv1.weight conv2.weight"),
  ])
  func allElseIsTheSame(_ notation: String, _ names: String) throws {
    let trained = try run(notation.replacing("*", with: ""))
    let frozen = try run(notation.replacing("*", with: ",frozen=yes"))
    #expect(frozen.outputs == trained.outputs)
    #expect(frozen.weight == trained.weight)
    var expected = trained.gradients
    for name in names.split(separator: " ") {
      #expect(expected.removeValue(forKey: String(name)) != nil)
    }
    #expect(frozen.gradients == expected)
    #expect(try run(notation.replacing("*", with: ",frozen=yes"), threads: 3) == frozen)
  }

  @Test func aFrozenWeightHasNoGradient() throws {
    let layer = Convolution2D(
      "conv1", inputChannels: 2, outputChannels: 3, kernel: 3, trainsWeight: false)
    #expect(layer.weight.role == .frozen && layer.bias?.role == .trained)
    #expect(layer.parameters.map(\.name) == ["conv1.weight", "conv1.bias"])
    // The weight is drawn like any other, and read from files.
    layer.weight.initialize(seed: 1, index: 0, gain: 2)
    #expect(layer.weight.storedValues().contains { $0 != 0 })
  }

  /// A network without trained parameters has an empty backward pass.
  @Test func aFrozenNetworkHasNoBackwardPass() throws {
    let network = try Sequential(
      [
        Convolution2D(
          "conv1", inputChannels: 1, outputChannels: 4, kernel: 3, bias: false, trainsWeight: false),
        GlobalPooling("globalmax1", .maximum),
      ], inputShape: [1, 5, 5, 1])
    network.initialize(seed: 1)
    #expect(network.trainedParameters.isEmpty && network.parameterCount == 0)
    let executor = Executor(
      network, capacity: 3, training: true, context: Context(threadCount: 1))
    executor.input.elements.update(repeating: 1)
    let outputs = Array(executor.forward(count: 3).elements)
    executor.outputGradient(count: 3).elements.update(repeating: 1)
    executor.backward(count: 3)
    #expect(Array(executor.forward(count: 3).elements) == outputs)
  }
}
