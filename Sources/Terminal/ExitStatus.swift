/// What a command's exit code tells the shell.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  /// Data or a checkpoint cannot be read or is wrong.
  case badData = 1
  /// The command line is wrong.
  case usage = 2
  /// Another run lives in the run directory.
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

  /// A check found something wrong, as a gradient; a script sees it like bad data.
  public static let checkFailed = ExitStatus.badData
}
