#if os(Linux)

  import Foundation
  import Testing

  /// What `train` writes to a terminal.
  @Suite struct TerminalWidthTests {
    /// A terminal breaks a longer line, and the next line of progress erases only its last part.
    @Test(.enabled(if: access("/dev/ptmx", R_OK | W_OK) == 0), arguments: [40, 80])
    func epochLinesFitTheTerminal(_ columns: Int) throws {
      let scratch = try Scratch()
      try scratch.makeDigits()
      let process = Program.process(
        "train",
        [
          "--data-dir", "digits", "--arch", "fc(classes)", "--epochs", "3", "--val-split", "10",
          "--filters-every", "0", "--run-dir", "run", "--progress", "none",
        ], in: scratch)
      let lines = try Self.output(of: process, columns: columns).split(separator: "\n")
        .map { $0.filter { $0 != "\r" } }
      let epochs = lines.filter { $0.hasPrefix("epoch ") }
      #expect(process.terminationStatus == 0)
      #expect(epochs.count == 3, "\(lines)")
      for line in epochs { #expect(line.count <= columns, "\(line)") }
    }

    /// Runs `process` with a terminal of `columns` columns as its standard output.
    private static func output(of process: Process, columns: Int) throws -> String {
      // Glibc's Swift module lacks `posix_openpt` and what belongs to it, so the system is asked itself.
      let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
      let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      try #require(terminal >= 0)
      defer { close(terminal) }
      var (isLocked, place): (Int32, UInt32) = (0, 0)
      try #require(
        ioctl(terminal, unlock, &isLocked) == 0 && ioctl(terminal, number, &place) == 0)
      let end = open("/dev/pts/\(place)", O_RDWR | O_NOCTTY)
      try #require(end >= 0)
      var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
      try #require(ioctl(end, UInt(TIOCSWINSZ), &size) == 0)
      process.standardOutput = FileHandle(fileDescriptor: end)
      process.standardError = FileHandle.nullDevice
      process.standardInput = FileHandle.nullDevice
      try process.run()
      close(end)
      var text: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      // The terminal reports an error when its last writer has ended.
      while case let count = read(terminal, &buffer, buffer.count), count > 0 {
        text += buffer[..<count]
      }
      process.waitUntilExit()
      return String(decoding: text, as: UTF8.self).replacing("\r\n", with: "\n")
    }
  }
#endif
