#if os(Linux)

  import Foundation
  import Testing

  /// A pseudo terminal with a ``TerminalEmulator``, in which commands are run.
  final class PseudoTerminal {
    static let isAvailable = access("/dev/ptmx", R_OK | W_OK) == 0

    private let near: Int32
    /// The end that commands have as their standard streams. This object keeps it open.
    private let far: Int32
    private(set) var screen: TerminalEmulator
    /// All that was received.
    private(set) var received: [UInt8] = []

    init(columns: Int, rows: Int) throws {
      // Glibc's Swift module lacks `posix_openpt` and what belongs to it, so the system is asked itself.
      let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
      near = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      try #require(near >= 0)
      var (isLocked, place): (Int32, UInt32) = (0, 0)
      try #require(ioctl(near, unlock, &isLocked) == 0 && ioctl(near, number, &place) == 0)
      far = open("/dev/pts/\(place)", O_RDWR | O_NOCTTY | O_CLOEXEC)
      try #require(far >= 0)
      screen = TerminalEmulator(columns: columns, rows: rows)
      resize(columns: columns, rows: rows)
    }

    deinit {
      close(near)
      close(far)
    }

    func resize(columns: Int, rows: Int) {
      var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
      _ = ioctl(far, UInt(TIOCSWINSZ), &size)
      screen.resize(columns: columns, rows: rows)
    }

    /// The terminal's modes.
    var modes: [UInt32] {
      var modes = termios()
      guard tcgetattr(far, &modes) == 0 else { return [] }
      let characters = withUnsafeBytes(of: modes.c_cc) { $0.map { UInt32($0) } }
      return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag] + characters
    }

    /// Starts a process with this terminal as its three standard streams.
    func start(_ process: Process) throws {
      let handle = FileHandle(fileDescriptor: far, closeOnDealloc: false)
      process.standardInput = handle
      process.standardOutput = handle
      process.standardError = handle
      try process.run()
    }

    /// Presses keys.
    func type(_ keys: String) {
      let bytes = Array(keys.utf8)
      _ = write(near, bytes, bytes.count)
    }

    /// Reads what arrives until `condition` is true, for at most `seconds`.
    @discardableResult
    func read(seconds: Double = 20, until condition: () -> Bool) -> Bool {
      let end = Date.now.addingTimeInterval(seconds)
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while !condition() {
        guard Date.now < end else { return false }
        var waiting = pollfd(fd: near, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20) > 0 else { continue }
        let count = Glibc.read(near, &buffer, buffer.count)
        guard count > 0 else { continue }
        received += buffer[..<count]
        screen.receive(Array(buffer[..<count]))
      }
      return true
    }

    /// Reads until nothing has arrived for a quarter of a second.
    func readRest() {
      var count = -1
      while count != received.count {
        count = received.count
        read(seconds: 0.25) { false }
      }
    }

    /// True if a line of the screen contains `text`.
    func shows(_ text: String) -> Bool { screen.lines.contains { $0.contains(text) } }
  }
#endif
