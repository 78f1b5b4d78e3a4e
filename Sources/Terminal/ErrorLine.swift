/// Messages of one line on standard error.
///
/// Whatever a message holds, a path with a newline in it for one, it stays one line. When nobody
/// reads standard error the message is lost, and nothing else happens.
public enum ErrorLine {
  /// Writes `error: …`, as a command does before it ends with a failure.
  public static func error(_ message: String, to stream: StandardStream = .error) {
    write("error", message, to: stream)
  }

  /// Writes `warning: …`, when the command goes on.
  public static func warning(_ message: String, to stream: StandardStream = .error) {
    write("warning", message, to: stream)
  }

  private static func write(_ kind: String, _ message: String, to stream: StandardStream) {
    try? stream.write("\(kind): \(message.escapedForTerminal)\n")
  }
}
