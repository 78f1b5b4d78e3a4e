import Synchronization
import Testing

@testable import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct BackgroundThreadTests {
  private final class Counter: Sendable {
    let value = Atomic<Int>(0)

    /// Waits for up to ten seconds; true if the counter reaches `count`.
    func reaches(_ count: Int) -> Bool {
      for _ in 0..<10_000 {
        if value.load(ordering: .acquiring) >= count { return true }
        usleep(1_000)
      }
      return false
    }
  }

  @Test func everyWakeRunsTheJobOnce() {
    let counter = Counter()
    let thread = BackgroundThread { counter.value.add(1, ordering: .releasing) }
    usleep(5_000)
    #expect(counter.value.load(ordering: .acquiring) == 0)
    for count in 1...200 {
      thread.wake()
      #expect(counter.reaches(count))
    }
    #expect(counter.value.load(ordering: .acquiring) == 200)
  }

  @Test func aWakeDuringTheJobRunsItAgain() {
    let (begun, released) = (Counter(), Counter())
    let thread = BackgroundThread {
      begun.value.add(1, ordering: .releasing)
      while released.value.load(ordering: .acquiring) == 0 { sched_yield() }
    }
    thread.wake()
    #expect(begun.reaches(1))
    thread.wake()
    released.value.store(1, ordering: .releasing)
    #expect(begun.reaches(2))
  }

  /// The deinitializer of an object that the job holds tells that the job was released.
  @Test func theThreadEndsAndReleasesItsJobWithItsOwner() {
    final class Witness: Sendable {
      let counter: Counter
      init(_ counter: Counter) { self.counter = counter }
      deinit { counter.value.add(1, ordering: .releasing) }
    }
    let counter = Counter()
    for _ in 0..<10 {
      let witness = Witness(counter)
      let thread = BackgroundThread { _ = witness }
      thread.wake()
    }
    #expect(counter.reaches(10))
  }
}
