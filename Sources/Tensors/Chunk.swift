#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zeros from the system, for an ``Arena``.
struct Chunk {
  /// The size of the system's large pages.
  static let largePage = 1 << 21

  let start: UnsafeMutableRawPointer
  let byteCount: Int

  init(start: UnsafeMutableRawPointer, byteCount: Int) {
    self.start = start
    self.byteCount = byteCount
  }

  /// Takes `byteCount` bytes and touches them all, so that a later use causes no page fault. A chunk of
  /// large pages starts at one.
  ///
  /// - Parameter touches: false for memory that is only counted, and costs nothing.
  ///
  /// Ends the program where the system has no such memory.
  init(byteCount: Int, touches: Bool = true) {
    self.byteCount = byteCount
    let isLarge = byteCount >= Self.largePage
    // A multiple of a large page lies somewhere in the first one. What is around the chunk goes back:
    // an aligning allocator would keep it.
    let surplus = isLarge ? Self.largePage : 0
    let map = Self.map(byteCount + surplus)
    let offset = isLarge ? -Int(bitPattern: map) & (Self.largePage - 1) : 0
    start = map + offset
    if offset > 0 { munmap(map, offset) }
    if surplus > offset { munmap(start + byteCount, surplus - offset) }
    #if canImport(Glibc)
      if isLarge { madvise(start, byteCount, MADV_HUGEPAGE) }
    #endif
    if touches { start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
  }

  func free() { munmap(start, byteCount) }

  private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let map = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let map, map != MAP_FAILED else {
      fatalError("failed to allocate \(byteCount) bytes of memory")
    }
    return map
  }
}
