import Synchronization
import Tensors
import Testing

@testable import Layers

/// The work that threads share within an example.
@Suite struct WorkerTests {
  @Test func partsAreANeighborhoodEach() {
    let context = Context(threadCount: 3)
    context.reserveScratch(16)
    for helped in [true, false] {
      let worker = Worker(0, of: context, helped: helped)
      for (count, unit, factor) in [
        (1, 1, 1), (7, 1, 1), (100, 1, 1), (40, 16, 1), (32, 16, 1), (10, 1, 4), (10, 1, 100),
      ] {
        let parts = worker.parts(of: count, unit: unit, besides: factor)
        #expect((0..<parts.count).flatMap { Array(parts.range($0)) } == Array(0..<count))
        #expect((0..<parts.count - 1).allSatisfy { parts.range($0).count % unit == 0 })
        #expect(helped && factor < 6 || parts.count == 1)
      }
    }
    #expect(Worker(0, of: context, helped: true).parts(of: 100).count == 6)
  }

  /// Each task runs once, behind the memory that the worker has reserved.
  @Test func tasksRunOnce() {
    let context = Context(threadCount: 3)
    context.reserveScratch(64)
    for helped in [true, false] {
      let runs = (0..<50).map { _ in Box() }
      Worker(0, of: context, helped: helped).reserving(32).share(50) { task, worker in
        runs[task].count.add(1, ordering: .relaxed)
        precondition(worker.scratch == context.scratch(of: worker.index) + 32)
        precondition(helped || worker.index == 0)
      }
      #expect(runs.allSatisfy { $0.count.load(ordering: .relaxed) == 1 })
    }
  }

  private final class Box: Sendable { let count = Atomic(0) }

  @Test func fewPiecesLeaveThreadsIdle() {
    func idle(_ pieces: Int, _ threads: Int) -> Bool {
      Context(threadCount: threads).leavesThreadsIdle(pieces)
    }
    #expect(idle(1, 2) && idle(1, 3) && idle(2, 8))
    #expect(!idle(1, 1) && !idle(2, 2) && !idle(2, 4) && !idle(3, 8))
  }

  /// Three examples among 16 lanes are in the lanes 5, 10 and 15.
  @Test func lanesWithExamples() {
    #expect(Context.occupiedLanes(among: 3) == 1 << 5 | 1 << 10 | 1 << 15)
    #expect(Context.occupiedLanes(among: 1) == 1 << 15)
    #expect(Context.occupiedLanes(among: 16) == 0xFFFF && Context.occupiedLanes(among: 0) == 0)
  }
}
