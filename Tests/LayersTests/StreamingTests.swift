import Tensors
import Testing

@testable import Layers

/// What a layer of the whole batch reads one example at a time is what would have been kept, to the bit.
@Suite struct StreamingTests {
  /// The same networks but for layers that multiply by 1, which are not cheap and keep their outputs.
  static let networks = [
    ("conv(160,3,bias=no) bn relu conv(64,3,bias=no) bn relu", 1),
    ("conv(160,3) relu conv(64,3) bn relu", 1),
    ("pool(2) bn conv(160,3,bias=no) bn conv(64,3,bias=no) pool(2) bn relu", 2),
  ].map { notation, sources in
    (
      sources, notation + " fc(classes)",
      notation.replacing(" conv", with: " scale(1) conv").replacing(" bn", with: " scale(1) bn")
        + " fc(classes)"
    )
  }

  private struct Outcome: Equatable {
    let y: [UInt32]
    let evaluation: [UInt32]
    let gradients: [[UInt32]]
    let sources: Int
  }

  private func outcome(
    _ notation: String, set: KernelSet = .best, threads: Int = 1
  ) throws -> Outcome {
    let network = try Architecture(notation).network(input: [1, 10, 8, 64], classes: 3)
    network.initialise(seed: 2)
    let context = Context(threadCount: threads, kernelSet: set)
    let count = 37
    var random = WholeNumbers(seed: 5)
    let x = random.fractions(count * network.inputShape.count)
    let dy = random.fractions(count * 3)
    let executor = Executor(network, capacity: count + 4, training: true, context: context)
    _ = executor.input.elements.update(fromContentsOf: x)
    for parameter in network.parameters { parameter.zeroGradient() }
    let y = executor.forward(count: count).elements.map(\.bitPattern)
    _ = executor.outputGradient(count: count).elements.update(fromContentsOf: dy)
    executor.backward(count: count)
    let evaluator = Executor(network, capacity: count, training: false, context: context)
    _ = evaluator.input.elements.update(fromContentsOf: x)
    return Outcome(
      y: y, evaluation: evaluator.forward(count: count).elements.map(\.bitPattern),
      gradients: network.parameters.filter(\.isTrained).map {
        $0.storedGradient().map(\.bitPattern)
      },
      sources: executor.plan.units.count {
        if case .batch(let step) = $0 { step.source != nil } else { false }
      })
  }

  @Test(arguments: networks)
  func computedExamplesAreThoseThatAreKept(
    _ sources: Int, _ streamed: String, _ kept: String
  ) throws {
    let expected = try outcome(kept)
    #expect(expected.sources == 0)
    for set in KernelSet.available where set != .portable {
      for threads in [1, 3] {
        let found = try outcome(streamed, set: set, threads: threads)
        #expect(found.sources == sources)
        #expect(found.y == expected.y, "\(streamed), \(set), \(threads) threads")
        #expect(found.evaluation == expected.evaluation, "\(streamed), \(set), \(threads) threads")
        #expect(found.gradients == expected.gradients, "\(streamed), \(set), \(threads) threads")
      }
    }
  }
}
