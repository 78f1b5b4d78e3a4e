import Testing

@testable import Tensors

@Suite struct ProcessorsTests {
  @Test(arguments: [
    ("Cpus_allowed:\tf\n", 4), ("Name:\tx\nCpus_allowed:\t00000000,00000005\nMems:\t1\n", 2),
    ("Cpus_allowed:\t0\n", nil), ("Cpus_allowed_list:\t0-3\n", nil), ("", nil),
  ])
  func affinityCountsBits(_ status: String, _ expected: Int?) {
    #expect(Processors.affinity(status: status) == expected)
  }

  private static let unified = "0::/a/b\n"
  private static let divided = "5:memory:/x\n4:cpu,cpuacct:/x\n"
  private static let cases: [(membership: String, files: [String: String], quota: Int?)] = [
    (unified, ["/sys/fs/cgroup/a/b/cpu.max": "150000 100000\n"], 2),
    (unified, ["/sys/fs/cgroup/a/b/cpu.max": "50000 100000\n"], 1),
    // The quota of a group above holds, too.
    (
      unified,
      ["/sys/fs/cgroup/a/b/cpu.max": "400000 100000", "/sys/fs/cgroup/a/cpu.max": "200000 100000"],
      2
    ),
    (unified, ["/sys/fs/cgroup/cpu.max": "300000 100000"], 3),
    (unified, ["/sys/fs/cgroup/a/b/cpu.max": "max 100000\n"], nil),
    (unified, [:], nil),
    (unified, ["/sys/fs/cgroup/a/b/cpu.max": "nonsense"], nil),
    (
      divided,
      [
        "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "200000\n",
        "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
      ], 2
    ),
    (
      divided,
      [
        "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
      ], nil
    ),
    ("nonsense", ["/sys/fs/cgroup/cpu.max": "100000 100000"], nil),
  ]

  @Test func quotasOfControlGroupsCount() {
    for (membership, files, quota) in Self.cases {
      #expect(Processors.quota(membership: membership) { files[$0] } == quota, "\(files)")
    }
  }

  @Test func someProcessorIsAvailable() { #expect(Processors.available >= 1) }
}
