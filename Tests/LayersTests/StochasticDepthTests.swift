import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers
@testable import Networks

@Suite struct StochasticDepthTests {
  /// Whether each example survives, by the definition: the first word of the stream of the example
  /// and the step, in the part of the layer's number.
  private func survivals(
    _ examples: Range<Int>, number: Int, probability: Double, seed: UInt64, step: Int
  ) -> [Bool] {
    let threshold = (probability * 0x1p32).rounded(.down)
    return examples.map { example in
      var random = Random(
        seed: seed, domain: .stochasticDepth, index: example, epoch: step, part: UInt16(number))
      return Double(random.nextBits()) >= threshold
    }
  }

  @Test(arguments: KernelSet.available, [0, 0.1, 0.5, 0.999])
  func isTheDefinition(_ set: KernelSet, _ probability: Double) throws {
    var random = WholeNumbers(seed: 112)
    for (number, shape) in ([[1, 1], [19, 65], [2, 3, 5, 7], [33, 4, 8, 3]] as [Shape])
      .enumerated()
    {
      let x = random.fractions(shape.count)
      let dy = random.fractions(shape.count)
      let randomKey = RandomKey(seed: 1 << 40 + 7, step: 9, firstExample: 11)
      let run = try LayerRun(
        StochasticDepth("droppath1", number: number, probability: probability), x: x,
        shape: shape, dy: dy, kernelSet: set, threads: 2, randomKey: randomKey)
      let kept = survivals(
        11..<11 + shape[0], number: number, probability: probability, seed: randomKey.seed, step: 9)
      let scale = Float(1 / (1 - probability))
      let each = shape.countPerExample
      #expect(run.y == x.indices.map { kept[$0 / each] ? x[$0] * scale : 0 }, "\(shape)")
      #expect(run.dx == dy.indices.map { kept[$0 / each] ? dy[$0] * scale : 0 }, "\(shape)")
    }
  }

  @Test func skipsAsOftenAsAsked() throws {
    for probability in [0.1, 0.5, 0.9] {
      let count = 10_000
      let kept = survivals(0..<count, number: 1, probability: probability, seed: 1, step: 1)
      let share = Double(kept.count { !$0 }) / Double(count)
      #expect(
        abs(share - probability) < 4
          * (probability * (1 - probability) / Double(count)).squareRoot())
      let other = survivals(0..<count, number: 2, probability: probability, seed: 1, step: 1)
      #expect(other != kept)
    }
  }

  // MARK: In a network

  private struct Pass: Equatable {
    let outputs: [Float]
    let gradients: [[Float]]
  }

  private func network(_ notation: String) throws -> Sequential {
    let network = try Architecture(notation).network(input: [1, 12, 12, 2], classes: 7)
    network.initialize(seed: 3)
    return network
  }

  private static let notation =
    "conv(8,3) relu res(conv(8,3) gelu conv(8,3) droppath(0.3)) pool(2)"
    + " res(conv(8,3) relu droppath(0.5)) avgpool(2) fc(classes)"

  private func run(
    _ network: Sequential, count: Int = 37, capacity: Int = 37, threads: Int = 1,
    set: KernelSet = .best, chunkBytes: Int = ExecutionPlan.chunkBytes, step: Int = 5
  ) -> Pass {
    let executor = Executor(
      network, capacity: capacity, training: true,
      context: Context(threadCount: threads, kernelSet: set), chunkBytes: chunkBytes)
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
      _ = executor.outputGradient(count: part).elements.update(
        fromContentsOf: dy[first * 7..<(first + part) * 7])
      executor.backward(count: part)
    }
    return Pass(outputs: outputs, gradients: network.parameters.map { $0.storedGradient() })
  }

  @Test func setsThreadsAndChunksGiveTheSameBits() throws {
    let network = try network(Self.notation)
    let reference = run(network)
    for set in KernelSet.available {
      for threads in set == .portable ? 2...2 : 1...4 {
        #expect(run(network, threads: threads, set: set) == reference)
      }
    }
    #expect(run(network, chunkBytes: 1) == reference)
    #expect(run(network, chunkBytes: 1 << 30) == reference)
    #expect(run(network, step: 6) != reference)
    for capacity in [1, 8, 36] {
      let parts = run(network, capacity: capacity)
      #expect(parts.outputs == reference.outputs)
      for (part, whole) in zip(parts.gradients, reference.gradients) {
        #expect(relativeDifference(part, whole) < 1e-5)
      }
    }
  }

  /// An example whose branches are both skipped has the outputs of the network without branches.
  @Test func aSkippedBlockPassesItsInput() throws {
    let with = try network(Self.notation)
    let outputs = run(with).outputs
    let without = try network("conv(8,3) relu pool(2) avgpool(2) fc(classes)")
    for parameter in without.parameters {
      let twin = try #require(
        with.parameters.first { $0.name == parameter.name })
      parameter.setValues(stored: twin.storedValues())
    }
    let plain = run(without).outputs
    let first = survivals(0..<37, number: 1, probability: 0.3, seed: 8, step: 5)
    let second = survivals(0..<37, number: 2, probability: 0.5, seed: 8, step: 5)
    let skipped = (0..<37).filter { !first[$0] && !second[$0] }
    #expect(!skipped.isEmpty && skipped.count < 37)
    for example in 0..<37 {
      let row = example * 7..<(example + 1) * 7
      #expect((outputs[row] == plain[row]) == skipped.contains(example), "\(example)")
    }
  }

  /// Evaluation gives the bits of the network without stochastic depth.
  @Test func evaluationLeavesItOut() throws {
    let notations = [
      Self.notation,
      Self.notation.replacing(" droppath(0.3)", with: "").replacing(" droppath(0.5)", with: ""),
    ]
    let outputs = try notations.map { notation in
      let network = try network(notation)
      let executor = Executor(
        network, capacity: 9, training: false, context: Context(threadCount: 2))
      var random = WholeNumbers(seed: 42)
      _ = executor.input.elements.update(
        fromContentsOf: random.fractions(9 * network.inputShape.count))
      return Array(executor.forward(count: 9).elements)
    }
    #expect(outputs[0] == outputs[1])
  }
}
