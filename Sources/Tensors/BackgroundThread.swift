#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread that does its job once whenever it was woken, and sleeps in between.
public final class BackgroundThread: Sendable {
  private let state: State

  /// Starts the thread.
  public init(_ job: @escaping @Sendable () -> Void) {
    state = State(job)
    var thread = pthread_t(bitPattern: 0)
    let failure = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<State>.fromOpaque(argument!).takeRetainedValue().work()
        return nil
      }, Unmanaged.passRetained(state).toOpaque())
    precondition(failure == 0, "no thread could be started (error \(failure))")
    pthread_detach(thread)
  }

  deinit { state.stop() }

  /// Lets the thread do its job, once more after this if it is at it; several calls may count as one.
  public func wake() { state.wake() }

  /// What both threads see; it outlives its owner until the thread has left.
  private final class State: @unchecked Sendable {
    private let job: @Sendable () -> Void
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
