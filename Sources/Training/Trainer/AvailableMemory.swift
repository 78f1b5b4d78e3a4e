#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How much memory this process may still take.
enum AvailableMemory {
  /// The bytes that the system has free or can free, or fewer by a control group's limit or `ulimit -v`;
  /// nil where none of them is known.
  static var bytes: Int? {
    bytes(contents: contents, addressLimit: addressLimit)
  }

  /// - Parameters:
  ///   - contents: the text of a file, or nil.
  ///   - addressLimit: the most bytes of addresses that the process may use; nil without a limit.
  static func bytes(contents: (String) -> String?, addressLimit: Int?) -> Int? {
    var candidates: [Int] = []
    if let free = field("MemAvailable:", of: contents("/proc/meminfo")) { candidates.append(free) }
    for (limit, use) in [
      ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
      (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes"
      ),
    ] {
      if let limit = number(contents(limit)), let use = number(contents(use)) {
        candidates.append(max(0, limit - use))
      }
    }
    if let addressLimit {
      let use = field("VmSize:", of: contents("/proc/self/status")) ?? 0
      candidates.append(max(0, addressLimit - use))
    }
    return candidates.min()
  }

  /// The bytes in a line such as `MemAvailable:   123 kB`.
  private static func field(_ name: String, of text: String?) -> Int? {
    guard let line = text?.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    let words = line.split(whereSeparator: \.isWhitespace)
    return words.count > 1 ? Int(words[1]).map { $0 << 10 } : nil
  }

  /// A file's number; nil for `max`.
  private static func number(_ text: String?) -> Int? {
    text?.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
  }

  private static var addressLimit: Int? {
    var limit = rlimit()
    #if canImport(Glibc)
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    #else
      guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
    #endif
    return limit.rlim_cur < UInt64(Int.max) ? Int(limit.rlim_cur) : nil
  }

  /// The text of a small file of the system's.
  private static func contents(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(file, &bytes, bytes.count)
    return count >= 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }
}
