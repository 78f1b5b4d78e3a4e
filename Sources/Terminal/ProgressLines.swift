/// A state of progress that a ``ProgressDisplay`` shows, as a line of a log and as a bar.
public protocol ProgressLines {
  /// The number of completed steps. Plain lines come at regular intervals of steps.
  var step: Int { get }
  /// The total number of steps.
  var steps: Int { get }
  /// The state as one line of a log.
  var plainLine: String { get }
  /// The state as a bar with text fields, at most `width` columns wide.
  func barLine(width: Int) -> String
}
