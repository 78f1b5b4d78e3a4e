import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many processors this process may use, and how many threads its pools start.
public enum Processors {
  /// The processors online, or fewer by the affinity mask (`taskset`) or the quota of a control group
  /// (`docker --cpus`).
  public static let available: Int = {
    let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let status = SystemFile.contents("/proc/self/status") ?? ""
    let allowed = min(online, affinity(status: status) ?? online)
    let membership = SystemFile.contents("/proc/self/cgroup") ?? ""
    return max(
      1, min(allowed, quota(membership: membership, contents: SystemFile.contents) ?? allowed))
  }()

  /// The most threads of a pool that does not say otherwise; 0 for all processors available.
  private static let limit = Atomic<Int>(0)

  /// The threads of a pool that does not say otherwise: ``available``, or what ``setThreadCount(_:)``
  /// was given.
  public static var threadCount: Int {
    let limit = limit.load(ordering: .relaxed)
    return limit > 0 ? limit : available
  }

  /// Gives all later pools `count` threads; nil for as many as there are processors.
  public static func setThreadCount(_ count: Int?) {
    limit.store(count ?? 0, ordering: .relaxed)
  }

  /// The processors in the affinity mask that `/proc/self/status` shows as `Cpus_allowed:	0000000f`;
  /// nil without that line.
  static func affinity(status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix("Cpus_allowed:") {
      let digits = line.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue)
      let count = digits.reduce(0) { $0 + $1.nonzeroBitCount }
      return count > 0 ? count : nil
    }
    return nil
  }

  /// The processors that a control group's quota comes to, rounded up; nil without a quota.
  ///
  /// The quota of each group above counts too. Version 2 has `cpu.max` with `150000 100000`, version 1
  /// `cpu.cfs_quota_us` and `cpu.cfs_period_us`.
  ///
  /// - Parameters:
  ///   - membership: `/proc/self/cgroup`, lines `hierarchy:controllers:path`.
  ///   - contents: the text of a file, or nil.
  static func quota(membership: String, contents: (String) -> String?) -> Int? {
    var least: Int?
    for group in ControlGroups.folders(of: "cpu", membership: membership) {
      let found =
        group.isUnified
        ? share(contents("\(group.path)/cpu.max"))
        : share(
          [contents("\(group.path)/cpu.cfs_quota_us"), contents("\(group.path)/cpu.cfs_period_us")]
            .compactMap(\.self).joined(separator: " "))
      if let found { least = min(least ?? found, found) }
    }
    return least
  }

  /// `150000 100000`, a quota and its period, as 2 processors; nil for `max 100000` or `-1 100000`.
  private static func share(_ text: String?) -> Int? {
    let words = text?.split(whereSeparator: \.isWhitespace).map { Int($0) } ?? []
    guard words.count == 2, let quota = words[0], let period = words[1], quota > 0, period > 0
    else { return nil }
    return max(1, (quota + period - 1) / period)
  }
}
