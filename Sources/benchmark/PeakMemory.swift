import Foundation

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
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    try? file.write(contentsOf: Data("5".utf8))
  }

  /// In bytes, or nil where it is not known.
  static var bytes: Int? {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/status"),
      let data = try? file.readToEnd()
    else { return nil }
    return bytes(ofStatus: String(decoding: data, as: UTF8.self))
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
