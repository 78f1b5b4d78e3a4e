import CKernels
import Layers
import Tensors

/// A second set of values for all parameters of a network that training changes: those of the optimizer,
/// and the running averages of batch normalization.
///
/// All operations work in place, with all threads. Blocks have a fixed size and each element is
/// computed alone, so results do not depend on the number of threads.
final class SecondValues {
  /// The memory of each parameter, for checkpoints.
  let slots: [OptimizerState.Value]
  private let storage = OptimizerState()
  private let blocks: [ParameterBlock]

  /// - Parameter slot: the name in checkpoints, `optim.<parameter>.<slot>`.
  init(of network: Sequential, slot: String) {
    let parameters = network.parameters.filter { $0.role != .frozen }
    for parameter in parameters { _ = storage.add(slot, for: parameter) }
    slots = storage.values
    blocks = ParameterBlock.all(of: parameters)
  }

  /// Sets these values to the network's.
  func copyFromNetwork(in context: Context) {
    forEachBlock(in: context) { values, own, count in own.update(from: values, count: count) }
  }

  /// Sets the network's values to these.
  func copyToNetwork(in context: Context) {
    forEachBlock(in: context) { values, own, count in values.update(from: own, count: count) }
  }

  /// Moves these values toward the network's: own += weight·(network − own).
  func blend(weight: Float, in context: Context) {
    forEachBlock(in: context) { values, own, count in average_blend(weight, values, own, count) }
  }

  /// Exchanges these values with the network's.
  func exchangeWithNetwork(in context: Context) {
    forEachBlock(in: context) { values, own, count in exchange_values(values, own, count) }
  }

  private func forEachBlock(
    in context: Context,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    context.pool.run(blocks.count) { index, _ in
      let block = blocks[index]
      let slot = slots[block.parameter]
      body(slot.parameter.values + block.start, slot.memory + block.start, block.count)
    }
  }
}
