import Tensors
import TestSupport

@testable import Layers

/// What a training step of a network computes: its outputs, the gradients and the running averages.
struct StepOutcome: Equatable {
  var outputs: [Float]
  var gradients: [[Float]]
  var averages: [[Float]]

  static func averages(_ network: Sequential) -> [[Float]] {
    network.parameters.filter { $0.role == .running }.map { $0.storedValues() }
  }
}

extension StepOutcome {
  /// The step of `count` random examples with random output gradients, from gradients of zero.
  ///
  /// - Parameter evaluatesBetween: true to evaluate other examples between the forward and the backward pass.
  init(
    _ network: Sequential, count: Int, threads: Int = 1, set: KernelSet = .best,
    chunkBytes: Int = ExecutionPlan.chunkBytes, evaluatesBetween: Bool = false
  ) {
    let context = Context(threadCount: threads, kernelSet: set)
    let executor = Executor(
      network, capacity: count + 3, training: true, context: context,
      chunkBytes: chunkBytes)
    let evaluator = Executor(network, capacity: 4, training: false, context: context)
    for parameter in network.parameters { parameter.zeroGradient() }
    var random = WholeNumbers(seed: 41)
    executor.input.fill(with: .nan)
    _ = executor.input.elements.update(
      fromContentsOf: random.fractions(count * network.inputShape.count))
    let outputs = Array(executor.forward(count: count).elements)
    if evaluatesBetween { _ = evaluator.forward(count: 4) }
    let gradient = executor.outputGradient(count: count).elements
    _ = gradient.update(fromContentsOf: random.fractions(gradient.count))
    executor.backward(count: count)
    self.init(
      outputs: outputs, gradients: network.parameters.map { $0.storedGradient() },
      averages: Self.averages(network))
  }
}
