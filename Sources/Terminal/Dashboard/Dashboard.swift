import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A view of a run that fills the terminal: curves, progress and messages.
///
/// A thread of its own draws it, reads the keys and follows the size of the window, ten times a second.
/// Nothing else may write to the terminal: what is written to the standard streams meanwhile appears among
/// the messages, and on the terminal after ``close()``.
public final class Dashboard: Sendable {
  private struct Shared: Sendable {
    var state: DashboardState
    var isChanged = true
    var isEnding = false
  }

  private let shared: Mutex<Shared>
  private let thread: Mutex<pthread_t?>

  /// Why ``init(_:)`` shows nothing on this terminal, for a message; nil if it can.
  ///
  /// - Parameter terminal: the value of `TERM`.
  public static func obstacle(terminal: String?) -> String? {
    guard StandardStream.output.isTerminal, StandardStream.error.isTerminal else {
      return "standard output or standard error is no terminal"
    }
    guard let terminal, terminal != "", terminal != "dumb" else {
      return "TERM is \(terminal.map { "“\($0)”" } ?? "not set"), a terminal without a cursor"
    }
    guard let size = StandardStream.error.size else { return nil }
    let least = DashboardView.least
    guard DashboardView.fits(columns: size.columns, rows: size.rows) else {
      return "the window has \(size.columns) × \(size.rows) characters (expected at least "
        + "\(least.columns) × \(least.rows))"
    }
    return nil
  }

  /// Opens the view.
  ///
  /// - Throws: `AlternateScreen.Failure` if the system refuses it.
  init(_ state: DashboardState) throws(AlternateScreen.Failure) {
    shared = Mutex(Shared(state: state))
    thread = Mutex(nil)
    let screen = try AlternateScreen()
    StopSignal.install()
    let work = DashboardThread(screen: screen) { [self] in
      take()
    } stopping: { [self] in
      shared.withLock {
        $0.state.isStopping = true
        $0.isChanged = true
      }
    }
    do throws(AlternateScreen.Failure) {
      let started = try work.start()
      thread.withLock { $0 = started }
    } catch {
      screen.close()
      StopSignal.remove()
      throw error
    }
  }

  /// Shows the state after a step.
  public func update(_ progress: ProgressState) {
    shared.withLock {
      $0.state.add(progress)
      $0.isChanged = true
    }
  }

  /// Shows the results of an epoch.
  public func end(_ epoch: DashboardState.Epoch) {
    shared.withLock {
      $0.state.end(epoch)
      $0.isChanged = true
    }
  }

  /// Leaves the terminal as it was, with the text that was written meanwhile.
  public func close() {
    guard
      let thread = thread.withLock({ thread -> pthread_t? in
        defer { thread = nil }
        return thread
      })
    else { return }
    shared.withLock { $0.isEnding = true }
    pthread_join(thread, nil)
    StopSignal.remove()
  }

  /// The state to draw, if it has changed, and whether the view ends.
  private func take() -> (state: DashboardState?, isEnding: Bool) {
    shared.withLock { shared in
      defer { shared.isChanged = false }
      return (shared.isChanged ? shared.state : nil, shared.isEnding)
    }
  }
}
