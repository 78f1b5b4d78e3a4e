import CKernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads that share the numbered tasks of a job.
///
/// Which thread takes a task is left to chance, so a task may depend on its number alone. The caller
/// works too. A waiting thread spins for a moment, since a step has many short jobs, and then sleeps,
/// so that a busy machine loses no core to waiting.
public final class WorkerPool: @unchecked Sendable {
  /// One job: called with the number of a task and the number of the thread that runs it.
  public typealias Body = (_ task: Int, _ worker: Int) -> Void

  /// About 50 µs of pauses.
  private static let spins = 2_000

  public let threadCount: Int

  private let state = State()

  /// Starts `threadCount − 1` threads.
  public init(threadCount: Int) {
    precondition(threadCount >= 1, "a pool of \(threadCount) threads")
    self.threadCount = threadCount
    for worker in 1..<max(threadCount, 1) {
      let start = Unmanaged.passRetained(Start(state: state, worker: worker))
      var thread = pthread_t(bitPattern: 0)
      let failure = pthread_create(
        &thread, nil,
        { argument in
          let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
          start.state.work(as: start.worker)
          return nil
        }, start.toOpaque())
      precondition(failure == 0, "no thread could be started (error \(failure))")
      pthread_detach(thread)
    }
  }

  deinit { state.stop() }

  /// Runs `body` once for every task 0 ..< `taskCount` and returns when all have ended.
  public func run(_ taskCount: Int, _ body: Body) {
    if threadCount == 1 || taskCount <= 1 {
      for task in 0..<taskCount { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { escapable in
      withUnsafePointer(to: escapable) { state.run(taskCount, $0) }
    }
  }

  private final class Start {
    let state: State
    let worker: Int
    init(state: State, worker: Int) {
      self.state = state
      self.worker = worker
    }
  }

  /// What the threads share; it outlives the pool until the last thread has left.
  private final class State: @unchecked Sendable {
    /// The job's number in the upper 32 bits, its next task in the lower: a thread that comes late
    /// finds another number and cannot take a task of a later job for its own.
    private let ticket = Atomic<UInt64>(0)
    private let finished = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    private let lock = NativeLock()

    // Written before `ticket` names the job; read only by a thread that holds one of its tasks.
    private var body: UnsafePointer<Body>?
    private let taskCount = Atomic<Int>(0)

    func run(_ count: Int, _ body: UnsafePointer<Body>) {
      let job = (ticket.load(ordering: .relaxed) >> 32) &+ 1
      // No task of the last job is left, so no thread holds one. This ticket lets none in while the
      // next job is written down.
      ticket.store(ticket.load(ordering: .relaxed) | 0xFFFF_FFFF, ordering: .sequentiallyConsistent)
      self.body = body
      taskCount.store(count, ordering: .relaxed)
      finished.store(0, ordering: .relaxed)
      ticket.store((job & 0xFFFF_FFFF) << 32, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { lock.wakeAll() }

      takeTasks(of: job & 0xFFFF_FFFF, as: 0)
      var spins = 0
      while finished.load(ordering: .acquiring) < count {
        spins += 1
        if spins < WorkerPool.spins { spin_pause() } else { sched_yield() }
      }
    }

    func work(as worker: Int) {
      var last: UInt64 = 0
      while true {
        guard let job = nextJob(after: last) else { return }
        takeTasks(of: job, as: worker)
        last = job
      }
    }

    private func takeTasks(of job: UInt64, as worker: Int) {
      while true {
        let now = ticket.load(ordering: .acquiring)
        let task = Int(now & 0xFFFF_FFFF)
        guard now >> 32 == job, task < taskCount.load(ordering: .relaxed) else { return }
        guard
          ticket.compareExchange(
            expected: now, desired: now + 1, ordering: .acquiringAndReleasing
          ).exchanged
        else { continue }
        body!.pointee(task, worker)
        finished.add(1, ordering: .acquiringAndReleasing)
      }
    }

    /// Waits for a job other than `last`; nil when the pool has stopped.
    private func nextJob(after last: UInt64) -> UInt64? {
      for _ in 0..<WorkerPool.spins {
        if let job = news(after: last) { return job }
        if stopped.load(ordering: .acquiring) { return nil }
        spin_pause()
      }
      lock.acquire()
      sleepers.add(1, ordering: .sequentiallyConsistent)
      defer {
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        lock.release()
      }
      while true {
        if let job = news(after: last) { return job }
        if stopped.load(ordering: .acquiring) { return nil }
        lock.wait()
      }
    }

    private func news(after last: UInt64) -> UInt64? {
      let job = ticket.load(ordering: .sequentiallyConsistent) >> 32
      return job == last ? nil : job
    }

    func stop() {
      stopped.store(true, ordering: .sequentiallyConsistent)
      lock.wakeAll()
    }
  }
}

/// A pthread mutex and condition at a fixed address.
final class NativeLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func acquire() { pthread_mutex_lock(mutex) }
  func release() { pthread_mutex_unlock(mutex) }
  func wait() { pthread_cond_wait(condition, mutex) }
  func wakeAll() {
    acquire()
    pthread_cond_broadcast(condition)
    release()
  }
}
