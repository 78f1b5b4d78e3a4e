import TestSupport
import Testing

@testable import Tensors

/// Memory that processes share, with threads instead of processes.
@Suite struct SharedMemoryTests {
  private static func run<Result: Sendable>(
    _ processes: Int, _ body: @escaping @Sendable (_ shared: SharedMemory) throws -> Result
  ) throws -> [Result] {
    try ThreadProcesses.run(processes, sharedBytes: 1 << 26) { group in
      try body(try #require(group.shared))
    }
  }

  /// Each process increases a number in turn; without barriers an increase would be lost.
  @Test(arguments: [2, 4, 16]) func barriersOrderWrites(_ processes: Int) throws {
    let found = try Self.run(processes) { shared in
      let number = Arena(in: shared).floats(1)
      for turn in 0..<200 {
        if turn % processes == shared.rank { number[0] += 1 }
        shared.barrier()
      }
      return (number[0], shared.barriers)
    }
    #expect(found.allSatisfy { $0 == (200, 200) })
  }

  @Test func aProcessWaitsForOneThatIsLate() throws {
    let found = try Self.run(2) { shared in
      let number = Arena(in: shared).floats(1)
      if shared.rank == 1 {
        // Long enough to see the other one sleep.
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < .milliseconds(100) {}
        number[0] = 7
      }
      shared.barrier()
      return number[0]
    }
    #expect(found == [7, 7])
  }

  /// Blocks of odd sizes, also larger than the buffer.
  @Test(arguments: [2, 4, 16], [3, 60_000]) func blocksAreGathered(
    _ processes: Int, _ unit: Int
  ) throws {
    @Sendable func offset(_ process: Int) -> Int { process * (process + 1) / 2 * unit }
    let whole = (0..<offset(processes)).map { UInt8($0 % 251) }
    let found = try ThreadProcesses.run(processes, sharedBytes: 1 << 26) { group in
      var bytes = [UInt8](repeating: 0, count: whole.count)
      let own = offset(group.rank)..<offset(group.rank + 1)
      for _ in 0..<3 {
        for i in bytes.indices where !own.contains(i) { bytes[i] = 0 }
        bytes.replaceSubrange(own, with: whole[own])
        bytes.withUnsafeMutableBytes {
          group.gather($0.baseAddress!, on: .foreground, offset: offset)
        }
        guard bytes == whole else { return ProcessGroup.Traffic(messages: -1) }
      }
      return group.traffic
    }
    let barriers = 3 * SharedMemory.barriers(toGather: whole.count)
    #expect(found.allSatisfy { $0 == ProcessGroup.Traffic(barriers: barriers) })
    #expect(unit == 3 || barriers > 3)
  }

  @Test func tasksAreDividedAmongProcessesAndThreads() throws {
    let found = try Self.run(4) { shared in
      let numbers = Arena(in: shared).floats(23)
      let context = Context(threadCount: shared.rank % 2 + 1)
      for round in 1...3 {
        context.run(23, in: shared) { task, _ in numbers[task] += Float(task * round) }
      }
      return (0..<23).map { numbers[$0] }
    }
    #expect(found.allSatisfy { $0 == (0..<23).map { Float($0 * 6) } })
  }

  /// Memory that an arena gave back is used again, as zeros, and the largest blocks start at a large page.
  @Test func memoryIsUsedAgain() throws {
    let found = try Self.run(2) { shared in
      let count = 1 << 20
      var arena: Arena? = Arena(in: shared)
      let first = arena!.floats(count)
      first[count - 1] = 1
      shared.barrier()
      arena = nil
      let before = shared.available
      let second = Arena(in: shared)
      let again = second.floats(count / 2)
      let third = Arena(in: shared)
      let rest = third.floats(count / 2 - 64)
      shared.barrier()
      return again == first && (0..<count / 2).allSatisfy { again[$0] == 0 }
        && (0..<count / 2 - 64).allSatisfy { rest[$0] == 0 } && shared.available == before
        && Int(bitPattern: first) % 64 == 0
    }
    #expect(found == [true, true])
  }

  @Test func theProcessesOfOtherNumbersShareNothing() throws {
    let found = try ThreadProcesses.run(3, sharedBytes: 1 << 26) { $0.shared == nil }
    #expect(found == [true, true, true])
    #expect(try ThreadProcesses.run(2) { $0.shared == nil } == [true, true])
  }

  @Test func messagesReplaceMemoryThatIsTooSmall() throws {
    let found = try ThreadProcesses.run(2, sharedBytes: 1 << 20) { group in
      group.requireSharedMemory(1 << 19)
      let enough = group.shared != nil
      group.requireSharedMemory(1 << 21)
      return enough && group.shared == nil
    }
    #expect(found == [true, true])
  }
}
