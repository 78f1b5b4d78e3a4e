#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory that is allocated block by block, while a network is planned, and freed as a whole.
///
/// Every block starts at a multiple of 64 bytes and is filled with zeros. A training step therefore
/// calls no allocator and causes no page fault.
public final class Arena: @unchecked Sendable {
  private static let alignment = 64
  /// The size of the system's large pages.
  private static let largePage = 1 << 21
  /// The fewest bytes that one allocation asks the system for.
  private static let leastChunk = 1 << 14

  private var chunks: [UnsafeMutableRawPointer] = []
  private var free: UnsafeMutableRawPointer?
  private var freeBytes = 0

  /// The number of bytes in all blocks, with the gaps between them.
  public private(set) var byteCount = 0

  public init() {}

  deinit {
    for chunk in chunks { chunk.deallocate() }
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
    if freeBytes < size { addChunk(atLeast: size) }
    let block = free!
    free = block + size
    freeBytes -= size
    byteCount += size
    return block
  }

  /// Allocates a chunk of at least `count` bytes. Chunks double the arena up to the size of a large page,
  /// so a small arena stays small.
  private func addChunk(atLeast count: Int) {
    let wanted = max(count, min(byteCount, Self.largePage), Self.leastChunk)
    let isLarge = wanted >= Self.largePage
    let unit = isLarge ? Self.largePage : Self.leastChunk
    let size = (wanted + unit - 1) / unit * unit
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: unit)
    #if canImport(Glibc)
      if isLarge { madvise(chunk, size, MADV_HUGEPAGE) }
    #endif
    chunk.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    chunks.append(chunk)
    free = chunk
    freeBytes = size
  }
}
