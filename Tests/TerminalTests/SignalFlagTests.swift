import Terminal
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Sends a signal to the calling thread; the handler runs before `raise` returns.
///
/// Threads of Swift's concurrency runtime block signals, so the signal is unblocked first.
private func send(_ number: Int32) {
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, number)
  pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  raise(number)
}

/// Signals concern the whole process, so each test starts processes of its own.
@Suite struct SignalFlagTests {
  @Test func theFirstSignalRaisesTheFlag() async {
    await #expect(processExitsWith: .exitCode(130)) {
      SignalFlag.install()
      guard SignalFlag.wish == nil else { exit(1) }
      send(SIGINT)
      guard let wish = SignalFlag.wish else { exit(2) }
      exit(wish.exitStatus.rawValue)
    }
    await #expect(processExitsWith: .exitCode(143)) {
      SignalFlag.install()
      send(SIGTERM)
      guard let wish = SignalFlag.wish else { exit(2) }
      exit(wish.exitStatus.rawValue)
    }
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .exitCode(143)) {
      SignalFlag.install()
      send(SIGINT)
      send(SIGTERM)
      exit(1)
    }
    await #expect(processExitsWith: .exitCode(130)) {
      SignalFlag.install()
      send(SIGINT)
      send(SIGINT)
      exit(1)
    }
  }

  @Test func signalsAboutWritesAreIgnored() async {
    await #expect(processExitsWith: .exitCode(7)) {
      SignalFlag.install()
      send(SIGPIPE)
      send(SIGXFSZ)
      exit(7)
    }
    await #expect(processExitsWith: .exitCode(7)) {
      SignalFlag.prepare()
      send(SIGPIPE)
      send(SIGXFSZ)
      exit(7)
    }
  }

  @Test func aSignalEndsAProgramWithoutTheHandlers() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      SignalFlag.prepare()
      send(SIGINT)
      exit(1)
    }
  }
}
