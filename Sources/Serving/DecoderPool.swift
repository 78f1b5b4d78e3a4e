import Synchronization
import Tensors

/// Threads that read the images of requests, so that one large image does not delay the others.
final class DecoderPool: Sendable {
  typealias Job = @Sendable () -> Void

  private let state: State
  private let threads: [BackgroundThread]

  init(threadCount: Int) {
    let state = State(threadCount: threadCount)
    self.state = state
    threads = (0..<threadCount).map { number in
      BackgroundThread { state.work(as: number) }
    }
  }

  /// Does `job` on the next free thread.
  func submit(_ job: @escaping Job) {
    if let thread = state.append(job) { threads[thread].wake() }
  }

  private final class State: Sendable {
    private struct Contents {
      var jobs: [Job] = []
      /// The threads that sleep.
      var idle: [Int]
    }

    private let contents: Mutex<Contents>

    init(threadCount: Int) {
      contents = Mutex(Contents(idle: Array(0..<threadCount)))
    }

    /// Adds the job, and returns a thread to wake. A thread that is awake takes it otherwise.
    func append(_ job: @escaping Job) -> Int? {
      contents.withLock {
        $0.jobs.append(job)
        return $0.idle.popLast()
      }
    }

    func work(as thread: Int) {
      while let job = next(thread) { job() }
    }

    private func next(_ thread: Int) -> Job? {
      contents.withLock { contents in
        // The list is short, since the number of waiting requests is limited.
        if !contents.jobs.isEmpty { return contents.jobs.removeFirst() }
        if !contents.idle.contains(thread) { contents.idle.append(thread) }
        return nil
      }
    }
  }
}
