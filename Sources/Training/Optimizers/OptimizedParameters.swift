import Layers
import Tensors

/// The parameters that an optimizer updates, their hyperparameters, and the optimizer's state.
public struct OptimizedParameters {
  /// One parameter.
  public struct Entry {
    public let parameter: Parameter
    public let hyperparameters: Hyperparameters
  }

  /// Consecutive elements of one parameter, in memory order.
  public struct Block {
    /// The parameter's index in ``entries``.
    public let entry: Int
    /// The index of the first element in the parameter's memory.
    public let start: Int
    public let count: Int
    /// The first value, and its gradient; both have `count` elements.
    public let values: UnsafeMutablePointer<Float>
    public let gradient: UnsafeMutablePointer<Float>
    public let hyperparameters: Hyperparameters
  }

  public let entries: [Entry]
  private let blocks: [ParameterBlock]
  private let storage: OptimizerState

  /// The trained parameters of `network`, with the hyperparameters from `groups`.
  ///
  /// - `shared`: the memory of the state, if processes share it; then they divide all loops.
  public init(
    _ network: Sequential, groups: [ParameterGroup], in shared: SharedMemory? = nil
  ) {
    let entries = network.layers.flatMap { layer in
      layer.parameters.filter(\.isTrained).map {
        Entry(
          parameter: $0,
          hyperparameters: ParameterGroup.hyperparameters(of: $0, layer, by: groups))
      }
    }
    self.init(entries, OptimizerState(in: shared))
  }

  /// Parameters with the same hyperparameters.
  public init(_ parameters: [Parameter], _ hyperparameters: Hyperparameters = .init()) {
    self.init(
      parameters.map { Entry(parameter: $0, hyperparameters: hyperparameters) }, OptimizerState())
  }

  private init(_ entries: [Entry], _ storage: OptimizerState) {
    self.entries = entries
    self.storage = storage
    blocks = ParameterBlock.all(of: entries.map(\.parameter))
  }

  /// The entries for which `isIncluded` is true. Slots declared for them belong to the same
  /// `state`.
  public func filter(_ isIncluded: (Entry) -> Bool) -> OptimizedParameters {
    OptimizedParameters(entries.filter(isIncluded), storage)
  }

  // MARK: State

  /// Declares a slot: one float per element, initially zero, with the layout of the values.
  ///
  /// - Parameters:
  ///   - name: PyTorch's name if there is one; checkpoints store `optim.<parameter>.<name>`.
  ///   - needsSlot: true for the entries that have the slot; the others take no memory.
  public func addSlot(
    _ name: String, where needsSlot: (Entry) -> Bool = { _ in true }
  ) -> OptimizerSlot {
    OptimizerSlot(
      memory: entries.map { needsSlot($0) ? storage.add(name, for: $0.parameter) : nil })
  }

  /// The memory of the state, if processes share it.
  var shared: SharedMemory? { storage.shared }

  /// All declared slots, for checkpoints.
  var state: [OptimizerState.Value] { storage.values }

  // MARK: Loops

  /// Calls `body` for each block of each parameter that is trained now, with all threads, and all processes
  /// that share memory. Blocks have a fixed size, so results do not depend on the number of threads.
  public func forEachBlock(in context: Context, _ body: (Block) -> Void) {
    context.run(blocks.count, in: shared) { index, _ in
      let block = blocks[index]
      let entry = entries[block.parameter]
      guard entry.parameter.isTrained else { return }
      body(
        Block(
          entry: block.parameter, start: block.start, count: block.count,
          values: entry.parameter.values + block.start,
          gradient: entry.parameter.gradient + block.start,
          hyperparameters: entry.hyperparameters))
    }
  }
}

/// Values that an optimizer keeps between steps, one float per element of its parameters.
public struct OptimizerSlot {
  fileprivate let memory: [UnsafeMutablePointer<Float>?]

  /// The slot's values for a block; nil if the parameter does not have this slot.
  public subscript(block: OptimizedParameters.Block) -> UnsafeMutablePointer<Float>? {
    memory[block.entry].map { $0 + block.start }
  }

  /// The slot's values for the parameter at `entry`, with the layout of the parameter's values.
  public subscript(entry entry: Int) -> UnsafeMutablePointer<Float>? { memory[entry] }
}

/// The memory of an optimizer's slots.
final class OptimizerState {
  /// One slot of one parameter.
  struct Value {
    /// The name in checkpoints: `optim.conv1.weight.momentum_buffer`.
    let name: String
    let parameter: Parameter
    let memory: UnsafeMutablePointer<Float>
  }

  let shared: SharedMemory?
  private let arena: Arena
  private(set) var values: [Value] = []

  init(in shared: SharedMemory? = nil) {
    self.shared = shared
    arena = Arena(in: shared)
  }

  func add(_ slot: String, for parameter: Parameter) -> UnsafeMutablePointer<Float> {
    let memory = arena.floats(parameter.memoryCount)
    let name = "optim.\(parameter.name).\(slot)"
    precondition(values.allSatisfy { $0.name != name }, "\(name): a slot declared twice")
    values.append(Value(name: name, parameter: parameter, memory: memory))
    return memory
  }
}
