import Layers
import Networks
import Testing

@testable import Benchmarking

@Suite struct RandomNetworkTests {
  private static let drawn = (0..<400).map { RandomNetwork(seed: 7, index: $0) }

  private func network(_ drawn: RandomNetwork) throws -> Sequential {
    try Architecture(drawn.notation).network(input: drawn.image, classes: RandomNetwork.classes)
  }

  /// Every network can be built, and no step is greater than the limit.
  @Test func everyNetworkIsPossible() throws {
    for drawn in Self.drawn {
      let network = try network(drawn)
      #expect(network.outputShape.countPerExample == RandomNetwork.classes)
      #expect(drawn.batchSize.nonzeroBitCount == 1 && (1...512).contains(drawn.batchSize))
      #expect(
        drawn.batchSize * network.multiplyAdds(training: true) <= RandomNetwork.greatestStep)
    }
  }

  /// A series is a function of its seed, and its networks do not depend on each other.
  @Test func theSeedGivesTheNetworks() {
    let again = RandomNetwork(seed: 7, index: 23)
    #expect(again.notation == Self.drawn[23].notation)
    #expect(again.image == Self.drawn[23].image && again.batchSize == Self.drawn[23].batchSize)
    let others = (0..<50).map { RandomNetwork(seed: 8, index: $0).notation }
    #expect(Set(others).union(Self.drawn.prefix(50).map(\.notation)).count > 95)
  }

  /// What the distribution promises does occur, and about as often.
  @Test func theDistributionIsAsDescribed() throws {
    let convolutions = try Self.drawn.flatMap { drawn in
      try network(drawn).layers.compactMap { $0 as? Convolution2D }
    }
    let kernels = Set(convolutions.map(\.kernel.height))
    #expect(kernels == Set(1...9))
    let channels = Set(convolutions.map(\.outputChannels))
    #expect(channels.min() == 3 && channels.max()! > 240 && channels.count > 150)
    #expect(channels.contains { $0 % 16 != 0 && $0 > 200 })
    func share(_ word: String) -> Double {
      Double(Self.drawn.count { $0.notation.contains(word) }) / Double(Self.drawn.count)
    }
    for word in [
      "stride=2", "padding=valid", "dwconv", "groups=", "bn", "gn(", "tanh", "gelu", "silu",
      "sigmoid", "res(",
      "avgpool", "pool(3,2)", "dropout", "globalavg", "globalmax",
    ] { #expect(share(word) > 0.05, "\(word)") }
    let dense = Double(Self.drawn.count { !$0.notation.contains("conv") })
    #expect((0.05...0.15).contains(dense / Double(Self.drawn.count)))
    #expect(Set(Self.drawn.map { $0.image[1] }).count == 12)
    #expect(Set(Self.drawn.map { $0.image[3] }) == [1, 3])
    #expect(Set(Self.drawn.map(\.batchSize)).count == 10)
  }
}
