import CKernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zeros that all processes of one host have mapped, each at its own address.
public struct SharedRegion: @unchecked Sendable {
  public let start: UnsafeMutableRawPointer
  public let byteCount: Int
  /// Takes bytes from the system, so that a later use causes no page fault; false if it has none.
  public let reserve: @Sendable (_ bytes: UnsafeMutableRawBufferPointer) -> Bool

  public init(
    start: UnsafeMutableRawPointer, byteCount: Int,
    reserve: @escaping @Sendable (_ bytes: UnsafeMutableRawBufferPointer) -> Bool = { _ in true }
  ) {
    self.start = start
    self.byteCount = byteCount
    self.reserve = reserve
  }
}

/// Memory in which the processes of one host work together like the threads of one process.
///
/// They read each other's values where these lie, and wait for each other at barriers; nothing is sent. All
/// processes allocate the same blocks in the same order, so that a block has one place for all. What a process
/// writes, the others may read after the next barrier.
public final class SharedMemory: @unchecked Sendable {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let count: Int
  /// The number of barriers that this process has passed.
  public private(set) var barriers = 0

  private let region: SharedRegion
  /// The bytes of the region in use.
  private var used = 0
  /// Blocks that were given back, in the order in which they were.
  private var free: [UnsafeMutableRawBufferPointer] = []
  /// Two buffers of ``pieceBytes``, which ``gather(_:offset:)`` uses in turn.
  private let staging: UnsafeMutableRawPointer
  private var turn = 0

  /// The size of a process's counter, so that no two share a cache line.
  private static let counterBytes = 128
  /// The most bytes that are gathered between two barriers.
  package static let pieceBytes = 1 << 17
  /// A process that waits for another one spins for about 50 µs, gives way for some milliseconds, and then
  /// sleeps between two looks.
  private static let spins = 2_000
  private static let yields = 20_000
  private static let pause: UInt32 = 50

  init(_ region: SharedRegion, rank: Int, count: Int) {
    self.region = region
    self.rank = rank
    self.count = count
    used = Self.counterBytes * count
    staging = region.start + used
    used += 2 * Self.pieceBytes
    precondition(used <= region.byteCount, "\(region.byteCount) bytes of shared memory")
    reserve(UnsafeMutableRawBufferPointer(start: region.start, count: used))
  }

  /// The bytes that are not in use.
  package var available: Int { region.byteCount - used }

  // MARK: Waiting

  /// Waits until all processes have called it as often as this one.
  ///
  /// If another process is lost, the transport's watch ends this one.
  public func barrier() {
    barriers += 1
    counter(of: rank).pointee.store(barriers, ordering: .releasing)
    for other in 0..<count where other != rank {
      var round = 0
      while counter(of: other).pointee.load(ordering: .acquiring) < barriers {
        round += 1
        if round < Self.spins {
          spin_pause()
        } else if round < Self.yields {
          sched_yield()
        } else {
          usleep(Self.pause)
        }
      }
    }
  }

  /// The number of barriers that a process has reached. Its memory is zero at first.
  private func counter(of process: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    (region.start + process * Self.counterBytes).assumingMemoryBound(to: Atomic<Int>.self)
  }

  // MARK: Work

  /// The tasks of this process, if the processes share `taskCount` tasks.
  public func part(of taskCount: Int) -> Range<Int> {
    LaneShare.part(rank, of: count, among: taskCount)
  }

  /// Gives all processes the blocks of all processes; see ``ProcessGroup/gather(_:on:offset:)``.
  func gather(_ memory: UnsafeMutableRawPointer, offset: (_ process: Int) -> Int) {
    let end = offset(count)
    for first in stride(from: 0, to: end, by: Self.pieceBytes) {
      let piece = first..<min(first + Self.pieceBytes, end)
      // A process that is one barrier behind may still read the other buffer.
      let buffer = staging + turn * Self.pieceBytes
      turn = 1 - turn
      let own = (offset(rank)..<offset(rank + 1)).clamped(to: piece)
      (buffer + own.lowerBound - first)
        .copyMemory(from: memory + own.lowerBound, byteCount: own.count)
      barrier()
      for others in [piece.lowerBound..<own.lowerBound, own.upperBound..<piece.upperBound] {
        (memory + others.lowerBound)
          .copyMemory(from: buffer + others.lowerBound - first, byteCount: others.count)
      }
    }
  }

  /// The barriers of ``gather(_:offset:)``.
  package static func barriers(toGather byteCount: Int) -> Int {
    (byteCount + pieceBytes - 1) / pieceBytes
  }

  // MARK: Blocks

  /// `byteCount` zeros, at a multiple of 64 bytes. All processes wait at a barrier before they write to a
  /// block that was in use before.
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if let place = free.firstIndex(where: { $0.count >= byteCount }), byteCount > 0 {
      let block = free.remove(at: place)
      if block.count > byteCount {
        free.append(UnsafeMutableRawBufferPointer(rebasing: block[byteCount...]))
      }
      block.baseAddress!.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return block.baseAddress!
    }
    let unit = byteCount >= Chunk.largePage ? Chunk.largePage : 4096
    let start = (used + unit - 1) / unit * unit
    guard start + byteCount <= region.byteCount else { fail(byteCount) }
    used = start + byteCount
    let block = region.start + start
    reserve(UnsafeMutableRawBufferPointer(start: block, count: byteCount))
    return block
  }

  /// Gives a block back.
  func release(_ block: UnsafeMutableRawPointer, count: Int) {
    free.append(UnsafeMutableRawBufferPointer(start: block, count: count))
  }

  private func reserve(_ bytes: UnsafeMutableRawBufferPointer) {
    if !region.reserve(bytes) { fail(bytes.count) }
  }

  private func fail(_ byteCount: Int) -> Never {
    fatalError("failed to allocate \(byteCount) bytes of memory that processes share")
  }
}

extension Context {
  /// Runs `body` once for every task, with the threads of all processes that share memory, and returns when
  /// all have ended; with this process's threads if `shared` is nil.
  public func run(_ taskCount: Int, in shared: SharedMemory?, _ body: WorkerPool.Body) {
    guard let shared else { return pool.run(taskCount, body) }
    let part = shared.part(of: taskCount)
    pool.run(part.count) { task, worker in body(part.lowerBound + task, worker) }
    shared.barrier()
  }
}
