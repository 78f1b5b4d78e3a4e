import Foundation
import Synchronization
import Testing

@testable import Tensors

@Suite struct WorkerPoolTests {
  @Test(arguments: 1...8)
  func everyTaskRunsOnceOnAThreadOfThePool(_ threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let arena = Arena()
    let counts = arena.values(of: Int.self, 64)
    let strangers = Atomic<Int>(0)
    for job in 0..<3_000 {
      let tasks = job % 65
      pool.run(tasks, descending: job % 2 == 1) { task, worker in
        counts[task] += 1
        if !(0..<threads).contains(worker) { strangers.add(1, ordering: .relaxed) }
      }
    }
    #expect(strangers.load(ordering: .relaxed) == 0)
    // Jobs have 0 to 64 tasks in turn. Task t runs in every job of more than t tasks.
    let rounds = 3_000 / 65
    let rest = 3_000 % 65
    for task in 0..<64 {
      let expected = rounds * (64 - task) + max(0, rest - task - 1)
      #expect(counts[task] == expected)
    }
  }

  /// Both threads wait for each other in their first task, so each of them runs one first task.
  @Test(arguments: [false, true]) func eachThreadBeginsWithItsOwnShare(_ descending: Bool) {
    let pool = WorkerPool(threadCount: 2)
    let firsts = Mutex<[Int]>([])
    let begun = Atomic<Int>(0)
    pool.run(10, descending: descending) { task, _ in
      guard begun.load(ordering: .acquiring) < 2 else { return }
      firsts.withLock { $0.append(task) }
      begun.add(1, ordering: .acquiringAndReleasing)
      while begun.load(ordering: .acquiring) < 2 { sched_yield() }
    }
    #expect(firsts.withLock { $0.sorted() } == (descending ? [4, 9] : [0, 5]))
    var alone: [Int] = []
    WorkerPool(threadCount: 1).run(4, descending: descending) { task, _ in alone.append(task) }
    #expect(alone == (descending ? [3, 2, 1, 0] : [0, 1, 2, 3]))
  }

  @Test func tasksOfUnequalLengthAllEnd() {
    let pool = WorkerPool(threadCount: 4)
    let sum = Atomic<Int>(0)
    for _ in 0..<50 {
      pool.run(9) { task, _ in
        var x = task
        for i in 0..<(task == 0 ? 200_000 : 100) { x = x &* 31 &+ i }
        sum.add(x == .min ? 0 : task, ordering: .relaxed)
      }
    }
    #expect(sum.load(ordering: .relaxed) == 50 * 36)
  }

  /// Each task reads a value that another task of the previous job wrote, perhaps on another thread.
  @Test func aJobSeesTheWritesOfThePreviousJob() {
    let pool = WorkerPool(threadCount: 4)
    let arena = Arena()
    let count = 37
    var values = arena.values(of: Int.self, count)
    var next = arena.values(of: Int.self, count)
    for i in 0..<count { values[i] = i }
    for _ in 0..<2_000 {
      pool.run(count) { task, _ in next[task] = values[(task + 1) % count] + 1 }
      swap(&values, &next)
    }
    #expect((0..<count).allSatisfy { values[$0] == ($0 + 2_000) % count + 2_000 })
  }

  /// The pause is longer than the time that waiting threads spin.
  @Test func sleepingThreadsWakeUpForAJob() async throws {
    let pool = WorkerPool(threadCount: 4)
    let sum = Atomic<Int>(0)
    for _ in 0..<5 {
      try await Task.sleep(for: .milliseconds(5))
      pool.run(1_000) { task, _ in sum.add(task, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 5 * 999 * 500)
  }

  @Test func aPoolRunsAJobAndEndsFiftyTimes() {
    for _ in 0..<50 {
      let sum = Atomic<Int>(0)
      WorkerPool(threadCount: 3).run(10) { task, _ in sum.add(task, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 45)
    }
  }

  @Test func lanesDivideAllExamplesEvenly() {
    for count in [0, 1, 15, 16, 17, 50, 128, 129] {
      var next = 0
      for lane in 0..<Context.laneCount {
        let range = Context.examples(ofLane: lane, among: count)
        #expect(range.lowerBound == next)
        #expect(range.count == count / 16 || range.count == count / 16 + 1)
        next = range.upperBound
      }
      #expect(next == count)
    }
  }
}
