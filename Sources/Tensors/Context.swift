import CKernels

/// What layers compute with: the micro-kernels of one instruction set, and a pool of threads.
///
/// Results depend on neither: kernel sets give equal bits, and work is split by the problem.
public final class Context: @unchecked Sendable {
  /// Examples are dealt to this many lanes, whatever the number of threads. Each lane sums its
  /// gradients in the order of its examples, and lanes are added as a balanced tree.
  public static let laneCount = 16

  public let kernelSet: KernelSet
  public let kernels: kernels
  public let pool: WorkerPool

  /// Scratch memory of each thread, all of one size.
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

  /// Makes sure that every thread has at least `count` floats of scratch memory.
  public func reserveScratch(_ count: Int) {
    guard count > scratchCount || scratch.isEmpty else { return }
    scratchArena = Arena()
    scratch = (0..<threadCount).map { _ in scratchArena.floats(count) }
    scratchCount = count
  }

  /// The scratch memory of a thread; its contents are arbitrary.
  public func scratch(of worker: Int) -> UnsafeMutablePointer<Float> { scratch[worker] }

  /// The examples of lane `lane` when `count` examples are dealt to ``laneCount`` lanes.
  public static func examples(ofLane lane: Int, among count: Int) -> Range<Int> {
    count * lane / laneCount..<count * (lane + 1) / laneCount
  }
}
