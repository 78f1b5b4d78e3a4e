import Foundation
import Testing

/// Signals at critical moments.
@Suite struct SignalTests {
  /// Waits until `condition` is true, for at most ten seconds.
  private func wait(until condition: () -> Bool) {
    let deadline = Date.now.addingTimeInterval(10)
    while !condition(), Date.now < deadline { usleep(1_000) }
  }

  private func start(
    _ name: String, _ arguments: [String], in scratch: Scratch
  ) throws -> Process {
    let process = Program.process(name, arguments, in: scratch)
    for stream in ["out", "err"] {
      _ = FileManager.default.createFile(atPath: scratch.path(stream), contents: nil)
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: scratch.path("out"))
    process.standardError = FileHandle(forWritingAtPath: scratch.path("err"))
    try process.run()
    return process
  }

  /// The epochs would take minutes, so only a signal ends the run.
  private func endless(_ run: String) -> [String] { tinyRun(run, "--epochs", "100000") }

  @Test func theLineTellsHowToGoOn() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let process = try start("train", endless("run"), in: scratch)
    wait { scratch.names("run/checkpoints").count > 1 }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let newest = try #require(scratch.names("run/checkpoints").last)
    let step = try #require(Int(newest.dropFirst("step-".count).prefix(10)))
    #expect(
      try scratch.text("err").hasSuffix(
        "\nwarning: stopped after step \(step). Go on by `swift run train --resume run`.\n"))
    // The metrics have all steps of the run and no others.
    let lines = try scratch.text("run/metrics.jsonl").split(separator: "\n")
    #expect(lines.count { $0.hasPrefix(#"{"kind":"step""#) } == step)
    #expect(!lines.contains { $0.hasPrefix(#"{"kind":"test""#) })
  }

  /// The same signal twice: at whatever moment the second one arrives, the run can be resumed.
  @Test func aSecondSignalDoesNoHarm() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for (number, signal) in [SIGINT, SIGTERM, SIGHUP, SIGINT].enumerated() {
      let run = "run-\(number)"
      let process = try start("train", endless(run), in: scratch)
      wait { scratch.names("\(run)/checkpoints").count > 1 }
      kill(process.processIdentifier, signal)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 128 + signal)
      let newest = try #require(
        scratch.names("\(run)/checkpoints").filter { $0.hasPrefix("step-") }.max())
      let step = try #require(Int(newest.filter(\.isNumber)))
      let resumed = try Program.run(
        "train", ["--resume", run, "--max-steps", "\(step)", "--progress", "none"], in: scratch)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.errorLines.isEmpty, "\(resumed.errors)")
    }
  }

  /// `nohup train` continues after its terminal is closed.
  @Test func aRunThatIgnoresHangUpGoesOn() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let process = Program.process(
      "train", endless("run"), shell: "trap '' HUP; exec \"$@\" >/dev/null 2>&1", in: scratch)
    try process.run()
    wait { scratch.names("run/checkpoints").count > 1 }
    kill(process.processIdentifier, SIGHUP)
    let before = scratch.names("run/checkpoints")
    wait { scratch.names("run/checkpoints") != before }
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
  }

  /// A command that has nothing to save ends at the first signal.
  @Test(arguments: [SIGINT, SIGTERM])
  func evaluateEndsAtOnce(_ signal: Int32) throws {
    let scratch = try Scratch()
    let sample = Program.packageFolder.appending(path: "data/mnist-sample")
    let trained = try Program.run(
      "train",
      [
        "--data-dir", sample.path(percentEncoded: false), "--arch", "conv(16,5) fc(classes)",
        "--run-dir", "run", "--max-steps", "1", "--batch-size", "8", "--val-split", "10",
        "--progress", "none",
      ], in: scratch)
    try #require(trained.status == 0, "\(trained.errors)")
    // Billions of products, which take the plain loops a second.
    let process = try start(
      "evaluate", ["run", "--split", "train", "--kernels", "portable", "--threads", "1"],
      in: scratch)
    usleep(50_000)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == signal)
    #expect(!scratch.exists("run/report/report.json"))
  }
}
