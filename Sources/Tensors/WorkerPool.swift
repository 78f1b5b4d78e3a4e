import CKernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads that share the numbered tasks of a job.
///
/// With `n` threads, the share of thread `t` is the `t`-th of `n` equal parts of the tasks. A thread first
/// takes the tasks of its own share, in ascending or descending order, and then tasks that remain in other
/// shares. It therefore mostly reads memory that it wrote in the previous job. Since any thread may take any
/// task, a task's result must depend on its number alone.
///
/// The caller's thread is one of the pool's threads. A thread that waits for a job first spins, because a
/// training step has many short jobs. After about 50 µs it sleeps and leaves the core to other programs.
public final class WorkerPool: @unchecked Sendable {
  /// The code of a job, called with the numbers of a task and of the thread that runs the task.
  public typealias Body = (_ task: Int, _ worker: Int) -> Void

  /// The number of pauses before a waiting thread sleeps, about 50 µs.
  private static let spins = 2_000

  public let threadCount: Int

  private let state: State

  /// Starts `threadCount − 1` threads.
  ///
  /// - Precondition: the system can start them.
  public convenience init(threadCount: Int) {
    do { try self.init(starting: threadCount) } catch { preconditionFailure("\(error)") }
  }

  /// Starts `threadCount − 1` threads.
  ///
  /// - Throws: ``ThreadError`` if the system cannot; no thread is left behind then.
  public init(starting threadCount: Int) throws(ThreadError) {
    precondition(threadCount >= 1, "a pool of \(threadCount) threads")
    self.threadCount = threadCount
    state = State(threadCount: threadCount)
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
      guard failure == 0 else {
        start.release()
        throw ThreadError(threadCount: threadCount, code: failure)
      }
      pthread_detach(thread)
    }
  }

  deinit { state.stop() }

  /// Runs `body` once for every task 0 ..< `taskCount` and returns when all tasks have ended.
  ///
  /// - `descending`: true to begin each share with its last task.
  public func run(_ taskCount: Int, descending: Bool = false, _ body: Body) {
    if threadCount == 1 || taskCount <= 1 {
      for task in 0..<taskCount { body(descending ? taskCount - 1 - task : task, 0) }
      return
    }
    withoutActuallyEscaping(body) { escapable in
      withUnsafePointer(to: Job(body: escapable)) {
        state.run(taskCount, descending: descending, $0)
      }
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

  /// A job's code in memory. A pointer to the closure itself would make Swift wrap it in another closure.
  private struct Job {
    let body: Body
  }

  /// The tasks of one thread, on a cache line that no other share uses.
  private struct Share: ~Copyable {
    /// The job's number in the upper 32 bits and the next task in the lower 32. The job's number keeps a
    /// late thread from taking a task of the next job.
    let ticket = Atomic<UInt64>(0)
    private let gap = SIMD8<UInt64>()
  }

  /// The state that all threads share. It lives until the last thread has ended, even after the pool.
  private final class State: @unchecked Sendable {
    private let threadCount: Int
    /// The share of each thread.
    private let shares: UnsafeMutablePointer<Share>
    private let finished = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let sleepers = Atomic<Int>(0)
    private let lock = NativeLock()

    // Written before any ticket has the job's number, and read only by threads that hold one of its tasks.
    private var current: UnsafePointer<Job>?
    private var descending = false
    private let taskCount = Atomic<Int>(0)

    init(threadCount: Int) {
      self.threadCount = threadCount
      shares = .allocate(capacity: threadCount)
      for thread in 0..<threadCount { (shares + thread).initialize(to: Share()) }
    }

    deinit {
      shares.deinitialize(count: threadCount)
      shares.deallocate()
    }

    func run(_ count: Int, descending: Bool, _ job: UnsafePointer<Job>) {
      let number = (shares[0].ticket.load(ordering: .relaxed) >> 32) &+ 1
      // All tasks of the previous job have ended. A ticket with this task number gives out no task, so no
      // thread reads the next job while it is written.
      for thread in 0..<threadCount {
        shares[thread].ticket.store(
          shares[thread].ticket.load(ordering: .relaxed) | 0xFFFF_FFFF,
          ordering: .sequentiallyConsistent)
      }
      current = job
      self.descending = descending
      // Not visible before the tickets above give out no task.
      taskCount.store(count, ordering: .releasing)
      finished.store(0, ordering: .relaxed)
      for thread in 0..<threadCount {
        shares[thread].ticket.store(
          (number & 0xFFFF_FFFF) << 32 | UInt64(count * thread / threadCount),
          ordering: .sequentiallyConsistent)
      }
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { lock.wakeAll() }

      takeTasks(of: number & 0xFFFF_FFFF, as: 0)
      var spins = 0
      while finished.load(ordering: .acquiring) < count {
        spins += 1
        if spins < WorkerPool.spins { spin_pause() } else { sched_yield() }
      }
    }

    func work(as worker: Int) {
      var last: UInt64 = 0
      while true {
        guard let number = nextJob(after: last, as: worker) else { return }
        takeTasks(of: number, as: worker)
        last = number
      }
    }

    private func takeTasks(of number: UInt64, as worker: Int) {
      for other in 0..<threadCount {
        takeTasks(of: number, in: (worker + other) % threadCount, worker)
      }
    }

    private func takeTasks(of number: UInt64, in share: Int, _ worker: Int) {
      let taken = runTasks(of: number, in: share, worker)
      // One addition for all tasks: the threads share the counter's cache line.
      if taken > 0 { finished.add(taken, ordering: .acquiringAndReleasing) }
    }

    /// Runs tasks of a share while it has some, and returns their number.
    ///
    /// The job's code is read once, since each reading counts a reference on a cache line that the threads share.
    @inline(never)
    private func runTasks(of number: UInt64, in share: Int, _ worker: Int) -> Int {
      guard var task = takeTask(of: number, in: share) else { return 0 }
      let body = current!.pointee.body
      var taken = 0
      while true {
        body(task, worker)
        taken += 1
        guard let next = takeTask(of: number, in: share) else { return taken }
        task = next
      }
    }

    /// The next task of a share, or nil if none is left or the job is not the current one.
    private func takeTask(of number: UInt64, in share: Int) -> Int? {
      let ticket = shares + share
      while true {
        let now = ticket.pointee.ticket.load(ordering: .acquiring)
        let task = Int(now & 0xFFFF_FFFF)
        let count = taskCount.load(ordering: .acquiring)
        let start = count * share / threadCount
        let end = count * (share + 1) / threadCount
        guard now >> 32 == number, task < end else { return nil }
        let (exchanged, _) = ticket.pointee.ticket.compareExchange(
          expected: now, desired: now + 1, ordering: .acquiringAndReleasing)
        if exchanged { return descending ? start + (end - 1 - task) : task }
      }
    }

    /// Waits for a job other than `last` and returns its number, or nil if the pool has stopped.
    private func nextJob(after last: UInt64, as worker: Int) -> UInt64? {
      for _ in 0..<WorkerPool.spins {
        if let number = news(after: last, as: worker) { return number }
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
        if let number = news(after: last, as: worker) { return number }
        if stopped.load(ordering: .acquiring) { return nil }
        lock.wait()
      }
    }

    /// The number of the current job, or nil if it is `last`.
    private func news(after last: UInt64, as worker: Int) -> UInt64? {
      let number = shares[worker].ticket.load(ordering: .sequentiallyConsistent) >> 32
      return number == last ? nil : number
    }

    func stop() {
      stopped.store(true, ordering: .sequentiallyConsistent)
      lock.wakeAll()
    }
  }
}

/// A pthread mutex and condition variable, at the fixed address that pthreads requires.
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
