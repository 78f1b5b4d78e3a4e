import Benchmarking
import Networks
import Testing

@testable import Layers

/// Networks that nobody chose give equal bits however the executor passes examples and their rows through them.
@Suite struct RandomExecutionTests {
  @Test(arguments: [nil, "direct"]) func bitsDoNotDependOnThePlan(_ algorithm: String?) throws {
    var (count, byRows) = (0, 0)
    for index in 0..<200 where count < 30 {
      let drawn = RandomNetwork(seed: 21, index: index)
      let network = try Architecture(drawn.notation).network(
        input: drawn.image, classes: RandomNetwork.classes)
      let multiplyAdds = network.multiplyAdds(training: false)
      guard multiplyAdds < 30_000_000 else { continue }
      count += 1
      // Many examples of a small network, so that blocks of tiles end amid an image.
      let examples = max(3, min(40, 60_000_000 / multiplyAdds))
      if let algorithm { try network.setConvolutionAlgorithms(.all(algorithm)) }
      network.drawStatistics(seed: UInt64(index))
      for training in [true, false] {
        let expected = PlannedPass(
          network, count: examples, training: training, threads: 1, chunkBytes: 1 << 30,
          streams: false)
        for (threads, chunkBytes) in [(1, 1), (2, 1), (2, ExecutionPlan.chunkBytes)] {
          let found = PlannedPass(
            network, count: examples, training: training, threads: threads, chunkBytes: chunkBytes)
          byRows += found.chains
          #expect(found.outputs == expected.outputs, "\(drawn.notation)")
          #expect(found.gradients == expected.gradients, "\(drawn.notation)")
        }
      }
    }
    #expect(count == 30 && byRows > 100)
  }
}
