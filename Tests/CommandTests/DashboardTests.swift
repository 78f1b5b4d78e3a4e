#if os(Linux)

  import Foundation
  import Testing

  /// `--progress dashboard` in a pseudo terminal: what it shows, and the terminal after every end.
  @Suite(.enabled(if: PseudoTerminal.isAvailable), .serialized)
  struct DashboardTests {
    private struct Session {
      let scratch: Scratch
      let terminal: PseudoTerminal
      let process: Process
      let before: [UInt32]
    }

    /// Starts a run of `epochs` epochs in a terminal.
    private func start(
      columns: Int = 80, rows: Int = 24, epochs: Int = 100_000, shell: String? = nil,
      environment: [String: String] = [:], _ more: String...
    ) throws -> Session {
      let scratch = try Scratch()
      try scratch.makeDigits()
      let terminal = try PseudoTerminal(columns: columns, rows: rows)
      let before = terminal.modes
      let arguments = tinyRun("run", "--epochs", "\(epochs)", "--progress", "dashboard") + more
      let process = Program.process("train", arguments, shell: shell, in: scratch)
      process.environment?["TERM"] = "xterm-256color"
      process.environment?["NO_COLOR"] = nil
      for (name, value) in environment { process.environment?[name] = value }
      try terminal.start(process)
      return Session(scratch: scratch, terminal: terminal, process: process, before: before)
    }

    /// Waits until the view shows an epoch.
    private func waitForView(_ session: Session) {
      let terminal = session.terminal
      #expect(terminal.read { terminal.screen.isAlternate && terminal.shows("best epoch") })
    }

    /// Waits for the end, and expects the terminal as it was.
    private func expectWhole(
      _ session: Session, status: Int32, reason: Process.TerminationReason = .exit
    ) {
      let terminal = session.terminal
      #expect(terminal.read { !session.process.isRunning })
      // A guard needs a moment more.
      terminal.read(seconds: 5) { !terminal.screen.isAlternate && terminal.modes == session.before }
      terminal.readRest()
      #expect(session.process.terminationReason == reason)
      #expect(session.process.terminationStatus == status)
      #expect(!terminal.screen.isAlternate && terminal.screen.isCursorVisible)
      #expect(terminal.modes == session.before)
      #expect(terminal.screen.unknown == [])
    }

    @Test(arguments: [(80, 24), (40, 10), (200, 60)])
    func aRunIsShownAndItsLinesStay(_ columns: Int, _ rows: Int) throws {
      let session = try start(columns: columns, rows: rows)
      let terminal = session.terminal
      waitForView(session)
      #expect(!terminal.screen.isCursorVisible)
      #expect(terminal.modes != session.before)
      let lines = terminal.screen.lines
      #expect(lines.count == rows)
      #expect(lines[rows - 1].hasPrefix("q stops and saves"))
      #expect(lines.contains { $0.contains("loss") && $0.contains("acc") })
      #expect(lines.contains { $0.contains("/600000") || $0.hasPrefix("epoch ") })
      #expect(terminal.shows("rate") && terminal.shows("images/s"))
      let braille: ClosedRange<Character> = "\u{2801}"..."\u{28FF}"
      #expect(
        terminal.read { terminal.screen.lines.contains { $0.contains { braille.contains($0) } } })
      terminal.type("q")
      #expect(terminal.read { !session.process.isRunning || terminal.shows("stopping after") })
      expectWhole(session, status: 130)
      // The lines that were written meanwhile are on the normal screen.
      let text = String(decoding: terminal.received, as: UTF8.self)
      let end = text[text.range(of: "\u{1B}[?1049l")!.upperBound...]
      #expect(end.contains("epoch 1: ") && end.contains("warning: stopped after step "))
      #expect(session.scratch.names("run/checkpoints").count > 1)
    }

    @Test func theViewFollowsTheWindow() throws {
      let session = try start()
      let terminal = session.terminal
      waitForView(session)
      terminal.resize(columns: 40, rows: 10)
      #expect(terminal.read { terminal.screen.lines[9].hasPrefix("q stops and saves") })
      #expect(terminal.read { terminal.screen.lines[0].hasPrefix("epoch ") })
      terminal.resize(columns: 30, rows: 5)
      #expect(terminal.read { terminal.screen.lines[0] == "30 × 5 is too small" })
      terminal.resize(columns: 120, rows: 40)
      #expect(terminal.read { terminal.screen.lines[39].hasPrefix("q stops and saves") })
      #expect(terminal.read { terminal.screen.lines[0].contains("on mnist  run") })
      session.process.terminate()
      expectWhole(session, status: 143)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func signalsLeaveTheTerminalWhole(_ signal: Int32) throws {
      let session = try start()
      waitForView(session)
      kill(session.process.processIdentifier, signal)
      expectWhole(session, status: 128 + signal)
      #expect(session.terminal.shows("warning: stopped after step "))
    }

    /// The second signal ends the process in the handler, at any moment of a drawing.
    @Test func aSecondSignalLeavesTheTerminalWhole() throws {
      for pause in [0, 1_000, 20_000] as [UInt32] {
        let session = try start()
        waitForView(session)
        kill(session.process.processIdentifier, SIGINT)
        usleep(pause)
        kill(session.process.processIdentifier, SIGINT)
        expectWhole(session, status: 130)
      }
    }

    /// The guard restores the terminal where the process cannot.
    @Test(arguments: [SIGKILL, SIGABRT, SIGQUIT])
    func aKilledRunLeavesTheTerminalWhole(_ signal: Int32) throws {
      let session = try start()
      waitForView(session)
      kill(session.process.processIdentifier, signal)
      expectWhole(session, status: signal, reason: .uncaughtSignal)
      #expect(session.terminal.shows("epoch 1: "))
    }

    @Test func aRunThatEndsShowsItsTest() throws {
      let session = try start(epochs: 3)
      expectWhole(session, status: 0)
      let lines = session.terminal.screen.lines
      #expect(lines.contains { $0.hasPrefix("epoch 3: ") })
      #expect(lines.contains { $0.hasPrefix("test: loss ") })
    }

    /// An error ends the run with its message on the normal screen.
    @Test func anErrorIsReadAfterwards() throws {
      let session = try start("--lr", "1e30", "--opt", "sgd")
      expectWhole(session, status: 5)
      #expect(session.terminal.shows("error: "))
    }

    /// Ctrl-C and Ctrl-Z as keys of a terminal that controls the process, under a shell with jobs.
    @Test(.enabled(if: access("/usr/bin/setsid", X_OK) == 0)) func keysSendTheirSignals() throws {
      let session = try start(
        shell:
          #"exec setsid -c -w bash -c 'set -m; "$@"; echo "stopped $?"; sleep 1; fg; echo "ended $?"' bash "$@""#
      )
      let terminal = session.terminal
      waitForView(session)
      terminal.type("\u{1A}")
      #expect(terminal.read { terminal.shows("stopped 148") })
      #expect(!terminal.screen.isAlternate && terminal.screen.isCursorVisible)
      #expect(terminal.modes == session.before)
      #expect(terminal.read { terminal.screen.isAlternate && terminal.shows("best epoch") })
      terminal.type("\u{3}")
      #expect(terminal.read { terminal.shows("ended 130") })
      expectWhole(session, status: 0)
    }

    @Test func colorsAreLeftOutOnRequest() throws {
      for (value, hasColor) in [("", true), ("1", false)] {
        let session = try start(epochs: 2000, environment: ["NO_COLOR": value])
        waitForView(session)
        session.terminal.type("q")
        expectWhole(session, status: 130)
        let text = String(decoding: session.terminal.received, as: UTF8.self)
        #expect(text.contains("\u{1B}[36m") == hasColor)
      }
    }

    /// Where there can be no view, lines are written, and one line says so.
    @Test(arguments: [
      ("dumb", 80, 24, "TERM is “dumb”"), ("", 80, 24, "TERM is “”"),
      ("xterm", 39, 24, "the window has 39 × 24 characters (expected at least 40 × 10)"),
      ("xterm", 80, 9, "the window has 80 × 9 characters"),
    ])
    func otherTerminalsGetLines(
      _ term: String, _ columns: Int, _ rows: Int, _ reason: String
    ) throws {
      let session = try start(
        columns: columns, rows: rows, epochs: 1, environment: ["TERM": term], "--log-every", "1")
      expectWhole(session, status: 0)
      let text = String(decoding: session.terminal.received, as: UTF8.self)
      #expect(text.contains("warning: --progress dashboard: \(reason)"))
      #expect(text.components(separatedBy: "--progress dashboard").count == 2)
      #expect(text.contains("  step 1/") && !text.contains("\u{1B}["))
    }

    /// The view needs a file without a name for the standard streams.
    @Test func aRefusedViewIsToldAndReplacedByLines() throws {
      let session = try start(
        epochs: 1, environment: ["TMPDIR": "/nowhere"], "--log-every", "1")
      expectWhole(session, status: 0)
      let text = String(decoding: session.terminal.received, as: UTF8.self)
        .replacingOccurrences(of: "\r\n", with: "\n")
      #expect(
        text.contains(
          """
          warning: --progress dashboard: no file can be created in TMPDIR, /nowhere (No such file or \
          directory); lines are written instead.

          """))
      #expect(text.components(separatedBy: "--progress dashboard").count == 2)
      #expect(text.contains("  step 1/") && !text.contains("\u{1B}["))
    }

    @Test func aPipeGetsLines() throws {
      let scratch = try Scratch()
      try scratch.makeDigits()
      let arguments = tinyRun("runs", "--epochs", "1", "--progress", "dashboard")
      let outcome = try Program.run("train", arguments + ["--seeds", "2"], in: scratch)
      #expect(outcome.status == 0)
      #expect(
        outcome.errors.components(separatedBy: "--progress dashboard: standard output or").count
          == 2)
      #expect(!outcome.errors.contains("\u{1B}") && !outcome.output.contains("\u{1B}"))
      for (flag, message) in [
        ("--fast-dev-run", "--fast-dev-run and --progress dashboard exclude each other."),
        ("--find-lr", "--find-lr and --progress dashboard exclude each other."),
      ] {
        try Program.run("train", ["--progress", "dashboard", flag], in: scratch)
          .expectFailure(2, "\(message)…")
      }
      try Program.run("datasets", ["download", "mnist", "--progress", "dashboard"], in: scratch)
        .expectFailure(
          2, "The value 'dashboard' is invalid for '--progress <progress>'. Please provide one of…")
    }
  }
#endif
