#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A child process that restores the terminal if this process ends without doing so, as by SIGKILL.
///
/// It is this program again, with ``argument`` as its only argument. A pipe tells it whether the alternate
/// screen is in use. At the end of the pipe without ``Message/done`` it restores the terminal. It is in a
/// process group of its own, so neither the keys of the terminal nor the end of the group reach it.
public struct TerminalGuard {
  enum Message: UInt8 {
    /// The alternate screen is in use.
    case entered = 1
    /// It is not.
    case left = 2
    /// The terminal is as it was, and the text was written to it.
    case done = 3
  }

  /// The terminal's modes, as the child finds them at the start of the pipe.
  private struct Modes {
    var isKnown: Bool
    var before: termios
    var during: termios
  }

  private static let argument = "--restore-terminal-at-end"

  private let child: pid_t
  /// The end of the pipe that this process writes to.
  let pipe: Int32

  /// Starts the child, which inherits the terminal and the file `log`; nil if it cannot be started.
  init?(terminal: Int32, log: Int32, modes: TerminalModes?) {
    guard let program = Self.program else { return nil }
    var ends: (Int32, Int32) = (-1, -1)
    let failed = withUnsafeMutableBytes(of: &ends) {
      makePipe($0.bindMemory(to: Int32.self).baseAddress!)
    }
    guard failed == 0 else { return nil }
    // Numbers that no standard stream has, so that they can be duplicated in any order.
    let (theirs, ours) = (fcntl(ends.0, F_DUPFD_CLOEXEC, 10), fcntl(ends.1, F_DUPFD_CLOEXEC, 10))
    closeFile(ends.0)
    closeFile(ends.1)
    guard theirs >= 0, ours >= 0 else { return nil }
    defer { closeFile(theirs) }
    guard let child = Self.start(program, files: [theirs, terminal, log]) else {
      closeFile(ours)
      return nil
    }
    (self.child, pipe) = (child, ours)
    var known = Modes(
      isKnown: modes != nil, before: modes?.before ?? termios(),
      during: modes?.during ?? termios())
    _ = withUnsafeBytes(of: &known) { write(ours, $0.baseAddress!, $0.count) }
  }

  func tell(_ message: Message) {
    var byte = message.rawValue
    _ = write(pipe, &byte, 1)
  }

  /// Ends the child.
  func end() {
    closeFile(pipe)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  }

  /// The path of this program's file.
  private static var program: String? {
    #if canImport(Darwin)
      var path = [CChar](repeating: 0, count: 4096)
      var size = UInt32(path.count)
      return _NSGetExecutablePath(&path, &size) == 0 ? String(cString: path) : nil
    #else
      "/proc/self/exe"
    #endif
  }

  /// Starts `program` with `files` as its standard streams.
  private static func start(_ program: String, files: [Int32]) -> pid_t? {
    #if canImport(Darwin)
      var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
    #else
      var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (number, file) in files.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
    }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var arguments: [UnsafeMutablePointer<CChar>?] = [
      strdup(CommandLine.arguments[0]), strdup(argument), nil,
    ]
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    let failure = posix_spawn(&child, program, &actions, &attributes, &arguments, environ)
    return failure == 0 ? child : nil
  }

  // MARK: The child

  /// Does the child's work and exits, if this process is such a child.
  public static func runIfAsked() {
    guard CommandLine.arguments.count == 2, CommandLine.arguments[1] == argument else { return }
    // A process in the background must be allowed to set the terminal's modes.
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGPIPE] {
      _ = signal(number, SIG_IGN)
    }
    var known = Modes(isKnown: false, before: termios(), during: termios())
    let isComplete = withUnsafeMutableBytes(of: &known) { bytes in
      var filled = 0
      while filled < bytes.count {
        let count = read(0, bytes.baseAddress! + filled, bytes.count - filled)
        if count > 0 { filled += count } else if count == 0 || errno != EINTR { return false }
      }
      return true
    }
    guard isComplete else { exit(0) }
    var last = Message.left
    var byte: UInt8 = 0
    while true {
      let count = read(0, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count > 0, let message = Message(rawValue: byte) else { break }
      last = message
    }
    guard last != .done else { exit(0) }
    if last == .entered {
      try? StandardStream.output.write(AlternateScreen.leaving)
      if known.isKnown {
        TerminalModes(1, before: known.before, during: known.during).restoreIfUnchanged()
      }
    }
    copyAll(2, to: 1)
    // A shell that was faster has written its prompt to the alternate screen. It writes it again when it
    // learns that the window may have changed; other programs ignore that.
    let group = tcgetpgrp(1)
    if last == .entered, group > 1 { kill(-group, SIGWINCH) }
    exit(0)
  }
}

private func makePipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 { pipe(ends) }
