import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// What is computed at once, or again whenever it is read, is what would have been kept, to the bit.
@Suite struct StreamingTests {
  /// How often a plan does without memory for the whole batch.
  struct Economy: Equatable {
    /// Layers of the whole batch whose inputs are computed as they are read.
    var sources = 0
    /// Those whose outputs go through other layers at once, and how many of them keep their own as well.
    var sinks = 0
    var kept = 0
    /// Pooling layers that go backward twice.
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
      training: Economy(sources: 1), evaluation: Economy(sources: 1, sinks: 1)),
    Case(
      "conv(160,3) relu conv(64,3) bn relu",
      training: Economy(sources: 1), evaluation: Economy(sources: 1, sinks: 1)),
    Case(
      "pool(2) bn conv(160,3,bias=no) bn conv(64,3,bias=no) pool(2) bn relu",
      training: Economy(sources: 2, sinks: 1), evaluation: Economy(sources: 1, sinks: 1)),
    Case(
      "conv(160,3,bias=no) bn relu pool(2) conv(64,3) bn relu pool(2)",
      training: Economy(repeats: 2), evaluation: Economy(sinks: 2)),
    Case(
      "conv(160,3) bn avgpool(2)",
      training: Economy(repeats: 1), evaluation: Economy(sinks: 1)),
    Case(
      "conv(16,3) bn relu pool(2) conv(16,3) bn pool(2) bn",
      training: Economy(repeats: 1), evaluation: Economy()),
    Case("conv(16,3) bn relu globalmax", training: Economy(repeats: 1), evaluation: Economy()),
    Case(
      "bn relu conv(160,3,bias=no) bn",
      training: Economy(sources: 1), evaluation: Economy(sources: 1, sinks: 1)),
    Case(
      "conv(16,3) bn conv(160,3,bias=no,frozen=yes) bn relu conv(64,3,bias=no)",
      training: Economy(sources: 1), evaluation: Economy()),
    Case(
      "conv(160,3,bias=no) pool(2) bn pool(2)",
      training: Economy(sinks: 1, repeats: 1), evaluation: Economy(sinks: 1)),
    Case(
      "conv(160,3) relu pool(2) conv(64,3,bias=no) pool(2) relu",
      training: Economy(sinks: 2), evaluation: Economy(sinks: 2)),
    Case(
      "conv(160,3,bias=no) gelu conv(64,3,bias=no) tanh dropout(0.4) relu avgpool(2)",
      training: Economy(sinks: 2, kept: 1), evaluation: Economy(sinks: 2)),
    Case(
      "conv(160,3,bias=no) scale(2) relu dropout(0.4) pool(2) scale(3) conv(64,3) gelu bn",
      training: Economy(sinks: 2, kept: 1), evaluation: Economy(sinks: 2)),
    Case(
      "conv(160,3) pool(2) bn pool(2)",
      training: Economy(sinks: 1, repeats: 1), evaluation: Economy(sinks: 1)),
    Case(
      "conv(160,3,bias=no) sigmoid upsample(2) pool(3) conv(64,3,bias=no) upsample(2) pool(4)",
      training: Economy(sinks: 2), evaluation: Economy(sinks: 2)),
    Case(
      "conv(160,3,bias=no,frozen=yes) pool(2) conv(64,3,bias=no,frozen=yes) relu pool(2)",
      training: Economy(sinks: 2), evaluation: Economy(sinks: 2)),
    Case(
      "bn conv(160,3,bias=no,frozen=yes) pool(2) conv(64,3,bias=no)",
      training: Economy(sources: 1, sinks: 1), evaluation: Economy(sources: 1, sinks: 1)),
    // The ends of a residual block are in no sink.
    Case(
      "bn conv(160,3,bias=no) pool(2) res(conv(160,3,bias=no) relu pool(1)) relu",
      training: Economy(sources: 1), evaluation: Economy(sources: 1)),
  ]

  private struct Outcome: Equatable {
    var y: [UInt32] = []
    var evaluation: [UInt32] = []
    var gradients: [[UInt32]] = []
    var training = Economy()
    var economyOfEvaluation = Economy()
  }

  private func economy(of executor: Executor) -> Economy {
    executor.plan.units.reduce(into: Economy()) { found, unit in
      switch unit {
      case .batch(let step):
        if step.source != nil { found.sources += 1 }
        guard step.sink != nil else { return }
        found.sinks += 1
        if case .kept = step.y { found.kept += 1 }
      case .examples(let run): if run.canRepeatBackward { found.repeats += 1 }
      }
    }
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
    // Another step adds to the gradients, with fewer examples and an evaluation before its end.
    _ = executor.forward(count: 5, randomKey: randomKey)
    _ = evaluator.forward(count: 3)
    _ = executor.outputGradient(count: 5).elements.update(fromContentsOf: dy[0..<15])
    executor.backward(count: 5)
    outcome.gradients = network.parameters.filter(\.isTrained).map {
      $0.storedGradient().map(\.bitPattern)
    }
    return outcome
  }

  /// One example, and images of one tile by lanes: both with the most outputs in turn.
  @Test(arguments: [
    ("conv(160,3,bias=no) pool(2) bn", 1), ("pool(2) conv(160,3,bias=no) pool(2)", 460),
  ])
  func fewAndManyOutputsInTurn(_ notation: String, _ count: Int) throws {
    let notation = notation + " fc(classes)"
    let found = try outcome(notation, count: count, threads: 2, streams: true)
    #expect(found.training == Economy(sinks: 1) && found.economyOfEvaluation == Economy(sinks: 1))
    let expected = try outcome(notation, count: count, streams: false)
    #expect(found.y == expected.y && found.evaluation == expected.evaluation)
    #expect(found.gradients == expected.gradients)
  }

  /// So few examples that whole batches go by groups of images, and so many that they go by lanes.
  @Test(arguments: cases, [37, 240])
  func isToTheBitWhatWouldHaveBeenKept(_ c: Case, _ count: Int) throws {
    let layer = Convolution2D(
      "conv1", inputs: 64, outputs: 160, kernel: 3, padding: .same, bias: false)
    let together = layer.examplesTogether(of: [count, 10, 8, 64])
    #expect((count >= together * Context.laneCount) == (count == 240))
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
