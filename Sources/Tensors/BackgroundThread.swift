#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread that does its job once whenever it was woken, and sleeps in between.
///
/// Where the system cannot start it, ``wake()`` does the job itself.
public final class BackgroundThread: Sendable {
  private let state: State
  private let isRunning: Bool

  /// Starts the thread.
  public init(_ job: @escaping @Sendable () -> Void) {
    state = State(job)
    var thread = pthread_t(bitPattern: 0)
    let retained = Unmanaged.passRetained(state)
    let failure = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<State>.fromOpaque(argument!).takeRetainedValue().work()
        return nil
      }, retained.toOpaque())
    isRunning = failure == 0
    if isRunning { pthread_detach(thread) } else { retained.release() }
  }

  deinit { state.stop() }

  /// Lets the thread do its job, once more after this if it is at it; several calls may count as one.
  public func wake() {
    if isRunning { state.wake() } else { state.job() }
  }

  /// What both threads see; it outlives its owner until the thread has left.
  private final class State: @unchecked Sendable {
    let job: @Sendable () -> Void
    private let lock = NativeLock()
    // Guarded by `lock`.
    private var isAwake = false
    private var isStopped = false

    init(_ job: @escaping @Sendable () -> Void) { self.job = job }

    func wake() {
      lock.acquire()
      isAwake = true
      lock.release()
      lock.wakeAll()
    }

    func stop() {
      lock.acquire()
      isStopped = true
      lock.release()
      lock.wakeAll()
    }

    func work() {
      while true {
        lock.acquire()
        while !isAwake && !isStopped { lock.wait() }
        isAwake = false
        let isStopped = isStopped
        lock.release()
        if isStopped { return }
        job()
      }
    }
  }
}
