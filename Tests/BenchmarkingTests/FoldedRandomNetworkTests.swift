import Benchmarking
import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// Networks that nobody chose, with their batch normalizations folded.
@Suite struct FoldedRandomNetworkTests {
  /// The greatest difference is at most 1e-5 of the greatest output, by direct convolutions.
  /// Winograd's tiles of many points have errors of their own (`docs/numerics.md`).
  @Test func outputsDifferByRounding() throws {
    let context = Context(threadCount: 2)
    var numbers = WholeNumbers(seed: 3)
    var foldedCount = 0
    var differingCount = 0
    for index in 0..<300 where foldedCount < 120 {
      let drawn = RandomNetwork(seed: 11, index: index)
      let network = try Architecture(drawn.notation).network(
        input: drawn.image, classes: RandomNetwork.classes)
      guard network.multiplyAdds(training: false) < 60_000_000 else { continue }
      try network.setConvolutionAlgorithms(.all("direct"))
      network.drawStatistics(seed: UInt64(index))
      let folded = FoldedNetwork(network)
      guard !folded.foldedNames.isEmpty else { continue }
      foldedCount += folded.foldedNames.count
      let inputs = numbers.fractions(3 * network.inputShape.count)
      let outputs = [network, folded.network].map { network in
        let executor = Executor(network, capacity: 3, training: false, context: context)
        for (place, value) in inputs.enumerated() { executor.input.base[place] = value }
        return Array(executor.forward(count: 3).elements)
      }
      let difference = relativeDifference(outputs[1], outputs[0])
      #expect(difference <= 1e-5, "\(drawn.notation)")
      if difference > 0 { differingCount += 1 }
    }
    #expect(foldedCount >= 120 && differingCount > 0)
  }
}
