import Tensors

/// Runs a network forward and backward (lecture row L2), in memory that is taken once.
///
/// The ``ExecutionPlan`` cuts the network into units. Layers that compute each example independently run
/// together in micro-batches: one thread takes a few examples through all of them, while their activations
/// are in its cache. Other layers take the whole batch with all threads. Examples are dealt to a fixed
/// number of lanes, and each lane sums its parameters' gradients in the order of its examples. So neither
/// the number of threads nor the size of a micro-batch changes a bit.
public final class Executor {
  public let network: Sequential
  /// The most examples in one pass.
  public let capacity: Int
  public let context: Context
  /// Where the caller puts the examples, `[capacity, …]`.
  public var input: Tensor { plan.input }

  private let arena = Arena()
  let plan: ExecutionPlan
  /// Whether the next pass over the lanes begins with the last lane.
  private var descends = false

  /// - Parameter training: whether ``backward(count:)`` will be called. Without it the executor takes far
  ///   less memory.
  public convenience init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context
  ) {
    self.init(
      network, capacity: capacity, training: training, context: context, streams: true)
  }

  /// - Parameters:
  ///   - microBatchBytes: the most bytes of a micro-batch's activations.
  ///   - streams: whether layers of the whole batch have prologues and epilogues, and pooling may run
  ///     backward twice. Results do not depend on it.
  init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context,
    microBatchBytes: Int = ExecutionPlan.microBatchBytes, streams: Bool = true
  ) {
    precondition(capacity > 0, "a capacity of \(capacity) examples")
    self.network = network
    self.capacity = capacity
    self.context = context
    plan = ExecutionPlan(
      network, capacity: capacity, training: training, threads: context.threadCount,
      microBatchBytes: microBatchBytes, streams: streams, arena: arena)
    context.reserveScratch(plan.scratch.count)
  }

  /// The bytes of activations, gradients and saved state, without parameters.
  public var byteCount: Int { arena.byteCount }

  // MARK: Lanes

  /// Calls `body` for every lane, in parallel.
  ///
  /// Each pass over the lanes has the opposite direction of the pass before, so it begins with data that
  /// are still in the cache. Results do not depend on the direction.
  func forEachLane(_ body: WorkerPool.Body) {
    context.pool.run(Context.laneCount, descending: descends, body)
    descends.toggle()
  }

  /// Makes the next pass over the lanes begin with the last lane, after a layer of the whole batch that
  /// ended with the last examples.
  func beginWithLastLane() { descends = true }

  /// Calls `body` for a few examples at a time, in order within each lane, lanes in parallel.
  func forEachMicroBatch(
    of size: Int, among count: Int, before: (_ lane: Lane) -> Void = { _ in },
    do body: (_ examples: Range<Int>, _ lane: Lane, _ memory: ThreadMemory) -> Void,
    after: (_ lane: Lane) -> Void = { _ in }
  ) {
    forEachLane { index, worker in
      let range = Context.examples(ofLane: index, among: count)
      let memory = memory(ofThread: worker)
      let lane = Lane(index: index, worker: worker, of: context)
      before(lane)
      var first = range.lowerBound
      while first < range.upperBound {
        let end = min(first + size, range.upperBound)
        body(first..<end, lane, memory)
        first = end
      }
      after(lane)
    }
  }

  func memory(ofThread worker: Int) -> ThreadMemory {
    ThreadMemory(at: context.scratch(of: worker), plan.scratch)
  }
}
