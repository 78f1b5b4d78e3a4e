import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// The network for inference has convolutions whose algorithms are chosen for forward passes alone.
@Suite struct InferenceAlgorithmTests {
  private static let notation =
    "conv(48,3) relu pool(2) conv(64,3,stride=2) relu conv(24,5) relu fc(classes)"

  private func network(_ notation: String, batch: Int = 8) throws -> Sequential {
    let network = try Architecture(notation).network(input: [1, 20, 20, 32], classes: 5)
    try network.setConvolutionAlgorithms(.automatic, batch: batch)
    network.initialize(seed: 2)
    return network
  }

  private func outputs(_ network: Sequential, threads: Int = 2) -> [Float] {
    let executor = Executor(
      network, capacity: 3, training: false, context: Context(threadCount: threads))
    var random = WholeNumbers(seed: 4)
    for (place, value) in random.fractions(3 * network.inputShape.count).enumerated() {
      executor.input.base[place] = value
    }
    return Array(executor.forward(count: 3).elements)
  }

  /// Copies have the same parameters, so they follow later changes of the original.
  @Test func copiesShareTheirParameters() throws {
    let original = try network(Self.notation)
    let inference = original.forInference
    #expect(inference !== original)
    let pairs = zip(original.layers, inference.layers)
    let copies = pairs.filter { $0 !== $1 }
    #expect(!copies.isEmpty && copies.allSatisfy { $0.0 is Convolution2D })
    #expect(zip(original.parameters, inference.parameters).allSatisfy { $0 === $1 })
    #expect(inference.parameters.count == original.parameters.count)
    #expect(pairs.allSatisfy { $0.name == $1.name })
    for parameter in original.parameters {
      parameter.setValues(stored: parameter.storedValues().map { -$0 })
    }
    let difference = relativeDifference(outputs(inference), outputs(original))
    #expect(difference > 0 && difference < 1e-4)
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let inference = try network(Self.notation).forInference
    let expected = outputs(inference, threads: 1)
    for threads in 2...4 { #expect(outputs(inference, threads: threads) == expected) }
  }

  @Test func requestedAlgorithmsStay() throws {
    let original = try network(Self.notation)
    try original.setConvolutionAlgorithms(.all("direct"), batch: 8)
    #expect(original.forInference === original)
    let folded = try network(Self.notation.replacing("relu", with: "bn relu"))
    try folded.setConvolutionAlgorithms(ConvolutionChoice("conv1=direct,conv3=im2row"), batch: 8)
    let inference = folded.forInference
    #expect(!inference.layers.contains { $0 is BatchNormalization })
    for (layer, name) in zip(
      inference.layers.compactMap { $0 as? Convolution2D }, ["direct", nil, "im2row"])
    {
      #expect(layer.requestedAlgorithm == name)
    }
  }

  /// The original network stays as it is.
  @Test func evaluationKeepsTheAlgorithmsOfTraining() throws {
    let original = try network(Self.notation)
    let before = outputs(original)
    _ = original.forInference
    #expect(outputs(original) == before)
  }
}
