import ArgumentParser
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ProgressDisplay.Mode: ExpressibleByArgument {
  /// The mode itself, or `plain` with a warning for a dashboard that the terminal cannot show.
  var onThisTerminal: ProgressDisplay.Mode {
    let terminal = getenv("TERM").map { String(cString: $0) }
    guard self == .dashboard, let obstacle = Dashboard.obstacle(terminal: terminal) else {
      return self
    }
    Self.tell(obstacle: obstacle)
    return .plain
  }

  /// Warns that lines replace the dashboard, if there is an obstacle.
  static func tell(obstacle: String?) {
    guard let obstacle else { return }
    Notice.warning("--progress dashboard: \(obstacle); lines are written instead.")
  }
}
