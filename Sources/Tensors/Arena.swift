/// Memory that is allocated block by block, while a network is planned, and freed as a whole.
///
/// Every block starts at a multiple of 64 bytes and is filled with zeros. A training step therefore
/// calls no allocator and causes no page fault. The memory is this process's own, or ``SharedMemory``.
public final class Arena: @unchecked Sendable {
  private static let alignment = 64
  /// The fewest bytes that one allocation asks the system for.
  private static let leastChunk = 1 << 14

  private(set) var chunks: [Chunk] = []
  private var free: UnsafeMutableRawPointer?
  private var freeBytes = 0

  /// The bytes of each block with the gap after it, in the order of allocation.
  public private(set) var blockSizes: [Int] = []
  /// The number of bytes in all blocks, with the gaps between them.
  private var byteCount = 0
  private let shared: SharedMemory?
  private let touches: Bool

  /// - Parameters:
  ///   - shared: the memory to allocate in; nil for memory of this process alone.
  ///   - touches: false if only ``blockSizes`` are of interest, and the memory is not used.
  public init(in shared: SharedMemory? = nil, touches: Bool = true) {
    self.shared = shared
    self.touches = touches
  }

  deinit {
    for chunk in chunks {
      if let shared {
        shared.release(chunk.start, count: chunk.byteCount)
      } else {
        chunk.free()
      }
    }
  }

  /// `count` or the next multiple of 16, so that a region of floats behind `count` others in a block begins at a multiple
  /// of 64 bytes. Where it does not, every load and store of a vector reaches into two cache lines.
  public static func alignedCount(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// The bytes that an arena takes from the system for blocks of `sizes`.
  ///
  /// - Parameter sizes: as ``blockSizes`` has them.
  public static func footprint(ofBlocks sizes: [Int]) -> Int {
    var (footprint, free, used) = (0, 0, 0)
    for size in sizes {
      if free < size {
        free = chunkSize(atLeast: size, used: used)
        footprint += free
      }
      free -= size
      used += size
    }
    return footprint
  }

  /// `count` bytes of zeros.
  public func bytes(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    raw(count).bindMemory(to: UInt8.self, capacity: max(count, 1))
  }

  /// `count` floats of value 0.
  public func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    raw(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// `count` values of any trivial type, all bits zero.
  public func values<Value: BitwiseCopyable>(
    of type: Value.Type, _ count: Int
  ) -> UnsafeMutablePointer<Value> {
    raw(count * MemoryLayout<Value>.stride).bindMemory(to: Value.self, capacity: max(count, 1))
  }

  /// A tensor of zeros.
  public func tensor(_ shape: Shape) -> Tensor { Tensor(shape, at: floats(shape.count)) }

  private func raw(_ count: Int) -> UnsafeMutableRawPointer {
    // At least 64 bytes more than requested: two blocks never share a cache line, and a vector load
    // that starts inside a block may end after it.
    let size = (count + 2 * Self.alignment - 1) / Self.alignment * Self.alignment
    if freeBytes < size {
      let wanted = Self.chunkSize(atLeast: size, used: byteCount)
      let chunk =
        shared.map { Chunk(start: $0.allocate(wanted), byteCount: wanted) }
        ?? Chunk(byteCount: wanted, touches: touches)
      chunks.append(chunk)
      (free, freeBytes) = (chunk.start, chunk.byteCount)
    }
    let block = free!
    free = block + size
    freeBytes -= size
    byteCount += size
    blockSizes.append(size)
    return block
  }

  /// The size of a chunk of at least `count` bytes for an arena whose blocks have `used` bytes. Chunks
  /// double the arena up to the size of a large page, so a small arena stays small.
  private static func chunkSize(atLeast count: Int, used: Int) -> Int {
    let wanted = max(count, min(used, Chunk.largePage), leastChunk)
    let unit = wanted >= Chunk.largePage ? Chunk.largePage : leastChunk
    return (wanted + unit - 1) / unit * unit
  }
}
