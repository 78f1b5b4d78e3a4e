import Testing

@testable import Training

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
}
