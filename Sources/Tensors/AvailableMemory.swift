#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How much memory this process may still take.
public enum AvailableMemory {
  /// The bytes that the system has free or can free, or fewer by the limit of a control group, of a group
  /// above it, or of `ulimit -v`; nil where none of them is known.
  public static var bytes: Int? {
    bytes(contents: SystemFile.contents, addressLimit: addressLimit)
  }

  /// - Parameters:
  ///   - contents: the text of a file, or nil.
  ///   - addressLimit: the most bytes of addresses that the process may use; nil without a limit.
  static func bytes(contents: (String) -> String?, addressLimit: Int?) -> Int? {
    var candidates: [Int] = []
    if let free = field("MemAvailable:", of: contents("/proc/meminfo")) {
      candidates.append(free << 10)
    }
    // Without a list of groups, the root is still tried.
    let membership = contents("/proc/self/cgroup") ?? "0::/\n1:memory:/\n"
    for group in ControlGroups.folders(of: "memory", membership: membership) {
      func text(_ name: String) -> String? { contents("\(group.path)/\(name)") }
      let (limit, use, files) =
        group.isUnified
        ? ("memory.max", "memory.current", "inactive_file")
        : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
      guard let limit = number(text(limit)), let use = number(text(use)) else { continue }
      // The system drops cached files before it refuses memory.
      let cached = field(files, of: text("memory.stat")) ?? 0
      candidates.append(max(0, limit - max(0, use - cached)))
    }
    if let addressLimit {
      let use = field("VmSize:", of: contents("/proc/self/status")).map { $0 << 10 } ?? 0
      candidates.append(max(0, addressLimit - use))
    }
    return candidates.min()
  }

  /// A number of bytes for messages, in the unit that gives two to four digits: `57 MB`, `1.5 GB`.
  public static func text(_ bytes: Int) -> String {
    guard bytes >= 1_000_000_000 else { return "\((bytes + 999_999) / 1_000_000) MB" }
    let tenths = Int((Double(bytes) / 1e8).rounded(.up))
    return "\(tenths / 10).\(tenths % 10) GB"
  }

  /// The number in a line that starts with `name`, such as `MemAvailable:   123 kB`.
  private static func field(_ name: String, of text: String?) -> Int? {
    for line in text?.split(separator: "\n") ?? [] {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1, words[0] == name { return Int(words[1]) }
    }
    return nil
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
}
