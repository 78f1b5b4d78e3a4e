import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

@Suite struct ExecutorTests {
  static let notation =
    "conv(16,5) pool(2) relu conv(32,5) relu pool(3,2) conv(33,3,stride=2) relu fc(40) relu fc(classes)"

  struct Pass: Equatable {
    let outputs: [Float]
    let gradients: [[Float]]
  }

  private func network(_ notation: String = notation) throws -> Sequential {
    let network = try Architecture(notation).network(input: [1, 20, 20, 2], classes: 7)
    network.initialize(seed: 3)
    return network
  }

  /// Runs `count` examples forward and backward, in parts of at most `capacity`.
  private func run(
    _ network: Sequential, count: Int, capacity: Int? = nil, threads: Int = 1,
    set: KernelSet = .best, chunkBytes: Int = ExecutionPlan.chunkBytes
  ) -> Pass {
    let context = Context(threadCount: threads, kernelSet: set)
    let capacity = capacity ?? count
    let executor = Executor(
      network, capacity: capacity, training: true, context: context,
      chunkBytes: chunkBytes)
    for parameter in network.parameters { parameter.zeroGradient() }
    var random = WholeNumbers(seed: 41)
    let x = random.fractions(count * network.inputShape.count)
    let dy = random.fractions(count * 7)
    var outputs: [Float] = []
    for first in stride(from: 0, to: count, by: capacity) {
      let part = min(capacity, count - first)
      let examples = x[first * network.inputShape.count..<(first + part) * network.inputShape.count]
      _ = executor.input.elements.update(fromContentsOf: examples)
      outputs += Array(executor.forward(count: part).elements)
      _ = executor.outputGradient(count: part).elements.update(
        fromContentsOf: dy[first * 7..<(first + part) * 7])
      executor.backward(count: part)
    }
    return Pass(outputs: outputs, gradients: network.parameters.map { $0.storedGradient() })
  }

  @Test func isOptimizedInEveryConfiguration() {
    #expect(isOptimized, "Layers was compiled without optimization")
  }

  @Test func setsAndThreadsGiveTheSameBits() throws {
    let network = try network()
    let reference = run(network, count: 37)
    for set in KernelSet.available where set != .portable {
      for threads in 1...4 {
        #expect(run(network, count: 37, threads: threads, set: set) == reference)
      }
    }
  }

  @Test func portableGivesTheSameBits() throws {
    let network = try network("conv(16,3) pool(2) relu conv(16,3) relu pool(2) fc(classes)")
    #expect(run(network, count: 3, set: .portable) == run(network, count: 3))
  }

  /// One example at a time, and a whole lane at a time.
  @Test func chunksDoNotChangeABit() throws {
    let network = try network()
    let reference = run(network, count: 50)
    #expect(run(network, count: 50, chunkBytes: 1) == reference)
    #expect(run(network, count: 50, chunkBytes: 1 << 30) == reference)
  }

  @Test(arguments: [1, 2, 15, 16, 17])
  func examplesDoNotDependOnTheirBatch(_ count: Int) throws {
    let network = try network()
    let whole = run(network, count: 24)
    let part = run(network, count: count)
    #expect(part.outputs == Array(whole.outputs.prefix(count * 7)))
  }

  /// Memory behind the examples of a pass, also values that a larger pass left there, has no
  /// effect.
  @Test func valuesOfOtherBatchesHaveNoEffect() throws {
    let network = try network()
    let expected = run(network, count: 5)
    let executor = Executor(
      network, capacity: 24, training: true, context: Context(threadCount: 2))
    func pass(_ count: Int, behind rest: Float) -> Pass {
      var random = WholeNumbers(seed: 41)
      executor.input.fill(with: rest)
      executor.outputGradient(count: 24).fill(with: rest)
      _ = executor.input.elements.update(
        fromContentsOf: random.fractions(count * network.inputShape.count))
      for parameter in network.parameters { parameter.zeroGradient() }
      let outputs = Array(executor.forward(count: count).elements)
      _ = executor.outputGradient(count: count).elements.update(
        fromContentsOf: random.fractions(count * 7))
      executor.backward(count: count)
      return Pass(
        outputs: outputs, gradients: network.parameters.map { $0.storedGradient() })
    }
    #expect(pass(5, behind: .nan) == expected)
    _ = pass(24, behind: 3)
    #expect(pass(5, behind: .infinity) == expected)
  }

  /// An evaluation between the forward and the backward pass of a step uses the same memory,
  /// threads and layers.
  @Test func evaluationDoesNotDisturbTraining() throws {
    let network = try network()
    let expected = run(network, count: 9)
    let context = Context(threadCount: 2)
    let executor = Executor(network, capacity: 9, training: true, context: context)
    let evaluator = Executor(network, capacity: 40, training: false, context: context)
    evaluator.input.fill(with: 0.5)
    var random = WholeNumbers(seed: 41)
    _ = executor.input.elements.update(
      fromContentsOf: random.fractions(9 * network.inputShape.count))
    for parameter in network.parameters { parameter.zeroGradient() }
    let outputs = Array(executor.forward(count: 9).elements)
    _ = evaluator.forward(count: 40)
    _ = executor.outputGradient(count: 9).elements.update(
      fromContentsOf: random.fractions(9 * 7))
    executor.backward(count: 9)
    #expect(outputs == expected.outputs)
    #expect(network.parameters.map { $0.storedGradient() } == expected.gradients)
  }

  /// Prepared once, the parameters give the same bits in every pass, and new ones are prepared on demand.
  @Test func fixedParametersArePreparedOnce() throws {
    let network = try network(
      "conv(32,3) bn relu res(conv(32,3) bn) conv(16,5) tanh fc(classes)")
    let context = Context(threadCount: 2)
    var random = WholeNumbers(seed: 5)
    let images = random.fractions(40 * network.inputShape.count)
    func outputs(_ executor: Executor, _ count: Int) -> [Float] {
      _ = executor.input.elements.update(fromContentsOf: images)
      return Array(executor.forward(count: count).elements)
    }
    let fixed = Executor(network, capacity: 40, training: false, context: context)
    let plain = Executor(network, capacity: 40, training: false, context: context)
    fixed.hasFixedParameters = true
    for count in [1, 40, 9, 1] { #expect(outputs(fixed, count) == outputs(plain, count)) }
    let before = outputs(fixed, 40)
    for parameter in network.parameters { parameter.values[0] += 0.5 }
    fixed.hasFixedParameters = true
    let after = outputs(fixed, 40)
    #expect(after != before)
    #expect(after == outputs(plain, 40))
  }

  @Test func evaluationTakesLessMemory() throws {
    let network = try network()
    let context = Context(threadCount: 1)
    let training = Executor(network, capacity: 50, training: true, context: context)
    let evaluation = Executor(network, capacity: 50, training: false, context: context)
    #expect(evaluation.byteCount * 2 < training.byteCount)
  }

  @Test func partsAddUpToTheWhole() throws {
    let network = try network()
    let whole = run(network, count: 64)
    let parts = run(network, count: 64, capacity: 32)
    #expect(parts.outputs == whole.outputs)
    for (part, whole) in zip(parts.gradients, whole.gradients) {
      #expect(relativeDifference(part, whole) < 1e-5)
    }
  }

  @Test func evaluationGivesTheSameOutputs() throws {
    let network = try network()
    let training = run(network, count: 20)
    let executor = Executor(
      network, capacity: 20, training: false, context: Context(threadCount: 2))
    var random = WholeNumbers(seed: 41)
    _ = executor.input.elements.update(
      fromContentsOf: random.fractions(20 * network.inputShape.count))
    #expect(Array(executor.forward(count: 20).elements) == training.outputs)
  }

  /// Central differences of a random projection of the outputs. Without ReLU and pooling it is
  /// linear in each parameter, so the step may be large and only rounding errors remain.
  @Test func gradientsAreDifferences() throws {
    let network = try network("conv(16,3) conv(32,5) conv(4,3,stride=2) fc(20) fc(classes)")
    var random = WholeNumbers(seed: 42)
    let count = 2
    let x = random.fractions(count * network.inputShape.count)
    let dy = random.fractions(count * 7)
    let executor = Executor(
      network, capacity: count, training: true, context: Context(threadCount: 1))
    _ = executor.input.elements.update(fromContentsOf: x)
    func projection() -> Double {
      zip(executor.forward(count: count).elements, dy).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    for parameter in network.parameters { parameter.zeroGradient() }
    _ = projection()
    _ = executor.outputGradient(count: count).elements.update(fromContentsOf: dy)
    executor.backward(count: count)
    for parameter in network.parameters {
      var values = parameter.storedValues()
      let gradient = parameter.storedGradient()
      let scale = gradient.reduce(0) { max($0, abs($1)) }
      for index in stride(from: 0, to: values.count, by: max(1, values.count / 5)) {
        let value = values[index]
        let step: Float = 0.5
        values[index] = value + step
        parameter.setValues(stored: values)
        let above = projection()
        values[index] = value - step
        parameter.setValues(stored: values)
        let below = projection()
        values[index] = value
        parameter.setValues(stored: values)
        let difference = Float((above - below) / Double(2 * step))
        #expect(abs(difference - gradient[index]) < 1e-4 * scale, "\(parameter.name)[\(index)]")
      }
    }
  }
}
