import Benchmarking
import Networks
import Tensors
import TestSupport
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
      guard network.multiplyAdds(training: false) < 30_000_000 else { continue }
      count += 1
      if let algorithm { try network.setConvolutionAlgorithms(.all(algorithm)) }
      network.drawStatistics(seed: UInt64(index))
      for training in [true, false] {
        let expected = run(network, training, threads: 1, chunkBytes: 1 << 30, streams: false)
        for (threads, chunkBytes) in [(1, 1), (2, 1), (2, ExecutionPlan.chunkBytes)] {
          let found = run(network, training, threads: threads, chunkBytes: chunkBytes)
          byRows += found.chains
          #expect(found.outputs == expected.outputs, "\(drawn.notation)")
          #expect(found.gradients == expected.gradients, "\(drawn.notation)")
        }
      }
    }
    #expect(count == 30 && byRows > 100)
  }

  /// One pass of three random examples, and one backward in training.
  private func run(
    _ network: Sequential, _ training: Bool, threads: Int, chunkBytes: Int, streams: Bool = true
  ) -> (outputs: [Float], gradients: [[Float]], chains: Int) {
    let executor = Executor(
      network, capacity: 3, training: training, context: Context(threadCount: threads),
      chunkBytes: chunkBytes, streams: streams)
    var numbers = WholeNumbers(seed: 5)
    _ = executor.input.elements.update(fromContentsOf: numbers.fractions(executor.input.count))
    for parameter in network.parameters { parameter.zeroGradient() }
    let outputs = Array(
      executor.forward(count: 3, randomKey: training ? RandomKey(seed: 1, step: 1) : nil).elements)
    if training {
      _ = executor.outputGradient(count: 3).elements.update(
        fromContentsOf: numbers.fractions(outputs.count))
      executor.backward(count: 3)
    }
    let chains = executor.plan.units.reduce(0) { sum, unit in
      guard case .run(let run) = unit else { return sum }
      return sum + run.chains.filter { $0 > 1 }.count
    }
    return (outputs, network.parameters.map { $0.storedGradient() }, chains)
  }
}
