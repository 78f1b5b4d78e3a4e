import CKernels

/// The micro-kernels of one instruction set, a pool of threads and their scratch memory.
///
/// Results depend on neither the kernels nor the number of threads: all kernel sets give equal bits, and
/// the size of a problem alone decides how its work is split.
public final class Context: @unchecked Sendable {
  /// The number of lanes that the examples of a batch are divided among, whatever the number of threads.
  ///
  /// Each lane sums its gradients in the order of its examples. The sums of the lanes are added as a
  /// balanced binary tree.
  public static let laneCount = 16

  public let kernelSet: KernelSet
  public let kernels: kernels
  public let pool: WorkerPool

  /// The scratch memory of each thread; all have the same size.
  private var scratch: [UnsafeMutablePointer<Float>] = []
  private var scratchCount = 0
  private var scratchArena = Arena()

  /// - Precondition: this processor has `kernelSet`.
  public convenience init(threadCount: Int, kernelSet: KernelSet = .best) {
    self.init(pool: WorkerPool(threadCount: threadCount), kernelSet: kernelSet)
  }

  /// - Throws: ``ThreadError`` if the system cannot start the threads.
  /// - Precondition: this processor has `kernelSet`.
  public convenience init(
    starting threadCount: Int, kernelSet: KernelSet = .best
  ) throws(ThreadError) {
    self.init(pool: try WorkerPool(starting: threadCount), kernelSet: kernelSet)
  }

  private init(pool: WorkerPool, kernelSet: KernelSet) {
    guard let table = kernelSet.table else {
      preconditionFailure("this processor has no \(kernelSet.rawValue)")
    }
    self.kernelSet = kernelSet
    self.kernels = table.pointee
    self.pool = pool
  }

  public var threadCount: Int { pool.threadCount }

  /// True if so few independent pieces of work leave so many threads idle that these do better to share the work of each
  /// piece, one after the other.
  public func leavesThreadsIdle(_ pieces: Int) -> Bool {
    threadCount > 1 && (pieces == 1 || 4 * pieces <= threadCount)
  }

  /// Gives every thread at least `count` floats of scratch memory.
  public func reserveScratch(_ count: Int) {
    guard count > scratchCount || scratch.isEmpty else { return }
    scratchArena = Arena()
    scratch = (0..<threadCount).map { _ in scratchArena.floats(count) }
    scratchCount = count
  }

  /// The scratch memory of one thread, with arbitrary contents.
  public func scratch(of worker: Int) -> UnsafeMutablePointer<Float> { scratch[worker] }

  /// The lanes that have examples when ``laneCount`` lanes share `count` examples: a bit for each.
  public static func occupiedLanes(among count: Int) -> UInt64 {
    LaneShare.whole.occupiedLanes(among: count).reduce(0) { $0 | 1 << UInt64($1) }
  }

  /// The lane of an example when ``laneCount`` lanes share `count` examples.
  public static func lane(ofExample example: Int, among count: Int) -> Int {
    (laneCount * (example + 1) + count - 1) / count - 1
  }

  /// The examples of lane `lane` when ``laneCount`` lanes share `count` examples.
  public static func examples(ofLane lane: Int, among count: Int) -> Range<Int> {
    count * lane / laneCount..<count * (lane + 1) / laneCount
  }
}
