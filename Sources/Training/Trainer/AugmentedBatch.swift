import Datasets
import Synchronization
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The images and labels of a micro-batch, augmented by any threads that are free.
///
/// Threads take lanes of examples from a counter. A batch may be started in the background, and all
/// threads help to finish it once it is needed. An image does not depend on the thread that
/// computes it.
final class AugmentedBatch: @unchecked Sendable {
  /// `[capacity, h, w, c]`.
  let pixels: UnsafeMutablePointer<UInt8>
  /// Each `[capacity]`; see ``MixedLabel``.
  let labels: UnsafeMutablePointer<Int32>
  let others: UnsafeMutablePointer<Int32>
  let shares: UnsafeMutablePointer<Float>

  private let augmenter: Augmenter
  private let arena = Arena()
  /// Scratch memory per lane and not per thread, because any thread may work.
  private let scratch: [UnsafeMutablePointer<UInt8>]

  // Written only while no lane can be taken; read by threads that have taken one.
  private let examples: UnsafeMutablePointer<Int>
  private var count = 0
  private var epoch = 0

  private let nextLane = Atomic<Int>(Context.laneCount)
  private let finishedLanes = Atomic<Int>(Context.laneCount)

  init(_ augmenter: Augmenter, capacity: Int) {
    self.augmenter = augmenter
    pixels = arena.bytes(capacity * augmenter.outputCount)
    labels = arena.values(of: Int32.self, capacity)
    others = arena.values(of: Int32.self, capacity)
    shares = arena.values(of: Float.self, capacity)
    examples = arena.values(of: Int.self, capacity)
    let arena = arena
    scratch = (0..<Context.laneCount).map { _ in arena.bytes(augmenter.scratchCount) }
  }

  /// True if the last ``begin(_:epoch:)`` was for these examples.
  func holds(_ indices: ArraySlice<Int>, epoch: Int) -> Bool {
    self.epoch == epoch && indices.elementsEqual(UnsafeBufferPointer(start: examples, count: count))
  }

  /// Starts a micro-batch of at most `capacity` examples.
  ///
  /// - Precondition: the previous micro-batch is complete.
  func begin(_ indices: ArraySlice<Int>, epoch: Int) {
    precondition(
      finishedLanes.load(ordering: .acquiring) == Context.laneCount, "AugmentedBatch: still busy")
    for (place, index) in indices.enumerated() { examples[place] = index }
    count = indices.count
    self.epoch = epoch
    finishedLanes.store(0, ordering: .relaxed)
    nextLane.store(0, ordering: .releasing)
  }

  /// Works until no lane is left to take; other threads may not have finished theirs then.
  func work() {
    while nextLane.load(ordering: .relaxed) < Context.laneCount {
      let lane = nextLane.add(1, ordering: .acquiringAndReleasing).oldValue
      guard lane < Context.laneCount else { return }
      for place in Context.examples(ofLane: lane, among: count) {
        let label = augmenter.write(
          examples[place], epoch: epoch, into: pixels + place * augmenter.outputCount,
          scratch: scratch[lane])
        labels[place] = label.label
        others[place] = label.other
        shares[place] = label.share
      }
      finishedLanes.add(1, ordering: .acquiringAndReleasing)
    }
  }

  /// Helps with all threads, and returns when all lanes are finished.
  func complete(in context: Context) {
    if nextLane.load(ordering: .relaxed) < Context.laneCount {
      context.pool.run(context.threadCount) { _, _ in work() }
    }
    while finishedLanes.load(ordering: .acquiring) < Context.laneCount { sched_yield() }
  }
}

/// Micro-batches of augmented images, each computed in the background during the previous training
/// step.
final class AugmentedBatches {
  private let batches: [AugmentedBatch]
  private let thread: BackgroundThread
  /// The index of the next batch.
  private var turn = 0

  init(_ augmenter: Augmenter, capacity: Int) {
    let batches = (0..<2).map { _ in AugmentedBatch(augmenter, capacity: capacity) }
    self.batches = batches
    thread = BackgroundThread { for batch in batches { batch.work() } }
  }

  /// The micro-batch of the examples at `indices`, valid until the next call.
  ///
  /// - Parameter next: the examples of the next call, which are started in the background; empty if
  ///   unknown.
  func take(
    _ indices: ArraySlice<Int>, epoch: Int, next: ArraySlice<Int>, in context: Context
  ) -> AugmentedBatch {
    let batch = batches[turn]
    if !batch.holds(indices, epoch: epoch) {
      batch.complete(in: context)
      batch.begin(indices, epoch: epoch)
    }
    batch.complete(in: context)
    turn = 1 - turn
    if !next.isEmpty {
      batches[turn].complete(in: context)
      batches[turn].begin(next, epoch: epoch)
      thread.wake()
    }
    return batch
  }
}
