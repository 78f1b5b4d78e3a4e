import Tensors
import TestSupport

@testable import Layers

/// What a pass of random examples through a network gives: forward, and in training backward.
struct PlannedPass {
  let outputs: [Float]
  let gradients: [[Float]]
  /// The chains of layers through which large examples go by rows.
  let chains: Int

  init(
    _ network: Sequential, count: Int, training: Bool, threads: Int,
    chunkBytes: Int = ExecutionPlan.chunkBytes, streams: Bool = true
  ) {
    let executor = Executor(
      network, capacity: count, training: training, context: Context(threadCount: threads),
      chunkBytes: chunkBytes, streams: streams)
    var random = WholeNumbers(seed: 11)
    _ = executor.input.elements.update(fromContentsOf: random.fractions(executor.input.count))
    for parameter in network.parameters { parameter.zeroGradient() }
    let key = training ? RandomKey(seed: 1, step: 1) : nil
    outputs = Array(executor.forward(count: count, randomKey: key).elements)
    if training {
      _ = executor.outputGradient(count: count).elements.update(
        fromContentsOf: random.fractions(outputs.count))
      executor.backward(count: count)
    }
    gradients = network.parameters.map { $0.storedGradient() }
    chains = executor.plan.units.reduce(0) { sum, unit in
      guard case .run(let run) = unit else { return sum }
      return sum + run.chains.filter { $0 > 1 }.count
    }
  }
}
