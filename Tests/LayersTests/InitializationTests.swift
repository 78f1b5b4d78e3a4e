import Tensors
import Testing

@testable import Layers

/// Initial values besides those drawn for each layer alone.
@Suite struct InitializationTests {
  private func network(_ scheme: Initialization) throws -> Sequential {
    let network = try Sequential(
      [
        Convolution2D("conv1", inputChannels: 2, outputChannels: 3, kernel: 3, padding: .same),
        Convolution2D("conv2", inputChannels: 3, outputChannels: 2, kernel: 3, padding: .same),
        Flatten("flatten1"), FullyConnected("fc1", inputs: 32, outputs: 3),
      ], inputShape: [1, 4, 4, 2])
    network.initialize(seed: 5, by: scheme)
    return network
  }

  /// `torch.nn.init.dirac_(weight[:inputChannels])`: 1 at the center of each first filter, in its
  /// own channel. All other values are those of `pytorch`.
  @Test func diracFiltersReturnTheirInputChannel() throws {
    let (plain, dirac) = (try network(.pytorch), try network(.dirac))
    let shapes = [(3, 2), (2, 3)]
    for (index, (outputs, inputs)) in shapes.enumerated() {
      let drawn = plain.layers[index].parameters[0].storedValues()
      let values = dirac.layers[index].parameters[0].storedValues()
      for filter in 0..<outputs {
        for channel in 0..<inputs {
          for tap in 0..<9 {
            let place = (filter * inputs + channel) * 9 + tap
            let identity: Float = channel == filter && tap == 4 ? 1 : 0
            #expect(values[place] == (filter < inputs ? identity : drawn[place]), "\(place)")
          }
        }
      }
    }
    for name in ["conv1.bias", "conv2.bias", "fc1.weight", "fc1.bias"] {
      let values = { (network: Sequential) in
        network.parameters.first { $0.name == name }?.storedValues()
      }
      #expect(values(plain) == values(dirac), "\(name)")
    }
  }

  @Test func headWeightsAreScaledToTheGivenStd() throws {
    let network = try network(.pytorch)
    let before = try #require(network.layers.last).parameters[0].storedValues()
    network.scaleHead(toStd: 2)
    let after = try #require(network.layers.last).parameters[0].storedValues()
    let mean = after.map(Double.init).reduce(0, +) / 96
    let variance = after.map { (Double($0) - mean) * (Double($0) - mean) }.reduce(0, +) / 95
    #expect(abs(variance.squareRoot() - 2) < 1e-6)
    let factor = after[0] / before[0]
    #expect(zip(after, before).allSatisfy { abs($0 / $1 - factor) < 1e-5 * factor })
    #expect(
      try #require(network.layers.last).parameters[1].storedValues()
        == (try self.network(.pytorch)).layers[3].parameters[1].storedValues())
  }
}
