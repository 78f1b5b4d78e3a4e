import Testing

@testable import Tensors

@Suite struct AvailableMemoryTests {
  private static let system = [
    "/proc/meminfo": "MemTotal:       16 kB\nMemFree:  4 kB\nMemAvailable:   8 kB\n",
    "/proc/self/status": "Name:\tx\nVmSize:\t    2 kB\n",
  ]

  @Test func theLeastOfAllLimits() {
    var files = Self.system
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: nil) == 8192)
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: 5 << 10) == 3 << 10)
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    files["/sys/fs/cgroup/memory.current"] = "100\n"
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: nil) == 8192)
    files["/sys/fs/cgroup/memory.max"] = "1100\n"
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: nil) == 1000)
    files["/sys/fs/cgroup/memory.max"] = "50\n"
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: nil) == 0)
    #expect(AvailableMemory.bytes(contents: { _ in nil }, addressLimit: nil) == nil)
  }

  /// A group above the process's own may have the least limit.
  @Test(arguments: ["0::/a/b\n", "5:cpu,memory:/a/b\n"])
  func groupsAboveCount(_ membership: String) {
    let isUnified = membership.hasPrefix("0")
    let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu,memory"
    let (limit, use) =
      isUnified
      ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes")
    var files = ["/proc/self/cgroup": membership, "/proc/meminfo": "MemAvailable: 1000 kB\n"]
    for (folder, most, taken) in [
      ("", "9000", "100"), ("/a", "5000", "2000"), ("/a/b", "max", "50"),
    ] {
      files["\(root)\(folder)/\(limit)"] = most + "\n"
      files["\(root)\(folder)/\(use)"] = taken + "\n"
    }
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: nil) == 3000)
    // Cached files are dropped before memory is refused.
    files["\(root)/a/memory.stat"] = "anon 900\ninactive_file 700\ntotal_inactive_file 700\n"
    #expect(AvailableMemory.bytes(contents: { files[$0] }, addressLimit: nil) == 3700)
  }

  @Test func textsHaveTwoToFourDigits() {
    #expect(AvailableMemory.text(56_100_000) == "57 MB")
    #expect(AvailableMemory.text(1_510_000_000) == "1.6 GB")
  }
}
