import Tensors
import Testing

@testable import Layers

/// What is computed again whenever it is read is what would have been kept, to the bit.
@Suite struct StreamingTests {
  /// Each network, and the same one with layers between that multiply by 1, which keep everything.
  struct Case: CustomStringConvertible {
    let description: String
    /// How many layers of the whole batch read outputs that are computed as they are read.
    let sources: Int
    /// How many pooling layers go backward twice.
    let repeats: Int

    init(_ notation: String, sources: Int = 0, repeats: Int = 0) {
      description = notation + " fc(classes)"
      self.sources = sources
      self.repeats = repeats
    }

    var kept: String {
      description.replacing(" conv", with: " scale(1) conv").replacing(" bn", with: " scale(1) bn")
        .replacing(" fc", with: " scale(1) fc")
    }
  }

  static let cases = [
    Case("conv(160,3,bias=no) bn relu conv(64,3,bias=no) bn relu", sources: 1),
    Case("conv(160,3) relu conv(64,3) bn relu", sources: 1),
    Case("pool(2) bn conv(160,3,bias=no) bn conv(64,3,bias=no) pool(2) bn relu", sources: 2),
    Case("conv(160,3,bias=no) bn relu pool(2) conv(64,3) bn relu pool(2)", repeats: 2),
    Case("conv(160,3) bn avgpool(2)", repeats: 1),
    Case("conv(16,3) bn relu pool(2) conv(16,3) bn pool(2) bn", repeats: 1),
    Case("conv(16,3) bn relu globalmax", repeats: 1),
    Case("bn relu conv(160,3,bias=no) bn", sources: 1),
    Case("conv(16,3) bn conv(160,3,bias=no,frozen=yes) bn relu conv(64,3,bias=no)", sources: 1),
  ]

  private struct Outcome: Equatable {
    let y: [UInt32]
    let evaluation: [UInt32]
    let gradients: [[UInt32]]
  }

  /// - Parameters:
  ///   - sources: as many as the plan must have, and likewise `repeats`.
  private func outcome(
    _ notation: String, count: Int, set: KernelSet = .best, threads: Int = 1, sources: Int = 0,
    repeats: Int = 0
  ) throws -> Outcome {
    let network = try Architecture(notation).network(input: [1, 10, 8, 64], classes: 3)
    network.initialise(seed: 2)
    let context = Context(threadCount: threads, kernelSet: set)
    var random = WholeNumbers(seed: 5)
    let x = random.fractions(count * network.inputShape.count)
    let dy = random.fractions(count * 3)
    let executor = Executor(network, capacity: count + 4, training: true, context: context)
    let found = executor.plan.units.map { unit in
      switch unit {
      case .batch(let step): (sources: step.source == nil ? 0 : 1, repeats: 0)
      case .examples(let run): (sources: 0, repeats: run.canRepeatBackward ? 1 : 0)
      }
    }
    #expect(found.reduce(0) { $0 + $1.sources } == sources)
    #expect(found.reduce(0) { $0 + $1.repeats } == repeats)
    _ = executor.input.elements.update(fromContentsOf: x)
    for parameter in network.parameters { parameter.zeroGradient() }
    let y = executor.forward(count: count).elements.map(\.bitPattern)
    _ = executor.outputGradient(count: count).elements.update(fromContentsOf: dy)
    executor.backward(count: count)
    let evaluator = Executor(network, capacity: count, training: false, context: context)
    _ = evaluator.input.elements.update(fromContentsOf: x)
    let evaluation = evaluator.forward(count: count).elements.map(\.bitPattern)
    // Another step adds to the gradients, with fewer examples and an evaluation before its end.
    _ = executor.forward(count: 5)
    _ = evaluator.forward(count: 3)
    _ = executor.outputGradient(count: 5).elements.update(fromContentsOf: dy[0..<15])
    executor.backward(count: 5)
    return Outcome(
      y: y, evaluation: evaluation,
      gradients: network.parameters.filter(\.isTrained).map {
        $0.storedGradient().map(\.bitPattern)
      })
  }

  /// So few examples that whole batches go by groups of images, and so many that they go by lanes.
  @Test(arguments: cases, [37, 240])
  func isToTheBitWhatWouldHaveBeenKept(_ c: Case, _ count: Int) throws {
    let layer = Convolution2D(
      "conv1", inputs: 64, outputs: 160, kernel: 3, padding: .same, bias: false)
    let together = layer.examplesTogether(of: [count, 10, 8, 64])
    #expect((count >= together * Context.laneCount) == (count == 240))
    let expected = try outcome(c.kept, count: count)
    for set in KernelSet.available where set != .portable {
      for threads in [1, 3] {
        let found = try outcome(
          c.description, count: count, set: set, threads: threads, sources: c.sources,
          repeats: c.repeats)
        #expect(found.y == expected.y, "\(set), \(threads) threads")
        #expect(found.evaluation == expected.evaluation, "\(set), \(threads) threads")
        #expect(found.gradients == expected.gradients, "\(set), \(threads) threads")
      }
    }
  }
}
