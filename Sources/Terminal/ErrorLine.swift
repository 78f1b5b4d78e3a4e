/// Messages of one line on standard error.
///
/// Control characters are escaped, so a path with a newline does not break the line. A message that cannot
/// be written is lost without an error.
public enum ErrorLine {
  /// Writes `error: …`, before a command ends with a failure.
  public static func error(_ message: String, to stream: StandardStream = .error) {
    write("error", message, to: stream)
  }

  /// Writes `warning: …`, before a command continues.
  public static func warning(_ message: String, to stream: StandardStream = .error) {
    write("warning", message, to: stream)
  }

  private static func write(_ kind: String, _ message: String, to stream: StandardStream) {
    try? stream.write("\(kind): \(message.escapedForTerminal)\n")
  }
}
