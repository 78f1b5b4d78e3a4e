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

    /// Waits for up to ten seconds.
    func waits(for count: Int) -> Bool {
      for _ in 0..<10_000 {
        if value.load(ordering: .acquiring) >= count { return true }
        usleep(1_000)
      }
      return false
    }
  }

  @Test func worksWheneverItIsWoken() {
    let counter = Counter()
    let thread = BackgroundThread { counter.value.add(1, ordering: .releasing) }
    usleep(5_000)
    #expect(counter.value.load(ordering: .acquiring) == 0)
    for count in 1...200 {
      thread.wake()
      #expect(counter.waits(for: count))
    }
    #expect(counter.value.load(ordering: .acquiring) == 200)
  }

  /// Woken while it works: it works again.
  @Test func forgetsNoCall() {
    let (begun, released) = (Counter(), Counter())
    let thread = BackgroundThread {
      begun.value.add(1, ordering: .releasing)
      while released.value.load(ordering: .acquiring) == 0 { sched_yield() }
    }
    thread.wake()
    #expect(begun.waits(for: 1))
    thread.wake()
    released.value.store(1, ordering: .releasing)
    #expect(begun.waits(for: 2))
  }

  /// Its job is let go when its owner is gone.
  @Test func leavesWithItsOwner() {
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
    #expect(counter.waits(for: 10))
  }
}
