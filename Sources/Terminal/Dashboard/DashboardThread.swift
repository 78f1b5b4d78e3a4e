#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thread of a ``Dashboard``. It alone uses the screen.
final class DashboardThread {
  private let screen: AlternateScreen
  private let take: @Sendable () -> (state: DashboardState?, isEnding: Bool)
  private let stopping: @Sendable () -> Void
  private let usesColor: Bool
  private let glyphs: DotGrid.Glyphs
  private let beginning = ContinuousClock.now

  private var state: DashboardState?
  private var messages = DashboardMessages()
  private var canReadKeys: Bool
  private var hasWished = false
  /// The rows on the screen; empty if they are unknown.
  private var shown: [String] = []
  private var size = (columns: 0, rows: 0)
  private var second = -1

  /// - Parameters:
  ///   - take: the state, if it has changed, and whether the view ends.
  ///   - stopping: called when the run was asked to stop.
  init(
    screen: AlternateScreen,
    take: @escaping @Sendable () -> (state: DashboardState?, isEnding: Bool),
    stopping: @escaping @Sendable () -> Void
  ) {
    self.screen = screen
    self.take = take
    self.stopping = stopping
    canReadKeys = screen.hasKeys
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    // https://no-color.org
    usesColor = (value("NO_COLOR") ?? "").isEmpty
    glyphs = value("TERM") == "linux" ? .halves : .braille
  }

  /// Starts the thread.
  ///
  /// - Throws: `AlternateScreen.Failure` if the system starts no thread.
  func start() throws(AlternateScreen.Failure) -> pthread_t? {
    var thread = pthread_t(bitPattern: 0)
    let retained = Unmanaged.passRetained(self)
    // The new thread inherits the mask. Handlers run on the other threads, so that one can wait for this one.
    var blocked = Signals.set([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGTTIN, SIGTTOU])
    var before = sigset_t()
    pthread_sigmask(SIG_SETMASK, &blocked, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let failure = pthread_create(
      &thread, nil,
      { argument in
        #if canImport(Darwin)
          Unmanaged<DashboardThread>.fromOpaque(argument).takeRetainedValue().work()
        #else
          Unmanaged<DashboardThread>.fromOpaque(argument!).takeRetainedValue().work()
        #endif
        return nil
      }, retained.toOpaque())
    guard failure == 0 else {
      retained.release()
      throw AlternateScreen.Failure("the system starts no thread", failure)
    }
    return thread
  }

  private func work() {
    var isEnding = false
    while !isEnding {
      let taken = take()
      if let state = taken.state { self.state = state }
      isEnding = taken.isEnding
      followSignals()
      let hasMessages = messages.add(screen.newLines())
      if !screen.isVisible, screen.isInForeground {
        screen.enter()
        shown = []
      }
      drawIfChanged(taken.state != nil || hasMessages)
      if !isEnding { readKeys(within: 100) }
    }
    screen.close()
  }

  /// Stops the process at Ctrl-Z, and takes the screen anew when it goes on.
  private func followSignals() {
    if SignalFlag.wish != nil, !hasWished {
      hasWished = true
      stopping()
    }
    if StopSignal.takeStop() {
      screen.leave()
      StopSignal.stop()
      shown = []
    }
    if StopSignal.takeContinuation(), screen.isVisible {
      // Another program may have used the screen meanwhile.
      screen.leave()
      shown = []
    }
  }

  private func drawIfChanged(_ isNew: Bool) {
    guard screen.isVisible, var state else { return }
    let seconds = (ContinuousClock.now - beginning) / .seconds(1)
    let found = terminalSize(of: screen.terminal) ?? (columns: 80, rows: 24)
    let isResized = found != size
    guard isNew || isResized || shown.isEmpty || Int(seconds) != second
    else { return }
    second = Int(seconds)
    size = found
    state.seconds = seconds
    state.messages = messages
    let view = DashboardView(
      state: state, width: found.columns, height: found.rows, glyphs: glyphs,
      hasKeys: canReadKeys)
    let lines = view.canvas.lines(color: usesColor)
    // A terminal that knows mode 2026 shows the picture when it is complete.
    var text = "\u{1B}[?2026h"
    if isResized || shown.count != lines.count {
      text += "\u{1B}[0m\u{1B}[2J"
      shown = []
    }
    for (row, line) in lines.enumerated() where row >= shown.count || shown[row] != line {
      text += "\u{1B}[\(row + 1);1H\(line)\u{1B}[K"
    }
    shown = lines
    screen.draw(text + "\u{1B}[?2026l")
  }

  /// Waits for keys: `q` asks the run to stop, Ctrl-L draws all anew.
  private func readKeys(within milliseconds: Int32) {
    guard canReadKeys, screen.isVisible else {
      poll(nil, 0, milliseconds)
      return
    }
    var waiting = pollfd(fd: screen.terminal, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return }
    var keys = [UInt8](repeating: 0, count: 64)
    let count = read(screen.terminal, &keys, keys.count)
    guard count > 0 else {
      // The terminal was closed, or another program reads from it.
      if count == 0 || (errno != EINTR && errno != EAGAIN) { canReadKeys = false }
      return
    }
    for key in keys[..<count] {
      switch key {
      case UInt8(ascii: "q"), UInt8(ascii: "Q"): SignalFlag.interrupt()
      case 0x0C: shown = []
      default: break
      }
    }
  }
}
