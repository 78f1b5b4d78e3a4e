import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The alternate screen of a terminal, which the program has to itself until ``close()``.
///
/// Meanwhile the keys are neither shown nor collected to lines, and what the program writes to its standard
/// streams goes to a file without a name. ``close()`` restores the terminal and writes that text to it. If the
/// process ends in another way, ``leaveAtOnce()`` in a signal handler or the ``TerminalGuard`` does the same.
///
/// Only one thread may use an object. Only one object may exist at a time.
final class AlternateScreen {
  /// Why there is no alternate screen, as the end of a sentence.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String

    /// - Parameter code: the system's error number.
    init(_ problem: String, _ code: Int32) {
      description = "\(problem) (\(String(cString: strerror(code))))"
    }
  }

  /// Modes 1049 and 25 of xterm: the alternate screen with a saved cursor, and the cursor's visibility.
  static let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[0m\u{1B}[H\u{1B}[2J"
  static let leaving = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"

  /// The terminal, and the file that the standard streams are written to.
  let terminal: Int32
  private let log: Int32
  private let output: Int32
  private let errors: Int32
  private let modes: TerminalModes?
  private var guardian: TerminalGuard?
  /// The number of bytes of the file that ``newLines()`` has read.
  private var read = 0
  private var unfinished: [UInt8] = []
  private(set) var isVisible = false
  private var isClosed = false

  /// Opens the screen. If this process is in the background, the screen stays as it is until ``enter()``.
  ///
  /// - Throws: `Failure` if the standard streams cannot be redirected, or the terminal refuses the modes.
  init() throws(Failure) {
    log = try Self.namelessFile()
    func duplicate(_ file: Int32) -> Int32 { fcntl(file, F_DUPFD_CLOEXEC, 10) }
    terminal = duplicate(2)
    output = duplicate(1)
    errors = duplicate(2)
    guard terminal >= 0, output >= 0, errors >= 0 else {
      let code = errno
      for file in [terminal, output, errors, log] where file >= 0 { closeFile(file) }
      throw Failure("the standard streams cannot be redirected", code)
    }
    modes = TerminalModes(of: terminal)
    guardian = TerminalGuard(terminal: terminal, log: log, modes: modes)
    state.open(
      terminal: terminal, log: log, modes: modes, pipe: guardian?.pipe ?? -1)
    _ = dup2(log, 1)
    _ = dup2(log, 2)
    let code = enter()
    guard code == 0 else {
      close()
      throw Failure("the modes of the terminal cannot be set", code)
    }
  }

  /// True if keys can be read.
  var hasKeys: Bool { modes != nil }

  /// True if this process may draw on its terminal. It may not while it is in the background of a shell.
  var isInForeground: Bool {
    let group = tcgetpgrp(terminal)
    return group < 0 || group == getpgrp()
  }

  /// Takes the screen, unless the process is in the background.
  ///
  /// - Returns: 0, or the system's error number if the terminal keeps its modes.
  @discardableResult
  func enter() -> Int32 {
    guard !isClosed, isInForeground else { return 0 }
    state.acquire()
    defer { state.release() }
    guard !state.hasLeft else { return 0 }
    isVisible = true
    guardian?.tell(.entered)
    state.setVisible(true)
    let code = modes?.setUp() ?? 0
    show(Self.entering)
    return code
  }

  /// Gives the screen back for a while.
  func leave() {
    state.acquire()
    defer { state.release() }
    guard isVisible, !state.hasLeft else { return }
    isVisible = false
    state.setVisible(false)
    show(Self.leaving)
    modes?.restoreIfUnchanged()
    guardian?.tell(.left)
  }

  /// Writes to the screen.
  func draw(_ text: String) {
    state.acquire()
    defer { state.release() }
    guard isVisible, !state.hasLeft else { return }
    show(text)
  }

  /// Writes to the terminal; nobody can be told that it is gone.
  private func show(_ text: String) { try? StandardStream(descriptor: terminal).write(text) }

  /// Leaves the screen, gives the standard streams back, and writes to the terminal what was written to them.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    leave()
    state.acquire()
    _ = dup2(output, 1)
    _ = dup2(errors, 2)
    if !state.hasLeft {
      if modes != nil { tcflush(terminal, TCIFLUSH) }
      copyAll(log, to: terminal)
    }
    state.close()
    state.release()
    guardian?.tell(.done)
    guardian?.end()
    for file in [terminal, output, errors, log] { closeFile(file) }
  }

  deinit { close() }

  /// The whole lines that were written to the standard streams since the last call.
  func newLines() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = pread(log, &buffer, buffer.count, off_t(read)), count > 0 {
      read += count
      unfinished += buffer[..<count]
    }
    guard let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = unfinished[..<end].split(separator: UInt8(ascii: "\n"))
    unfinished.removeSubrange(...end)
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  /// A file of the temporary folder that has no name any more.
  private static func namelessFile() throws(Failure) -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var path = Array("\(folder)/lecture-cnn-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    guard file >= 0 else { throw Failure("no file can be created in TMPDIR, \(folder)", errno) }
    unlink(path)
    // A number that no standard stream has.
    let moved = fcntl(file, F_DUPFD_CLOEXEC, 10)
    closeFile(file)
    guard moved >= 0 else { throw Failure("a file cannot be opened twice", errno) }
    // Both standard streams write to its end.
    _ = fcntl(moved, F_SETFL, fcntl(moved, F_GETFL) | O_APPEND)
    return moved
  }

  /// The width of the terminal of the open screen; nil if none is open.
  static var columns: Int? { state.columns }

  /// Restores the terminal before `_exit` in a signal handler. Only calls that are allowed there.
  static func leaveAtOnce() { state.leaveAtOnce() }
}

/// What a signal handler must know of the open screen.
private final class ScreenState: Sendable {
  /// True while a thread writes to the screen, or a handler has left it.
  private let isBusy = Atomic<Bool>(false)
  private let isOpen = Atomic<Bool>(false)
  private let isVisible = Atomic<Bool>(false)
  private let left = Atomic<Bool>(false)
  private let terminal = Atomic<Int32>(-1)
  private let log = Atomic<Int32>(-1)
  private let pipe = Atomic<Int32>(-1)
  /// Allocated once; a handler may not allocate.
  private nonisolated(unsafe) let modes = UnsafeMutablePointer<TerminalModes?>.allocate(capacity: 1)

  init() { modes.initialize(to: nil) }

  var hasLeft: Bool { left.load(ordering: .sequentiallyConsistent) }

  func open(terminal: Int32, log: Int32, modes: TerminalModes?, pipe: Int32) {
    self.modes.pointee = modes
    self.terminal.store(terminal, ordering: .sequentiallyConsistent)
    self.log.store(log, ordering: .sequentiallyConsistent)
    self.pipe.store(pipe, ordering: .sequentiallyConsistent)
    isVisible.store(false, ordering: .sequentiallyConsistent)
    isOpen.store(true, ordering: .sequentiallyConsistent)
  }

  var columns: Int? {
    guard isOpen.load(ordering: .sequentiallyConsistent) else { return nil }
    return terminalSize(of: terminal.load(ordering: .sequentiallyConsistent))?.columns
  }

  func setVisible(_ value: Bool) { isVisible.store(value, ordering: .sequentiallyConsistent) }

  func close() { isOpen.store(false, ordering: .sequentiallyConsistent) }

  func acquire() { while !tryAcquire() { rest() } }

  func release() { isBusy.store(false, ordering: .sequentiallyConsistent) }

  private func tryAcquire() -> Bool {
    isBusy.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent)
      .exchanged
  }

  private func rest() {
    var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
    nanosleep(&pause, nil)
  }

  func leaveAtOnce() {
    guard isOpen.load(ordering: .sequentiallyConsistent) else { return }
    // The thread that draws blocks the handlers' signals. It may wait for a terminal that has stopped.
    var attempts = 0
    while attempts < 300, !tryAcquire() {
      attempts += 1
      rest()
    }
    left.store(true, ordering: .sequentiallyConsistent)
    let terminal = terminal.load(ordering: .sequentiallyConsistent)
    var waiting = pollfd(fd: terminal, events: Int16(POLLOUT), revents: 0)
    guard poll(&waiting, 1, 100) > 0 else { return }
    if isVisible.load(ordering: .sequentiallyConsistent) {
      leavingText.write(to: terminal)
      modes.pointee?.restore()
    }
    copyAll(log.load(ordering: .sequentiallyConsistent), to: terminal)
    var done = TerminalGuard.Message.done.rawValue
    _ = systemWrite(pipe.load(ordering: .sequentiallyConsistent), &done, 1)
  }
}

private let state = ScreenState()

/// A text that a signal handler may write, because it is in memory already.
private struct PreparedText: @unchecked Sendable {
  private let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ text: String) {
    bytes = .allocate(capacity: text.utf8.count)
    _ = bytes.initialize(from: text.utf8)
  }

  func write(to file: Int32) { _ = systemWrite(file, bytes.baseAddress!, bytes.count) }
}

private let leavingText = PreparedText(AlternateScreen.leaving)

/// Writes all of the file `log` to `terminal`. Makes only calls that a signal handler may make.
func copyAll(_ log: Int32, to terminal: Int32) {
  withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
    var offset = 0
    while case let count = pread(log, buffer.baseAddress!, buffer.count, off_t(offset)), count > 0 {
      var written = 0
      while written < count {
        let more = systemWrite(terminal, buffer.baseAddress! + written, count - written)
        if more > 0 { written += more } else if more < 0 && errno != EINTR { return }
      }
      offset += count
    }
  }
}

func closeFile(_ file: Int32) { _ = close(file) }

private func systemWrite(_ file: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
  write(file, from, count)
}
