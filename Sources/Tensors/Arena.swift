#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory that is taken once, while a network is planned, and given back as a whole.
///
/// Every block starts at a multiple of 64 bytes and is filled with zeros, so a training step touches
/// no page for the first time and calls no allocator.
public final class Arena: @unchecked Sendable {
  private static let alignment = 64
  /// The size of the system's large pages, and the least that is taken from the system at once.
  private static let largePage = 1 << 21
  private static let leastChunk = 1 << 14

  private var chunks: [UnsafeMutableRawPointer] = []
  private var free: UnsafeMutableRawPointer?
  private var freeBytes = 0

  /// The number of bytes handed out, gaps included.
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
    // One more line than asked for: neighbors never share a cache line, and a vector load that
    // starts inside a block may end behind it.
    let size = (count + 2 * Self.alignment - 1) / Self.alignment * Self.alignment
    if freeBytes < size { addChunk(atLeast: size) }
    let block = free!
    free = block + size
    freeBytes -= size
    byteCount += size
    return block
  }

  /// Takes at least as much as was taken before, up to a large page, so that a small arena stays small.
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
