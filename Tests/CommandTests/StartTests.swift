import Foundation
import Testing

/// The start of runs: several at once, again, and with too few threads.
@Suite struct StartTests {
  private func digits() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    return scratch
  }

  @Test func runsStartedTogetherGetDifferentDirectories() throws {
    let scratch = try digits()
    let processes = (0..<6).map { _ in
      let process = Program.process(
        "train",
        [
          "--data-dir", "digits", "--arch", "fc(classes)", "--max-steps", "1", "--progress",
          "none", "--threads", "1",
        ], in: scratch)
      process.standardOutput = FileHandle.nullDevice
      return process
    }
    for process in processes { try process.run() }
    for process in processes {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    #expect(scratch.names("runs") == (1...6).map { "mnist-custom-\($0)" })
  }

  /// The files of a run that was killed before its first checkpoint.
  @Test func aRunThatWasKilledEarlyStartsAgain() throws {
    let scratch = try digits()
    let whole = try Program.run("train", tinyRun("whole", "--max-steps", "3"), in: scratch)
    try #require(whole.status == 0, "\(whole.errors)")
    for name in ["config.yaml", "environment.json", ".lock"] {
      try scratch.write(scratch.bytes("whole/\(name)"), "early/\(name)")
    }
    try scratch.write([], "early/metrics.jsonl")
    try scratch.write([1], "early/checkpoints/.partial-1-1")

    try Program.run("train", ["--resume", "early"], in: scratch).expectFailure(
      1,
      "early: the run ended before its first checkpoint (found none in checkpoints/). "
        + "Start it again by `swift run train --recipe early/config.yaml --run-dir early`.")
    let again = try Program.run(
      "train",
      ["--recipe", "early/config.yaml", "--run-dir", "early", "--progress", "none"], in: scratch)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try scratch.bytes("early/metrics.jsonl") == scratch.bytes("whole/metrics.jsonl"))
  }

  /// A folder with another program's config.yaml is not changed.
  @Test func anotherProgramsFolderIsNotARun() throws {
    let scratch = try digits()
    try scratch.write(Array("mine: true\n".utf8), "other/config.yaml")
    let outcome = try Program.run("train", tinyRun("other"), in: scratch)
    #expect(outcome.status == 2, "\(outcome.errors)")
    #expect(scratch.names("other") == ["config.yaml"])
  }

  /// Stacks of 1 GB in an address space of 2.5 GB.
  @Test func threadsThatCannotBeStartedAreOneLine() throws {
    let scratch = try digits()
    let outcome = try Program.run(
      "train", tinyRun("run", "--threads", "8"),
      shell: "ulimit -s 1000000; ulimit -v 2500000; exec \"$@\"", in: scratch)
    #expect(outcome.status == 2)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(
      outcome.errorLines.first?.hasPrefix("error: --threads: 8 threads cannot be started (") == true
    )
    #expect(!scratch.exists("run"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset")))
  func threadsAreAsManyAsTheProcessMayUse() throws {
    let scratch = try digits()
    let outcome = try Program.run(
      "train",
      [
        "--data-dir", "digits", "--arch", "fc(classes)", "--max-steps", "1", "--run-dir", "run",
      ], shell: "taskset -c 0 \"$@\"", in: scratch)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\n1 thread, "), "\(outcome.output)")
  }

  @Test(arguments: [
    ("nesterov: True", "nesterov: true"), ("nesterov: FALSE", "nesterov: false"),
    ("limit-train: null", nil), ("limit-train: ~", nil), ("limit-train: Null", nil),
    ("limit-train: 20", "limit-train: 20"), ("limit-train: \"20\"", "limit-train: 20"),
  ])
  func recipesAreReadAsYAMLHasThem(_ line: String, _ expected: String?) throws {
    let scratch = try digits()
    try scratch.write(Array("\(line)\n".utf8), "recipe.yaml")
    let outcome = try Program.run(
      "train", tinyRun("run", "--max-steps", "1", "--recipe", "recipe.yaml"), in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let config = try scratch.text("run/config.yaml")
    let key = String(line.prefix { $0 != ":" })
    #expect(
      config.split(separator: "\n").first { $0.hasPrefix("\(key):") }.map(String.init) == expected)
  }
}
