#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Shows the progress of a run or a download on standard error.
///
/// A terminal shows one line, redrawn at most ten times a second. Elsewhere the display writes a plain line
/// at regular intervals of steps. There are no colors, so `NO_COLOR` has no effect. A failed write is
/// ignored, so that it does not end a run.
public final class ProgressDisplay {
  public enum Mode: String, CaseIterable, Sendable {
    /// ``bar`` on a terminal that can redraw a line, ``plain`` elsewhere.
    case auto
    case bar
    case plain
    /// A ``Dashboard`` from ``ProgressDisplay/begin(_:)`` to ``ProgressDisplay/finish()``.
    case dashboard
    case none

    /// The mode itself, or the one that `auto` stands for.
    ///
    /// - Parameter terminal: the value of the environment variable `TERM`.
    public func resolved(isTerminal: Bool, terminal: String?) -> Mode {
      guard self == .auto else { return self }
      return isTerminal && terminal != "dumb" ? .bar : .plain
    }
  }

  /// The output of a display, and its clock.
  public struct Surface {
    public let isTerminal: Bool
    /// The value of `TERM`.
    public let terminal: String?
    /// The current width in columns, read for every redraw because windows change size.
    public let columns: () -> Int
    /// The seconds since any fixed moment.
    public let clock: () -> Double
    public let write: (String) -> Void

    public init(
      isTerminal: Bool, terminal: String?, columns: @escaping () -> Int,
      clock: @escaping () -> Double, write: @escaping (String) -> Void
    ) {
      self.isTerminal = isTerminal
      self.terminal = terminal
      self.columns = columns
      self.clock = clock
      self.write = write
    }

    /// Standard error and a monotonic clock. An unknown width counts as 80 columns.
    public static var standardError: Surface {
      let start = ContinuousClock.now
      return Surface(
        isTerminal: StandardStream.error.isTerminal,
        terminal: getenv("TERM").map { String(cString: $0) },
        columns: { StandardStream.error.columns ?? 80 },
        clock: { (ContinuousClock.now - start) / .seconds(1) },
        write: { try? StandardStream.error.write($0) })
    }
  }

  /// Never `auto`.
  public private(set) var mode: Mode
  private var dashboard: Dashboard?
  private let interval: Int
  private let surface: Surface
  private var lastDrawn = -Double.infinity
  private var state: (any ProgressLines)?
  /// The step of the last plain line, so that no line is written twice.
  private var lastLine: Int?
  private var barIsVisible = false

  private static let shortestPause = 0.1
  /// Moves the cursor to the first column and erases the line.
  private static let erasure = "\r\u{1B}[K"

  /// A display that has drawn nothing yet.
  ///
  /// - Parameter interval: the number of steps from one plain line to the next.
  public init(mode: Mode, every interval: Int, on surface: Surface = .standardError) {
    precondition(interval > 0, "ProgressDisplay: a line every \(interval) steps")
    self.mode = mode.resolved(isTerminal: surface.isTerminal, terminal: surface.terminal)
    self.interval = interval
    self.surface = surface
  }

  /// Shows a new state, unless the previous one was shown too recently. The last step is always shown.
  public func update(_ state: any ProgressLines) {
    self.state = state
    let isLast = state.step == state.steps
    switch mode {
    case .bar:
      let now = surface.clock()
      if isLast || now - lastDrawn >= Self.shortestPause {
        lastDrawn = now
        draw(state)
      }
    case .plain:
      guard isLast || state.step % interval == 0, state.step != lastLine else { return }
      lastLine = state.step
      surface.write(state.plainLine + "\n")
    case .dashboard:
      if let state = state as? ProgressState { dashboard?.update(state) }
    case .auto, .none: break
    }
  }

  /// Opens the dashboard of a run; other modes ignore it.
  ///
  /// - Returns: why the system refuses it, so that lines are written instead; otherwise nil.
  public func begin(_ state: @autoclosure () -> DashboardState) -> String? {
    guard mode == .dashboard, dashboard == nil else { return nil }
    do throws(AlternateScreen.Failure) { dashboard = try Dashboard(state()) } catch {
      mode = .plain
      return error.description
    }
    return nil
  }

  /// Shows the results of an epoch in the dashboard; other modes ignore them.
  public func end(_ epoch: @autoclosure () -> DashboardState.Epoch) { dashboard?.end(epoch()) }

  /// Writes a line that stays above the bar, such as a download's address. The mode `none` writes nothing.
  public func note(_ line: String) {
    guard mode != .none else { return }
    let wasVisible = barIsVisible
    erase()
    surface.write(line.escapedForTerminal + "\n")
    if wasVisible, let state { draw(state) }
  }

  /// Erases the bar, so that other text can be written. The next update draws the bar again.
  public func erase() {
    guard barIsVisible else { return }
    surface.write(Self.erasure)
    barIsVisible = false
    lastDrawn = -Double.infinity
  }

  /// The width of a line on standard output; nil if it is no terminal.
  public var columns: Int? {
    dashboard == nil ? StandardStream.output.columns : AlternateScreen.columns
  }

  /// Draws the bar in its last state and moves to the next line, or closes the dashboard.
  public func finish() {
    dashboard?.close()
    dashboard = nil
    guard barIsVisible, let state else { return }
    draw(state)
    surface.write("\n")
    barIsVisible = false
    lastDrawn = -Double.infinity
  }

  private func draw(_ state: any ProgressLines) {
    // Many terminals move to the next line after a character in the last column, so it stays free.
    surface.write(Self.erasure + state.barLine(width: surface.columns() - 1))
    barIsVisible = true
  }
}
