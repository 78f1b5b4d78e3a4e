/// The exit code of a command.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  /// Data or a checkpoint is missing, unreadable or wrong.
  case badData = 1
  /// The command line is wrong.
  case usage = 2
  /// Another process uses the run directory.
  case busy = 3
  /// An output cannot be written.
  case cannotWrite = 4
  /// The loss or a gradient is not finite.
  case notFinite = 5
  /// Stopped by SIGHUP, as when a terminal is closed, the checkpoint saved.
  case hungUp = 129
  /// Stopped by SIGINT, the checkpoint saved.
  case interrupted = 130
  /// Stopped by SIGTERM, the checkpoint saved.
  case terminated = 143

  /// A check failed, for instance of a gradient. The code is that of bad data.
  public static let checkFailed = ExitStatus.badData
}
