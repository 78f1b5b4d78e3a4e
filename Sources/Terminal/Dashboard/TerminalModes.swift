#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The modes of a terminal before the alternate screen, and those during it.
struct TerminalModes {
  private let file: Int32
  private(set) var before: termios
  private(set) var during: termios

  /// The modes of the terminal `file`; nil if it is no terminal.
  ///
  /// Keys are read at once and are not shown. Ctrl-C, Ctrl-Z and Ctrl-\ still send their signals, and no output
  /// is thrown away at them.
  init?(of file: Int32) {
    var found = termios()
    guard tcgetattr(file, &found) == 0 else { return nil }
    self.file = file
    before = found
    during = found
    during.c_lflag &= ~tcflag_t(ICANON | ECHO)
    during.c_lflag |= tcflag_t(NOFLSH)
    withUnsafeMutableBytes(of: &during.c_cc) { characters in
      characters[Int(VMIN)] = 1
      characters[Int(VTIME)] = 0
    }
  }

  /// - Parameters:
  ///   - before, during: modes that another process has found and set.
  init(_ file: Int32, before: termios, during: termios) {
    self.file = file
    self.before = before
    self.during = during
  }

  /// Sets the modes of the alternate screen.
  ///
  /// - Returns: 0, or the system's error number.
  func setUp() -> Int32 { set(during) }

  func restore() { _ = set(before) }

  /// Restores the modes, unless another program, such as a shell, has set other ones meanwhile.
  func restoreIfUnchanged() {
    var now = termios()
    // No shell that edits its line sets NOFLSH.
    let known = tcflag_t(ICANON | ECHO | NOFLSH)
    guard tcgetattr(file, &now) == 0, now.c_lflag & known == during.c_lflag & known else { return }
    restore()
  }

  private func set(_ modes: termios) -> Int32 {
    var modes = modes
    while tcsetattr(file, TCSANOW, &modes) != 0 { if errno != EINTR { return errno } }
    return 0
  }
}
