import Tensors
import Testing

@testable import Benchmarking
@testable import Layers
@testable import Networks

@Suite struct LayerBenchmarkTests {
  private func network(_ text: String) throws -> Sequential {
    let network = try Architecture(text).network(input: [1, 8, 8, 2], classes: 3)
    network.initialize(seed: 1)
    return network
  }

  private let text = "conv(4,3) pool(2) relu flatten fc(5) relu fc(classes)"

  /// conv1: 8·8·4 outputs of 3·3·2 terms; fc1: 64 × 5; fc2: 5 × 3. The first layer needs no
  /// backward data.
  @Test func multiplyAddsAreThoseOfTheNeededPasses() throws {
    let network = try network(text)
    let (conv, fc1, fc2) = (8 * 8 * 4 * 18, 64 * 5, 15)
    #expect(network.forwardMultiplyAdds(ofLayer: 0) == conv)
    #expect(network.backwardMultiplyAdds(ofLayer: 0) == conv)
    #expect(network.backwardMultiplyAdds(ofLayer: 1) == 0)
    #expect(network.backwardMultiplyAdds(ofLayer: 4) == 2 * fc1)
    #expect(network.multiplyAdds(training: false) == conv + fc1 + fc2)
    #expect(network.multiplyAdds(training: true) == 2 * conv + 3 * (fc1 + fc2))
    // A frozen weight costs only its forward pass. Its bias is trained, so later layers compute
    // backward data.
    let frozen = try self.network("conv(4,3,frozen=yes) relu fc(classes)")
    #expect(frozen.multiplyAdds(training: true) == conv + 3 * 256 * 3)
  }

  /// Backward data runs where it runs in the network, which is from the second trained layer on.
  @Test func backwardDataStartsAtTheSecondTrainedLayer() throws {
    let network = try network(text)
    #expect(
      network.layers.indices.map { network.needsInputGradient(ofLayer: $0) }
        == [false, true, true, true, true, true, true])
    let late = try self.network("pool(2) relu fc(5) relu fc(classes)")
    #expect(
      late.layers.indices.map { late.needsInputGradient(ofLayer: $0) }
        == [false, false, false, true, true])
  }

  /// Every layer except views is measured, and its passes really run: parameters get gradients.
  @Test func layersRunAlone() throws {
    let network = try network(text)
    let context = Context(threadCount: 2)
    var names: [String] = []
    for index in network.layers.indices {
      guard
        let benchmark = LayerBenchmark(network, layer: index, batchSize: 20, context: context)
      else {
        #expect(network.layers[index] is any ViewLayer)
        continue
      }
      names.append(benchmark.name)
      #expect(benchmark.outputShape == network.outputShapes[index])
      #expect(benchmark.forwardMultiplyAdds == 20 * network.forwardMultiplyAdds(ofLayer: index))
      #expect(benchmark.backwardMultiplyAdds == 20 * network.backwardMultiplyAdds(ofLayer: index))
      for parameter in network.layers[index].parameters { parameter.zeroGradient() }
      benchmark.forward()
      benchmark.backward()
      for parameter in network.layers[index].parameters {
        #expect(parameter.storedGradient().contains { $0 != 0 }, "\(parameter.name)")
        #expect(parameter.storedGradient().allSatisfy { $0.isFinite }, "\(parameter.name)")
      }
    }
    #expect(names == ["conv1", "pool1", "relu1", "fc1", "relu2", "fc2"])
  }

  /// The operations are the sum over all parts, for any number of threads.
  @Test(arguments: [1, 3])
  func thePeakCountsAllParts(_ threads: Int) {
    let benchmark = PeakBenchmark(Context(threadCount: threads))
    let one = benchmark.run(rounds: 1)
    #expect(one > 0 && one % threads == 0)
    #expect(benchmark.run(rounds: 5) == 5 * one)
    #expect(one == threads * PeakBenchmark(Context(threadCount: 1)).run(rounds: 1))
  }

  /// Neither end of a residual block can run alone, so neither is measured.
  @Test func endsOfResidualBlocksAreNotMeasured() throws {
    let network = try Architecture("conv(2,3) res(conv(2,3) relu) fc(2)").network(
      input: [1, 4, 4, 1], classes: 2)
    let context = Context(threadCount: 1)
    let measured = network.layers.indices.compactMap {
      LayerBenchmark(network, layer: $0, batchSize: 2, context: context)?.name
    }
    #expect(measured == ["conv1", "conv2", "relu1", "fc1"])
  }
}
