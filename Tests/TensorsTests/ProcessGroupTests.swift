import CKernels
import TestSupport
import Testing

@testable import Tensors

/// What processes do together, with threads instead of processes.
@Suite struct ProcessGroupTests {
  private static var kernels: kernels { Context(threadCount: 1).kernels }

  /// Values of very different sizes, so that another order of a sum gives other bits.
  private static func values(_ seed: Int, _ count: Int) -> [Float] {
    var random = Random(seed: UInt64(seed), domain: .gradientCheck, index: 0)
    return (0..<count).map { _ in
      (2 * random.uniform() - 1) * (random.uniform() < 0.5 ? 1e6 : 1)
    }
  }

  /// The sum of 16 lanes by the kernel that adds them in one process.
  private static func tree(_ lanes: [[Float]]) -> [Float] {
    var sum = [Float](repeating: 0, count: lanes[0].count)
    let all = lanes.flatMap { $0 } + [Float](repeating: 0, count: 64)
    sum += [Float](repeating: 0, count: 64)
    sum.withUnsafeMutableBufferPointer { sum in
      kernels.add_lanes(all, lanes[0].count, lanes.count, .max, sum.baseAddress!, lanes[0].count)
    }
    return Array(sum.prefix(lanes[0].count))
  }

  @Test(arguments: [2, 4, 8, 16], [1, 7, 1024, 1025, 5_003])
  func sumsContinueTheTreeOfLanes(_ processes: Int, _ count: Int) throws {
    let lanes = (0..<16).map { Self.values($0, count) }
    let expected = Self.tree(lanes)
    let found = try ThreadProcesses.run(processes) { group in
      let arena = Arena()
      let sum = arena.floats(count)
      for (i, value) in Self.tree(Array(lanes[group.share.lanes])).enumerated() { sum[i] = value }
      group.sum(
        sum, count: count, scratch: arena.floats(count), kernels: Self.kernels, on: .foreground)
      return (
        Array(UnsafeBufferPointer(start: sum, count: count)), group.traffic,
        ProcessGroup.Traffic.ofSum(count: count, rank: group.rank, processes: processes)
      )
    }
    for (sum, traffic, model) in found {
      #expect(sum == expected)
      #expect(traffic == model)
    }
  }

  @Test(arguments: [2, 4, 8, 16]) func blocksOfAnySizeAreGathered(_ processes: Int) throws {
    @Sendable func offset(_ process: Int) -> Int { process * (process + 1) / 2 * 3 }
    let whole = (0..<offset(processes)).map { UInt8($0 % 251) }
    let found = try ThreadProcesses.run(processes) { group in
      var bytes = [UInt8](repeating: 0, count: whole.count)
      let own = offset(group.rank)..<offset(group.rank + 1)
      bytes.replaceSubrange(own, with: whole[own])
      bytes.withUnsafeMutableBytes {
        group.gather($0.baseAddress!, on: .foreground, offset: offset)
      }
      let model = ProcessGroup.Traffic.ofGathering(
        position: group.rank, processes: processes, offset: offset)
      return (bytes, group.traffic == model)
    }
    #expect(found.allSatisfy { $0.0 == whole && $0.1 })
  }

  @Test(arguments: [2, 4, 8, 16], [1, 5, 4_099])
  func theLastProcessTellsItsValues(_ processes: Int, _ count: Int) throws {
    let found = try ThreadProcesses.run(processes) { group in
      let arena = Arena()
      let memory = arena.floats(count)
      if group.rank == processes - 1 { for i in 0..<count { memory[i] = Float(i + 1) } }
      group.broadcast(memory, count: count, from: processes - 1, on: .foreground)
      let model = ProcessGroup.Traffic.ofBroadcast(
        count: count, from: processes - 1, rank: group.rank, processes: processes)
      return (Array(UnsafeBufferPointer(start: memory, count: count)), group.traffic == model)
    }
    let expected = (0..<count).map { Float($0 + 1) }
    #expect(found.allSatisfy { $0.0 == expected && $0.1 })
  }

  @Test(arguments: [1, 2, 3, 5]) func anyNumberOfProcessesTellListsOfBytes(_ processes: Int) throws
  {
    let found = try ThreadProcesses.run(processes) { group in
      (
        group.spread(group.rank == 0 ? [1, 2, 3] : []),
        group.collect([UInt8](repeating: UInt8(group.rank), count: group.rank))
      )
    }
    let lists = (0..<processes).map { [UInt8](repeating: UInt8($0), count: $0) }
    #expect(found.allSatisfy { $0.0 == [1, 2, 3] && $0.1 == lists })
  }

  @Test func jobsRunInOrderBesideTheCaller() throws {
    let orders = try ThreadProcesses.run(2) { group in
      let arena = Arena()
      let sums = (0..<3).map { _ in arena.floats(2_000) }
      let scratch = arena.floats(2_000)
      let kernels = Self.kernels
      let jobs = sums.map { sum in
        ProcessGroup.Job {
          group.sum(sum, count: 2_000, scratch: scratch, kernels: kernels, on: .background)
        }
      }
      for _ in 0..<20 {
        for (number, sum) in sums.enumerated() { sum[0] = Float(number + 1) }
        for job in jobs { group.start(job) }
        group.wait(for: jobs[0])
        // The foreground goes on meanwhile.
        guard group.collect([7]) == [[7], [7]] else { return [Float]() }
        group.finishJobs()
      }
      return sums.map { $0[0] }
    }
    #expect(orders == [[2, 4, 6], [2, 4, 6]])
  }
}
