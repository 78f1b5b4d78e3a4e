#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The peak memory of this process, if the system reports it (Linux).
enum PeakMemory {
  /// Restarts the measurement: memory that was freed before no longer counts.
  static func reset() {
    // The C library keeps freed memory unless this function is called. Glibc's Swift module does
    // not have the function.
    if let symbol = dlsym(nil, "malloc_trim") {
      _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
    }
    // See proc(5): 5 resets the high-water mark.
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "5", 1)
    close(file)
  }

  /// The peak in bytes; nil if unknown.
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
