import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers
@testable import Networks

@Suite struct DropoutTests {
  /// The mask by its definition: word by word from the layer's stream of the step, with a whole
  /// number of counters for each example.
  static func mask(
    _ examples: Range<Int>, of count: Int, number: Int, probability: Double, seed: UInt64, step: Int
  ) -> [Bool] {
    var random = Random(seed: seed, domain: .dropout, index: number, epoch: step)
    let words = (count + 3) / 4 * 4
    for _ in 0..<examples.lowerBound * words { _ = random.nextBits() }
    let threshold = (probability * 0x1p32).rounded(.down)
    var mask: [Bool] = []
    for _ in examples {
      let drawn: [Bool] = (0..<words).map { _ in Double(random.nextBits()) >= threshold }
      mask += drawn.prefix(count)
    }
    return mask
  }

  @Test(arguments: KernelSet.available, [0, 0.1, 0.25, 0.5, 0.999])
  func isTheDefinition(_ set: KernelSet, _ probability: Double) throws {
    var random = WholeNumbers(seed: 111)
    for (number, shape)
      in ([
        [1, 1], [3, 4], [2, 5], [5, 63], [2, 64], [19, 65], [2, 3, 5, 7], [1, 4, 8, 33],
      ] as [Shape]).enumerated()
    {
      let x = random.fractions(shape.count)
      let dy = random.fractions(shape.count)
      let randomKey = RandomKey(seed: 1 << 40 + 7, step: 9, firstExample: 11)
      let run = try LayerRun(
        Dropout("dropout1", number: number, probability: probability), x: x, shape: shape, dy: dy,
        kernelSet: set, threads: 2, randomKey: randomKey)
      let kept = Self.mask(
        11..<11 + shape[0], of: shape.countPerExample, number: number, probability: probability,
        seed: randomKey.seed, step: 9)
      let scale = Float(1 / (1 - probability))
      #expect(run.y == zip(x, kept).map { $1 ? $0 * scale : 0 }, "\(shape)")
      #expect(run.dx == zip(dy, kept).map { $1 ? $0 * scale : 0 }, "\(shape)")
    }
  }

  @Test func halfAreDoubled() throws {
    let run = try LayerRun(
      Dropout("dropout1", number: 1, probability: 0.5), x: [Float](repeating: 3, count: 1_000),
      shape: [10, 100], dy: [Float](repeating: 5, count: 1_000),
      randomKey: RandomKey(seed: 1, step: 1))
    #expect(Set(run.y) == [0, 6] && Set(run.dx) == [0, 10])
    #expect(run.y.map { $0 == 0 } == run.dx.map { $0 == 0 })
  }

  /// The share of dropped elements is within four standard deviations of the probability, and two
  /// streams agree no more often than independent ones would.
  @Test func dropsAsOftenAsAsked() throws {
    let count = 40_000
    func kept(_ probability: Double, _ number: Int, _ randomKey: RandomKey) throws -> [Bool] {
      try LayerRun(
        Dropout("dropout1", number: number, probability: probability),
        x: [Float](repeating: 1, count: count), shape: [4, count / 4],
        dy: [Float](repeating: 1, count: count), randomKey: randomKey
      ).y.map { $0 > 0 }
    }
    for probability in [0.1, 0.4, 0.5, 0.9] {
      let first = try kept(probability, 1, RandomKey(seed: 1, step: 1))
      let share = Double(first.count { !$0 }) / Double(count)
      let deviation = (probability * (1 - probability) / Double(count)).squareRoot()
      #expect(abs(share - probability) < 4 * deviation)
      let agreement = probability * probability + (1 - probability) * (1 - probability)
      let others: [(number: Int, randomKey: RandomKey)] = [
        (1, RandomKey(seed: 2, step: 1)), (1, RandomKey(seed: 1, step: 2)),
        (2, RandomKey(seed: 1, step: 1)),
        (1, RandomKey(seed: 1, step: 1, firstExample: 4)),
        (1, RandomKey(seed: 1 << 32 + 1, step: 1)),
      ]
      for (number, randomKey) in others {
        let other = try kept(probability, number, randomKey)
        let equal = Double(zip(first, other).count { $0 == $1 }) / Double(count)
        #expect(abs(equal - agreement) < 0.015, "\(number), \(randomKey)")
      }
      #expect(try kept(probability, 1, RandomKey(seed: 1, step: 1)) == first)
    }
  }

  @Test(arguments: KernelSet.available)
  func notANumberIsSeen(_ set: KernelSet) throws {
    let run = try LayerRun(
      Dropout("dropout1", number: 1, probability: 0.5), x: [Float](repeating: .nan, count: 37),
      shape: [1, 37], dy: [Float](repeating: .nan, count: 37), kernelSet: set,
      randomKey: RandomKey(seed: 1, step: 1))
    #expect(run.y.allSatisfy(\.isNaN) && run.dx.allSatisfy(\.isNaN))
  }

  // MARK: In a network

  static let notation =
    "conv(8,3) relu dropout(0.25) pool(2) conv(16,3) dropout(0.4) tanh avgpool(2) fc(30) relu"
    + " dropout(0.5) fc(classes)"

  struct Pass: Equatable {
    let outputs: [Float]
    let gradients: [[Float]]
  }

  private func network(_ notation: String = notation) throws -> Sequential {
    let network = try Architecture(notation).network(input: [1, 12, 12, 2], classes: 7)
    network.initialize(seed: 3)
    return network
  }

  /// Runs `count` examples forward and backward, in parts of at most `capacity`, with or without an
  /// evaluation between the two.
  private func run(
    _ network: Sequential, count: Int = 37, capacity: Int? = nil, threads: Int = 1,
    set: KernelSet = .best, chunkBytes: Int = ExecutionPlan.chunkBytes, step: Int = 5,
    evaluatesBetween: Bool = false
  ) -> Pass {
    let context = Context(threadCount: threads, kernelSet: set)
    let capacity = capacity ?? count
    let executor = Executor(
      network, capacity: capacity, training: true, context: context,
      chunkBytes: chunkBytes)
    let evaluator = Executor(network, capacity: 3, training: false, context: context)
    for parameter in network.parameters { parameter.zeroGradient() }
    var random = WholeNumbers(seed: 41)
    let inputs = network.inputShape.count
    let x = random.fractions(count * inputs)
    let dy = random.fractions(count * 7)
    var outputs: [Float] = []
    for first in stride(from: 0, to: count, by: capacity) {
      let part = min(capacity, count - first)
      _ = executor.input.elements.update(
        fromContentsOf: x[first * inputs..<(first + part) * inputs])
      outputs += Array(
        executor.forward(
          count: part, randomKey: RandomKey(seed: 8, step: step, firstExample: first)
        ).elements)
      if evaluatesBetween { _ = evaluator.forward(count: 3) }
      _ = executor.outputGradient(count: part).elements.update(
        fromContentsOf: dy[first * 7..<(first + part) * 7])
      executor.backward(count: part)
    }
    return Pass(outputs: outputs, gradients: network.parameters.map { $0.storedGradient() })
  }

  @Test func setsThreadsAndChunksGiveTheSameBits() throws {
    let network = try network()
    let reference = run(network)
    for set in KernelSet.available {
      for threads in set == .portable ? 2...2 : 1...4 {
        #expect(run(network, threads: threads, set: set) == reference)
      }
    }
    #expect(run(network, chunkBytes: 1) == reference)
    #expect(run(network, chunkBytes: 1 << 30) == reference)
    #expect(run(network, evaluatesBetween: true) == reference)
    #expect(run(network, step: 6) != reference)
  }

  /// A mini-batch computed in parts has the masks of the whole mini-batch.
  @Test(arguments: [1, 8, 16, 36])
  func partsAddUpToTheWhole(_ capacity: Int) throws {
    let network = try network()
    let whole = run(network)
    let parts = run(network, capacity: capacity)
    #expect(parts.outputs == whole.outputs)
    for (part, whole) in zip(parts.gradients, whole.gradients) {
      #expect(relativeDifference(part, whole) < 1e-5)
    }
  }

  /// Evaluation gives the bits of the network without dropout.
  @Test func evaluationLeavesItOut() throws {
    let with = try network()
    let without = try network(
      "conv(8,3) relu pool(2) conv(16,3) tanh avgpool(2) fc(30) relu fc(classes)")
    #expect(with.parameters.map(\.name) == without.parameters.map(\.name))
    var random = WholeNumbers(seed: 42)
    let x = random.fractions(9 * with.inputShape.count)
    let outputs = [with, without].map { network in
      let executor = Executor(
        network, capacity: 9, training: false, context: Context(threadCount: 2))
      _ = executor.input.elements.update(fromContentsOf: x)
      return Array(executor.forward(count: 9).elements)
    }
    #expect(outputs[0] == outputs[1])
    // No layer is left to execute.
    let only = try Sequential(
      [Dropout("dropout1", number: 1, probability: 0.5)], inputShape: [1, 4])
    let executor = Executor(
      only, capacity: 2, training: false, context: Context(threadCount: 1))
    _ = executor.input.elements.update(fromContentsOf: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(Array(executor.forward(count: 2).elements) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  /// Each layer has masks of its own.
  @Test func eachLayerHasItsNumber() throws {
    let numbers = try network().layers.compactMap { ($0 as? Dropout)?.number }
    #expect(numbers == [1, 2, 3])
  }

  /// Without a key, every step would drop the same elements.
  @Test func trainingNeedsARandomKey() async {
    await #expect(processExitsWith: .failure) {
      let network = try Architecture("dropout(0.5) fc(classes)").network(
        input: [1, 2, 2, 1], classes: 2)
      let executor = Executor(
        network, capacity: 1, training: true, context: Context(threadCount: 1))
      _ = executor.forward(count: 1)
    }
  }
}
