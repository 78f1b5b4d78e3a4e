import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// SIGTSTP, which Ctrl-Z sends, and SIGCONT, for a program that uses the alternate screen.
enum StopSignal {
  /// Installs the handlers, unless the signals are ignored.
  static func install() {
    stopped.store(false, ordering: .sequentiallyConsistent)
    continued.store(false, ordering: .sequentiallyConsistent)
    isIgnored.store(Signals.isIgnored(SIGTSTP), ordering: .sequentiallyConsistent)
    if !isIgnored.load(ordering: .sequentiallyConsistent) { _ = signal(SIGTSTP, noteStop) }
    _ = signal(SIGCONT, noteContinuation)
    Signals.unblock([SIGTSTP, SIGCONT])
  }

  static func remove() {
    if !isIgnored.load(ordering: .sequentiallyConsistent) { _ = signal(SIGTSTP, SIG_DFL) }
    _ = signal(SIGCONT, SIG_DFL)
  }

  /// True once after SIGTSTP.
  static func takeStop() -> Bool { stopped.exchange(false, ordering: .sequentiallyConsistent) }

  /// True once after SIGCONT.
  static func takeContinuation() -> Bool {
    continued.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// Stops the process until SIGCONT. The system ignores it where nobody could let the process go on.
  static func stop() {
    _ = signal(SIGTSTP, SIG_DFL)
    var (stop, before) = (Signals.set([SIGTSTP]), sigset_t())
    pthread_sigmask(SIG_UNBLOCK, &stop, &before)
    _ = raise(SIGTSTP)
    pthread_sigmask(SIG_SETMASK, &before, nil)
    _ = signal(SIGTSTP, noteStop)
  }
}

private let stopped = Atomic<Bool>(false)
private let continued = Atomic<Bool>(false)
private let isIgnored = Atomic<Bool>(false)

private func noteStop(_ number: Int32) { stopped.store(true, ordering: .sequentiallyConsistent) }
private func noteContinuation(_ number: Int32) {
  continued.store(true, ordering: .sequentiallyConsistent)
}
