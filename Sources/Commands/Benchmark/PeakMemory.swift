#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The most memory that this process has held at once, where the system tells (Linux).
enum PeakMemory {
  /// Starts anew: what was held before and is free now counts no more.
  static func reset() {
    // The C library keeps freed memory for later unless it is told to give it back; Glibc's module
    // does not have the function.
    if let symbol = dlsym(nil, "malloc_trim") {
      _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
    }
    // See proc(5): 5 resets the high-water mark.
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "5", 1)
    close(file)
  }

  /// In bytes, or nil where it is not known.
  static var bytes: Int? {
    let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let text = [UInt8](unsafeUninitializedCapacity: 1 << 14) { bytes, count in
      count = max(0, read(file, bytes.baseAddress, 1 << 14))
    }
    return bytes(ofStatus: String(decoding: text, as: UTF8.self))
  }

  /// From the line `VmHWM:    12345 kB`.
  static func bytes(ofStatus status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        .map { $0 * 1024 }
    }
    return nil
  }
}
