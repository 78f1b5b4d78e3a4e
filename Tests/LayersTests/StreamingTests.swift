import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Prologues, epilogues and repeated backward passes give the bits of a plan that stores everything.
@Suite struct StreamingTests {
  /// The layers of a plan that save memory for the whole batch.
  struct Economy: Equatable {
    /// Layers of the whole batch with a prologue.
    var prologues = 0
    /// Layers of the whole batch with an epilogue, and the number of them that also store their
    /// outputs.
    var epilogues = 0
    var stored = 0
    /// Pooling layers that run backward twice.
    var repeats = 0
  }

  struct Case: CustomStringConvertible {
    let description: String
    let training: Economy
    let evaluation: Economy

    init(_ notation: String, training: Economy, evaluation: Economy) {
      description = notation + " fc(classes)"
      self.training = training
      self.evaluation = evaluation
    }
  }

  static let cases = [
    Case(
      "conv(160,3,bias=no) bn relu conv(64,3,bias=no) bn relu",
      training: Economy(prologues: 1), evaluation: Economy(prologues: 1, epilogues: 1)),
    Case(
      "conv(160,3) relu conv(64,3) bn relu",
      training: Economy(prologues: 1), evaluation: Economy(prologues: 1, epilogues: 1)),
    Case(
      "pool(2) bn conv(160,3,bias=no) bn conv(64,3,bias=no) pool(2) bn relu",
      training: Economy(prologues: 2, epilogues: 1), evaluation: Economy(prologues: 1, epilogues: 1)
    ),
    Case(
      "conv(160,3,bias=no) bn relu pool(2) conv(64,3) bn relu pool(2)",
      training: Economy(repeats: 2), evaluation: Economy(epilogues: 2)),
    Case(
      "conv(160,3) bn avgpool(2)",
      training: Economy(repeats: 1), evaluation: Economy(epilogues: 1)),
    Case(
      "conv(16,3) bn relu pool(2) conv(16,3) bn pool(2) bn",
      training: Economy(), evaluation: Economy()),
    Case("conv(16,3) bn relu globalmax", training: Economy(repeats: 1), evaluation: Economy()),
    Case(
      "bn relu conv(160,3,bias=no) bn",
      training: Economy(prologues: 1), evaluation: Economy(prologues: 1, epilogues: 1)),
    // A block of tiles ends amid an image, whose inputs must outlive the epilogue of the image before it.
    Case(
      "bn relu conv(160,3,bias=no) bn relu pool(2)",
      training: Economy(prologues: 1, repeats: 1),
      evaluation: Economy(prologues: 1, epilogues: 1)),
    Case(
      "bn relu conv(160,3,bias=no) pool(2) scale(3)",
      training: Economy(prologues: 1, epilogues: 1), evaluation: Economy(prologues: 1, epilogues: 1)
    ),
    Case(
      "conv(16,3) bn conv(160,3,bias=no,frozen=yes) bn relu conv(64,3,bias=no)",
      training: Economy(prologues: 1), evaluation: Economy()),
    Case(
      "conv(160,3,bias=no) pool(2) bn pool(2)",
      training: Economy(epilogues: 1, repeats: 1), evaluation: Economy(epilogues: 1)),
    Case(
      "conv(160,3) relu pool(2) conv(64,3,bias=no) pool(2) relu",
      training: Economy(epilogues: 2), evaluation: Economy(epilogues: 2)),
    Case(
      "conv(160,3,bias=no) gelu conv(64,3,bias=no) tanh dropout(0.4) relu avgpool(2)",
      training: Economy(epilogues: 2, stored: 1), evaluation: Economy(epilogues: 2)),
    Case(
      "conv(160,3,bias=no) scale(2) relu dropout(0.4) pool(2) scale(3) conv(64,3) gelu bn",
      training: Economy(epilogues: 2, stored: 1), evaluation: Economy(epilogues: 2)),
    Case(
      "conv(160,3) pool(2) bn pool(2)",
      training: Economy(epilogues: 1, repeats: 1), evaluation: Economy(epilogues: 1)),
    Case(
      "conv(160,3,bias=no) sigmoid upsample(2) pool(3) conv(64,3,bias=no) upsample(2) pool(4)",
      training: Economy(epilogues: 2), evaluation: Economy(epilogues: 2)),
    Case(
      "conv(160,3,bias=no,frozen=yes) pool(2) conv(64,3,bias=no,frozen=yes) relu pool(2)",
      training: Economy(epilogues: 2), evaluation: Economy(epilogues: 2)),
    Case(
      "bn conv(160,3,bias=no,frozen=yes) pool(2) conv(64,3,bias=no)",
      training: Economy(prologues: 1, epilogues: 1), evaluation: Economy(prologues: 1, epilogues: 1)
    ),
    // The ends of a residual block are not part of an epilogue.
    Case(
      "bn conv(160,3,bias=no) pool(2) res(conv(160,3,bias=no) relu pool(1)) relu",
      training: Economy(prologues: 1), evaluation: Economy(prologues: 1)),
  ]

  private struct Outcome: Equatable {
    var y: [UInt32] = []
    var evaluation: [UInt32] = []
    var gradients: [[UInt32]] = []
    var training = Economy()
    var economyOfEvaluation = Economy()
  }

  private func economy(of executor: Executor) -> Economy {
    var found = Economy()
    for case .batch(let step) in executor.plan.units {
      if step.prologue != nil { found.prologues += 1 }
      guard step.epilogue != nil else { continue }
      found.epilogues += 1
      if step.storedOutput != nil { found.stored += 1 }
    }
    for step in executor.plan.backwardSteps {
      if case .run(let run, .stored, dx: nil) = step, run.givesGradient, !run.backwardLayers.isEmpty
      {
        found.repeats += 1
      }
    }
    return found
  }

  private func outcome(
    _ notation: String, count: Int, set: KernelSet = .best, threads: Int = 1, streams: Bool
  ) throws -> Outcome {
    let network = try Architecture(notation).network(input: [1, 10, 8, 64], classes: 3)
    network.initialize(seed: 2)
    let context = Context(threadCount: threads, kernelSet: set)
    var random = WholeNumbers(seed: 5)
    let x = random.fractions(count * network.inputShape.count)
    let dy = random.fractions(max(count, 5) * 3)
    let executor = Executor(
      network, capacity: count + 4, training: true, context: context, streams: streams)
    let evaluator = Executor(
      network, capacity: max(count, 3), training: false, context: context, streams: streams)
    var outcome = Outcome()
    outcome.training = economy(of: executor)
    outcome.economyOfEvaluation = economy(of: evaluator)
    _ = executor.input.elements.update(fromContentsOf: x)
    for parameter in network.parameters { parameter.zeroGradient() }
    let randomKey = RandomKey(seed: 4, step: 1)
    outcome.y = executor.forward(count: count, randomKey: randomKey).elements.map(\.bitPattern)
    _ = executor.outputGradient(count: count).elements.update(fromContentsOf: dy.prefix(count * 3))
    executor.backward(count: count)
    _ = evaluator.input.elements.update(fromContentsOf: x)
    outcome.evaluation = evaluator.forward(count: count).elements.map(\.bitPattern)
    // A second step adds to the gradients. It has fewer examples, and an evaluation between its
    // passes.
    _ = executor.forward(count: 5, randomKey: randomKey)
    _ = evaluator.forward(count: 3)
    _ = executor.outputGradient(count: 5).elements.update(fromContentsOf: dy[0..<15])
    executor.backward(count: 5)
    outcome.gradients = network.parameters.filter(\.isTrained).map {
      $0.storedGradient().map(\.bitPattern)
    }
    return outcome
  }

  /// One example, and images of a single tile by lanes. Both need the largest ring of outputs.
  @Test(arguments: [
    ("conv(160,3,bias=no) pool(2) bn", 1), ("pool(2) conv(160,3,bias=no) pool(2)", 460),
  ])
  func theLargestRingsGiveTheSameBits(_ notation: String, _ count: Int) throws {
    let notation = notation + " fc(classes)"
    let found = try outcome(notation, count: count, threads: 2, streams: true)
    #expect(
      found.training == Economy(epilogues: 1) && found.economyOfEvaluation == Economy(epilogues: 1))
    let expected = try outcome(notation, count: count, streams: false)
    #expect(found.y == expected.y && found.evaluation == expected.evaluation)
    #expect(found.gradients == expected.gradients)
  }

  /// The threads share groups of images for few examples, and lanes for many.
  @Test(arguments: cases, [37, 240])
  func givesTheBitsOfStoredActivations(_ c: Case, _ count: Int) throws {
    let layer = Convolution2D(
      "conv1", inputChannels: 64, outputChannels: 160, kernel: 3, padding: .same, bias: false)
    let minimum = layer.minimumExamples(for: [count, 10, 8, 64])
    #expect((count >= minimum * Context.laneCount) == (count == 240))
    let expected = try outcome(c.description, count: count, streams: false)
    #expect(expected.training == Economy() && expected.economyOfEvaluation == Economy())
    for set in KernelSet.available where set != .portable {
      for threads in [1, 3] {
        let found = try outcome(
          c.description, count: count, set: set, threads: threads, streams: true)
        #expect(found.training == c.training)
        #expect(found.economyOfEvaluation == c.evaluation)
        #expect(found.y == expected.y, "\(set), \(threads) threads")
        #expect(found.evaluation == expected.evaluation, "\(set), \(threads) threads")
        #expect(found.gradients == expected.gradients, "\(set), \(threads) threads")
      }
    }
  }
}
