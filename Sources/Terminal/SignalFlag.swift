import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A person's or the system's wish that the process end, as a flag that a loop asks between steps.
///
/// The first SIGINT, SIGTERM or SIGHUP raises the flag, so that a run can finish its step and save. A
/// second one ends the process at once, with the exit code 130, 143 or 129.
public enum SignalFlag {
  /// The wish that was heard first.
  public enum Wish: Sendable {
    case interrupt
    case terminate
    /// The terminal was closed.
    case hangUp

    /// What the process exits with when it has followed the wish.
    public var exitStatus: ExitStatus {
      switch self {
      case .interrupt: .interrupted
      case .terminate: .terminated
      case .hangUp: .hungUp
      }
    }
  }

  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Installs the handlers for SIGINT, SIGTERM and SIGHUP, for a program that asks for ``wish`` between
  /// steps.
  public static func install() {
    // Brings the flag into being before a handler can run: its first use takes a lock.
    received.store(0, ordering: .sequentiallyConsistent)
    isInstalled.store(true, ordering: .sequentiallyConsistent)
    prepare()
    for number in signals where !isIgnored(number) {
      var action = sigaction()
      #if canImport(Glibc)
        action.__sigaction_handler.sa_handler = handle
      #else
        action.__sigaction_u.__sa_handler = handle
      #endif
      action.sa_flags = Int32(SA_RESTART)
      sigaction(number, &action, nil)
    }
  }

  /// Does `body` with the handlers installed, for a program that is ended at once otherwise; where they
  /// are installed already, they stay so.
  public static func during<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard !isInstalled.load(ordering: .sequentiallyConsistent) else { return try body() }
    install()
    defer {
      isInstalled.store(false, ordering: .sequentiallyConsistent)
      for number in signals where !isIgnored(number) { _ = signal(number, SIG_DFL) }
    }
    return try body()
  }

  /// Whether the process was started to outlive the signal, as SIGHUP by `nohup`.
  private static func isIgnored(_ number: Int32) -> Bool {
    number == SIGHUP && Signals.isIgnored(number)
  }

  /// Lets SIGINT, SIGTERM and SIGHUP come through, and makes errors of the write itself of a reader that
  /// went away (SIGPIPE) and of a limit on the size of files (SIGXFSZ): all that a program needs
  /// which a signal may end at any time.
  public static func prepare() {
    Signals.unblock(signals)
    for number in [SIGPIPE, SIGXFSZ] { _ = signal(number, SIG_IGN) }
  }

  /// The wish heard since ``install()``, if any.
  public static var wish: Wish? {
    switch received.load(ordering: .sequentiallyConsistent) {
    case SIGINT: .interrupt
    case SIGTERM: .terminate
    case SIGHUP: .hangUp
    default: nil
    }
  }
}

extension SignalFlag {
  /// Raises the flag as the first SIGINT does, for a key that ends the run. It does nothing after a signal.
  static func interrupt() {
    _ = received.compareExchange(expected: 0, desired: SIGINT, ordering: .sequentiallyConsistent)
  }
}

/// The number of the first signal, or 0.
private let received = Atomic<Int32>(0)

private let isInstalled = Atomic<Bool>(false)

/// Only calls that are allowed wherever a signal may interrupt.
private func handle(_ number: Int32) {
  let (isFirst, _) = received.compareExchange(
    expected: 0, desired: number, ordering: .sequentiallyConsistent)
  guard !isFirst else { return }
  AlternateScreen.leaveAtOnce()
  _exit(128 + number)
}
