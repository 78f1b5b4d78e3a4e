#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Shows on standard error how a run or a download gets on.
///
/// On a terminal one line is drawn over and over, at most ten times a second; elsewhere a plain
/// line is written every so many steps. No colors are used, so there is nothing for `NO_COLOR` to
/// turn off. A write that fails is let go: the run matters more than its display.
public final class ProgressDisplay {
  public enum Mode: String, CaseIterable, Sendable {
    /// ``bar`` on a terminal that can redraw a line, ``plain`` elsewhere.
    case auto
    case bar
    case plain
    case none

    /// What `auto` comes to.
    ///
    /// - Parameter terminal: the value of the environment variable `TERM`.
    public func resolved(isTerminal: Bool, terminal: String?) -> Mode {
      guard self == .auto else { return self }
      return isTerminal && terminal != "dumb" ? .bar : .plain
    }
  }

  /// Where a display draws and what it measures time with.
  public struct Surface {
    public let isTerminal: Bool
    /// The value of `TERM`.
    public let terminal: String?
    /// The present width in columns; asked again for every redraw, since windows are resized.
    public let columns: () -> Int
    /// Seconds from any fixed moment.
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

    /// Standard error and the steady clock; 80 columns where the width is not known.
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

  /// `bar`, `plain` or `none`.
  public let mode: Mode
  private let interval: Int
  private let surface: Surface
  private var lastDrawn = -Double.infinity
  private var state: (any ProgressLines)?
  /// The step of the last plain line, which is not written twice.
  private var lastLine: Int?
  private var barIsVisible = false

  private static let shortestPause = 0.1
  /// To the line's first column, and erase to its end.
  private static let erasure = "\r\u{1B}[K"

  /// A display that has drawn nothing yet.
  ///
  /// - Parameter interval: a plain line is written for every step that is a multiple of it.
  public init(mode: Mode, every interval: Int, on surface: Surface = .standardError) {
    precondition(interval > 0, "ProgressDisplay: a line every \(interval) steps")
    self.mode = mode.resolved(isTerminal: surface.isTerminal, terminal: surface.terminal)
    self.interval = interval
    self.surface = surface
  }

  /// Takes note of a new state and shows it when it is time to; the last step is always shown.
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
    case .auto, .none: break
    }
  }

  /// Writes lines that stay, such as an epoch's result, above the bar; nothing in the mode `none`.
  public func note(_ line: String) {
    guard mode != .none else { return }
    let wasVisible = barIsVisible
    erase()
    surface.write(line.escapedForTerminal + "\n")
    if wasVisible, let state { draw(state) }
  }

  /// Takes the bar away, so that other text can be written; the next update draws it again.
  public func erase() {
    guard barIsVisible else { return }
    surface.write(Self.erasure)
    barIsVisible = false
    lastDrawn = -Double.infinity
  }

  /// Leaves the bar in its last state and goes to the next line.
  public func finish() {
    guard barIsVisible, let state else { return }
    draw(state)
    surface.write("\n")
    barIsVisible = false
    lastDrawn = -Double.infinity
  }

  private func draw(_ state: any ProgressLines) {
    // The last column stays free: many terminals go to the next line once it is written.
    surface.write(Self.erasure + state.barLine(width: surface.columns() - 1))
    barIsVisible = true
  }
}
