import Tensors

/// Runs a network forward and backward (lecture row L2), in memory that is allocated once.
///
/// The `ExecutionPlan` divides the network into units. Layers that compute each example
/// independently run together in chunks: one thread passes a few examples through all of
/// them, while their activations are in its cache. Other layers take the whole batch with all
/// threads. Examples are assigned to a fixed number of lanes, and each lane sums its parameters'
/// gradients in the order of its examples. Neither the number of threads nor the size of a
/// chunk therefore changes any bit of the results.
public final class Executor {
  public let network: Sequential
  /// The maximum number of examples in one pass.
  public let capacity: Int
  public let context: Context
  /// The processes that share each batch; nil if this process computes it alone.
  public let processes: ProcessGroup?
  /// The lanes that this process computes.
  public let share: LaneShare
  /// The examples of a pass, `[capacity, …]`, which the caller fills. Where several processes share a batch,
  /// these are the examples of this process.
  public var input: Tensor { plan.input }

  /// True if the parameters do not change between passes. The next pass prepares them for the kernels, and
  /// later ones use what it prepared; for one example that can take most of the time.
  ///
  /// - Precondition: the executor is not for training.
  public var hasFixedParameters = false {
    didSet {
      precondition(!hasFixedParameters || !plan.training, "training changes parameters")
      isPrepared = false
    }
  }

  private let arena: Arena
  let plan: ExecutionPlan
  /// True if the parameters are prepared for the next pass.
  var isPrepared = false
  /// True if the next pass over the lanes begins with the last lane.
  private var descends = false

  /// - `training`: true if ``backward(count:)`` will be called. Otherwise the executor
  ///   takes far less memory.
  /// - `processes`: the processes that share each batch. All make the same executor and the same calls.
  public convenience init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context,
    processes: ProcessGroup? = nil
  ) {
    self.init(
      network, capacity: capacity, training: training, context: context, processes: processes,
      streams: true)
  }

  /// - Parameters:
  ///   - chunkBytes: the maximum size of a chunk's activations.
  ///   - streams: true if layers of the whole batch have prologues and epilogues, and pooling may
  ///     run backward twice. The results do not depend on it.
  ///   - arena: the memory of activations and gradients.
  init(
    _ network: Sequential, capacity: Int, training: Bool, context: Context,
    processes: ProcessGroup? = nil, chunkBytes: Int = ExecutionPlan.chunkBytes,
    streams: Bool = true, arena: Arena = Arena()
  ) {
    precondition(capacity > 0, "a capacity of \(capacity) examples")
    self.network = network
    self.capacity = capacity
    self.context = context
    let processes = processes.flatMap { $0.count > 1 ? $0 : nil }
    precondition(training || processes == nil, "an evaluation is not shared by its executor")
    self.processes = processes
    share = processes?.share ?? .whole
    self.arena = arena
    plan = ExecutionPlan(
      network, capacity: share.capacity(among: capacity), training: training,
      threads: context.threadCount, chunkBytes: chunkBytes, streams: streams, arena: arena,
      sharing: processes.map { BatchSharing($0, capacity: capacity, arena: arena) })
    context.reserveScratch(plan.scratch.count)
  }

  /// The size of activations, gradients and saved state in bytes, without parameters.
  public var byteCount: Int { Arena.footprint(ofBlocks: blockSizes) }

  /// The bytes of each tensor of ``byteCount``.
  public var blockSizes: [Int] { arena.blockSizes }

  /// The ``blockSizes`` of an executor that is not used. Its memory is not touched, but for the parameters' gradients of
  /// each lane and the threads' scratch memory, which the next executor takes over.
  public static func blockSizes(
    of network: Sequential, capacity: Int, training: Bool, context: Context
  ) -> [Int] {
    let executor = Executor(
      network, capacity: capacity, training: training, context: context,
      arena: Arena(touches: false))
    return executor.blockSizes
  }

  // MARK: Lanes

  /// Calls `body` for every lane of this process that has examples, in parallel.
  ///
  /// Consecutive passes run through the lanes in opposite directions, so that a pass begins with
  /// data that are still in the cache. The results do not depend on the direction.
  ///
  /// - Parameter count: the number of examples of the batch.
  func forEachLane(among count: Int, _ body: WorkerPool.Body) {
    let lanes = share.occupiedLanes(among: count)
    context.pool.run(lanes.count, descending: descends) { body(lanes[$0], $1) }
    descends.toggle()
  }

  /// Makes the next pass over the lanes begin with the last lane. Called after a layer of the whole
  /// batch, which ends with the last examples.
  func beginWithLastLane() { descends = true }

  /// Calls `body` for a few examples at a time, in order within each lane and with the lanes in
  /// parallel. The examples are counted from the first one of this process. If they leave threads idle
  /// (``Context/leavesThreadsIdle(_:)``), the lanes follow one another, and the threads share the work of each example.
  ///
  /// - Parameter count: the number of examples of the batch.
  func forEachChunk(
    of size: Int, among count: Int, before: (_ lane: Lane) -> Void = { _ in },
    do body: (_ examples: Range<Int>, _ lane: Lane, _ memory: ThreadMemory) -> Void,
    after: (_ lane: Lane) -> Void = { _ in }
  ) {
    let helped = context.leavesThreadsIdle(share.examples(among: count).count)
    func run(_ index: Int, _ worker: Int) {
      let range = share.examples(ofLane: index, among: count)
      let memory = memory(ofThread: worker)
      let lane = Lane(index: index, worker: worker, of: context, helped: helped)
      before(lane)
      var first = range.lowerBound
      while first < range.upperBound {
        let end = min(first + size, range.upperBound)
        body(first..<end, lane.at(first), memory)
        first = end
      }
      after(lane)
    }
    if helped {
      for index in share.occupiedLanes(among: count) { run(index, 0) }
    } else {
      forEachLane(among: count, run)
    }
  }

  /// Calls `body` for groups of at most `size` examples, which the threads share evenly: in evaluation nothing is summed by
  /// lanes, whose few examples would have each weight read more often.
  func forEachGroup(
    of size: Int, among count: Int, _ body: (_ examples: Range<Int>, _ worker: Worker) -> Void
  ) {
    let threads = context.threadCount
    let rounds = (count + threads * size - 1) / (threads * size)
    let groups = Worker.Parts(of: count, among: threads * rounds)
    context.pool.run(groups.count) { group, worker in
      body(groups.range(group), Worker(worker, of: context))
    }
  }

  func memory(ofThread worker: Int) -> ThreadMemory {
    ThreadMemory(at: context.scratch(of: worker), plan.scratch)
  }
}
