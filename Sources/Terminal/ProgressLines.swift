/// What a ``ProgressDisplay`` shows: how far something is, as a line of a log and as a bar.
public protocol ProgressLines {
  /// What is done, in the steps that plain lines count by.
  var step: Int { get }
  /// What there is to do.
  var steps: Int { get }
  /// The state as one line of a log.
  var plainLine: String { get }
  /// The state as a bar with figures, of at most `width` columns.
  func barLine(width: Int) -> String
}
