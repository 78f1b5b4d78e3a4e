import Foundation
import Testing

/// Full disks and places that cannot be written to: saved files stay, a warning is shown, and the
/// exit code is 4 if the last save failed.
@Suite struct DiskTests {
  private func digits() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    return scratch
  }

  private static let limit = "ulimit -f 32; exec \"$@\""

  /// The limit on the size of files allows metrics but not checkpoints.
  @Test func aRunWithoutSpaceForCheckpointsFails() throws {
    let scratch = try digits()
    let outcome = try Program.run(
      "train", tinyRun("run", "--epochs", "2"), shell: Self.limit, in: scratch)
    #expect(outcome.status == 4, "\(outcome.errors)")
    let warnings = outcome.errors.split(separator: "\n").filter {
      !$0.contains("not the published")
    }
    #expect(warnings.count == 3, "\(outcome.errors)")
    for (warning, step) in zip(warnings, [0, 7, 14]) {
      let number = String(repeating: "0", count: step < 10 ? 9 : 8) + "\(step)"
      #expect(
        warning == "warning: the checkpoint of step \(step) was not saved: "
          + "run/checkpoints/step-\(number).safetensors: cannot be written "
          + "(File too large while writing). Choose a folder on a file system that takes larger files."
      )
    }
    #expect(scratch.names("run/checkpoints") == [], "nothing half-written is left")
    let lines = try scratch.text("run/metrics.jsonl").split(separator: "\n")
    #expect(lines.count == 14 + 2 + 1, "training went on")
  }

  /// The disk is full from the third epoch on. Two epochs are kept. Without the limit, the resumed
  /// run ends like an undisturbed run.
  @Test func theRunResumesFromTheLastSavedEpoch() throws {
    let scratch = try digits()
    let epochs = ["--epochs", "4"]
    #expect(try Program.run("train", tinyRun("whole") + epochs, in: scratch).status == 0)
    let first = tinyRun("run", "--max-steps", "14") + epochs
    #expect(try Program.run("train", first, in: scratch).status == 0)
    let resume = ["--resume", "run", "--max-steps", "1000", "--progress", "none"]
    let limited = try Program.run("train", resume, shell: Self.limit, in: scratch)
    #expect(limited.status == 4, "\(limited.errors)")
    #expect(
      scratch.names("run/checkpoints").filter { $0.hasPrefix("step") } == [
        "step-0000000007.safetensors", "step-0000000014.safetensors",
      ])

    let resumed = try Program.run("train", resume, in: scratch)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errorLines.isEmpty, "\(resumed.errors)")
    #expect(scratch.names("run/checkpoints") == scratch.names("whole/checkpoints"))
    for name in scratch.names("whole/checkpoints") {
      #expect(
        try scratch.bytes("run/checkpoints/\(name)") == scratch.bytes("whole/checkpoints/\(name)"),
        "\(name)")
    }
    #expect(try scratch.bytes("run/metrics.jsonl") == scratch.bytes("whole/metrics.jsonl"))
  }

  /// Images cannot be written: a warning is shown, and the run succeeds.
  @Test func aFailedImageDoesNotEndTheRun() throws {
    let scratch = try digits()
    let first = tinyRun("run", "--epochs", "2", "--max-steps", "3")
    #expect(try Program.run("train", first, in: scratch).status == 0)
    try scratch.write([1], "run/filters")
    let outcome = try Program.run(
      "train",
      ["--resume", "run", "--max-steps", "7", "--filters-every", "1", "--progress", "none"],
      in: scratch)
    #expect(outcome.status == 0)
    #expect(outcome.errorLines.isEmpty)
    #expect(
      outcome.errors.contains("\nwarning: run/filters: cannot be written"), "\(outcome.errors)")
    #expect(scratch.exists("run/checkpoints/step-0000000007.safetensors"))
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self")),
    arguments: [("/proc/run", "/proc/run"), ("file/run", "file"), ("file", "file")])
  func noRunDirectoryCanBeMade(_ run: String, _ told: String) throws {
    let scratch = try digits()
    try scratch.write([1], "file")
    let outcome = try Program.run("train", tinyRun(run), in: scratch)
    #expect(outcome.status == 4)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(outcome.errorLines.first?.hasPrefix("error: \(told)") == true, "\(outcome.errors)")
    #expect(outcome.errors.contains("cannot be written"), "\(outcome.errors)")
    #expect(try scratch.bytes("file") == [1])
  }

  /// Streams are on a full disk, or closed. Only standard output on a full disk ends a run.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func onlyStandardOutputOnAFullDiskEndsARun() throws {
    let scratch = try digits()
    #expect(try Program.run("train", tinyRun("good", "--epochs", "1"), in: scratch).status == 0)
    for (number, (streams, status)) in [
      (">/dev/full", 4), (">&-", 0), ("2>/dev/full", 0), ("2>&-", 0), ("<&-", 0),
      ("<&- >&- 2>&-", 0), ("<&- >&- 2>/dev/full", 0),
    ].enumerated() {
      let run = "run-\(number)"
      let outcome = try Program.run(
        "train", tinyRun(run, "--epochs", "1", "--progress", "plain", "--log-every", "1"),
        shell: "exec \"$@\" \(streams)", in: scratch)
      #expect(outcome.status == Int32(status), "\(streams): \(outcome.errors)")
      guard status == 0 else {
        #expect(
          outcome.errorLines == [
            "error: standard output: no space left. Free some space or choose another file."
          ])
        continue
      }
      // No file got the number of a closed stream and with it the output of the console.
      for file in ["checkpoints/best.safetensors", "metrics.jsonl"] {
        #expect(
          try scratch.bytes("\(run)/\(file)") == scratch.bytes("good/\(file)"), "\(streams)")
      }
      #expect(Int(try scratch.text("\(run)/.lock").dropLast()) != nil, "\(streams)")
    }
    for arguments in [["good"], ["good", "--json"]] {
      let outcome = try Program.run(
        "evaluate", arguments, shell: "exec \"$@\" >/dev/full", in: scratch)
      #expect(outcome.status == 4)
      #expect(
        outcome.errorLines == [
          "error: standard output: no space left. Free some space or choose another file."
        ])
    }
  }

  /// `train | head -0`: the reader ends before the first line, and the run continues.
  @Test func aRunContinuesWithoutItsReader() throws {
    let scratch = try digits()
    let script = "set -o pipefail; { sleep 0.2; exec \"$@\"; } | exec true"
    let outcome = try Program.run(
      "train", tinyRun("run", "--epochs", "1"), shell: script, in: scratch)
    #expect(outcome.status == 0)
    #expect(outcome.errorLines.isEmpty, "\(outcome.errors)")
    #expect(try scratch.text("run/metrics.jsonl").contains(#"{"kind":"test""#))
  }
}
