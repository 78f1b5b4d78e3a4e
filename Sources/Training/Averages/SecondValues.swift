import CKernels
import Layers
import Tensors

/// A second set of values for all parameters of a network that training changes: those of the optimizer,
/// and the running averages of batch normalization.
///
/// All operations work in place, with all threads. Blocks have a fixed size and each element is
/// computed alone, so results do not depend on the number of threads.
///
/// With shared memory there is one second set of the values that the optimizer trains, and each process has its
/// own set of running averages. An operation that all processes call divides the first, and ends with a
/// barrier. One that a process may call alone is done by the first process, and has no barrier.
final class SecondValues {
  /// The memory of each parameter, for checkpoints.
  let slots: [OptimizerState.Value]
  private let shared: SharedMemory?
  private let trained: OptimizerState
  private let running: OptimizerState
  /// The blocks of `trained` and of `running`, by the places of their ``slots``.
  private let trainedBlocks: [ParameterBlock]
  private let runningBlocks: [ParameterBlock]

  private typealias Body = (
    _ values: UnsafeMutablePointer<Float>, _ own: UnsafeMutablePointer<Float>, _ count: Int
  ) -> Void

  /// - Parameters:
  ///   - slot: the name in checkpoints, `optim.<parameter>.<slot>`.
  ///   - shared: the memory in which processes train together; nil for one process.
  init(of network: Sequential, slot: String, in shared: SharedMemory? = nil) {
    let parameters = network.parameters.filter { $0.role != .frozen }
    let (trained, running) = (OptimizerState(in: shared), OptimizerState())
    slots = parameters.map { parameter in
      let state = parameter.isTrained ? trained : running
      _ = state.add(slot, for: parameter)
      return state.values[state.values.count - 1]
    }
    let blocks = ParameterBlock.all(of: parameters)
    trainedBlocks = blocks.filter { parameters[$0.parameter].isTrained }
    runningBlocks = blocks.filter { !parameters[$0.parameter].isTrained }
    self.shared = shared
    self.trained = trained
    self.running = running
  }

  // MARK: By all processes

  /// Sets these values to the network's.
  func copyFromNetwork(in context: Context) {
    dividing(context) { values, own, count in own.update(from: values, count: count) }
  }

  /// Sets the network's values to these.
  func copyToNetwork(in context: Context) {
    dividing(context) { values, own, count in values.update(from: own, count: count) }
  }

  /// Moves these values toward the network's: own += weight·(network − own).
  func blend(weight: Float, in context: Context) {
    dividing(context) { values, own, count in average_blend(weight, values, own, count) }
  }

  private func dividing(_ context: Context, _ body: Body) {
    context.pool.run(runningBlocks.count) { index, _ in apply(body, to: runningBlocks[index]) }
    context.run(trainedBlocks.count, in: shared) { index, _ in
      apply(body, to: trainedBlocks[index])
    }
  }

  // MARK: By the first process

  /// Sets these values to the network's.
  func copyFromNetworkAlone(in context: Context) {
    alone(context) { values, own, count in own.update(from: values, count: count) }
  }

  /// Exchanges these values with the network's.
  func exchangeWithNetwork(in context: Context) {
    alone(context) { values, own, count in exchange_values(values, own, count) }
  }

  private func alone(_ context: Context, _ body: Body) {
    context.pool.run(runningBlocks.count) { index, _ in apply(body, to: runningBlocks[index]) }
    guard shared == nil || shared?.rank == 0 else { return }
    context.pool.run(trainedBlocks.count) { index, _ in apply(body, to: trainedBlocks[index]) }
  }

  private func apply(_ body: Body, to block: ParameterBlock) {
    let slot = slots[block.parameter]
    body(slot.parameter.values + block.start, slot.memory + block.start, block.count)
  }
}
