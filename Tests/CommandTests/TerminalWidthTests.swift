#if os(Linux)

  import Foundation
  import Testing

  /// What `train` writes to a terminal.
  @Suite struct TerminalWidthTests {
    /// A terminal breaks a longer line, and the next line of progress erases only its last part.
    @Test(.enabled(if: PseudoTerminal.isAvailable), arguments: [40, 80])
    func epochLinesFitTheTerminal(_ columns: Int) throws {
      let scratch = try Scratch()
      try scratch.makeDigits()
      let terminal = try PseudoTerminal(columns: columns, rows: 24)
      let process = Program.process(
        "train",
        [
          "--data-dir", "digits", "--arch", "fc(classes)", "--epochs", "3", "--val-split", "10",
          "--filters-every", "0", "--run-dir", "run", "--progress", "none",
        ], in: scratch)
      try terminal.start(process)
      terminal.read { !process.isRunning }
      terminal.readRest()
      let lines = String(decoding: terminal.received, as: UTF8.self)
        .replacing("\r\n", with: "\n").split(separator: "\n")
      let epochs = lines.filter { $0.hasPrefix("epoch ") }
      #expect(process.terminationStatus == 0)
      #expect(epochs.count == 3, "\(lines)")
      for line in epochs { #expect(line.count <= columns, "\(line)") }
    }
  }
#endif
