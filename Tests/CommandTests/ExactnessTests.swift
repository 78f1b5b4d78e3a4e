import Foundation
import Tensors
import Testing

@Suite struct ExactnessTests {
  /// A network that draws random numbers in each step.
  private static let dropout =
    "conv(3,3) pool(2) relu dropout(0.25) fc(12) relu dropout(0.5) fc(classes)"

  private func checkpoint(_ scratch: Scratch, _ run: String, _ step: Int) throws -> [UInt8] {
    let digits = String(step)
    let padded = String(repeating: "0", count: 10 - digits.count) + digits
    return try scratch.bytes("\(run)/checkpoints/step-\(padded).safetensors")
  }

  /// With default settings on the sample, the result does not depend on threads and kernels.
  @Test func threadsAndKernelsLeaveNoTrace() throws {
    let scratch = try Scratch()
    var reference: (checkpoint: [UInt8], metrics: [UInt8])?
    for set in KernelSet.available where set != .portable {
      for threads in 1...4 {
        let run = "run-\(set.rawValue)-\(threads)"
        let outcome = try Program.run(
          "train",
          [
            "--no-download", "--run-dir", run, "--max-steps", "20", "--threads", "\(threads)",
            "--kernels",
            set.rawValue, "--progress", "none", "--filters-every", "0",
          ], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let found = (
          checkpoint: try checkpoint(scratch, run, 20),
          metrics: try scratch.bytes("\(run)/metrics.jsonl")
        )
        if let reference {
          #expect(found.checkpoint == reference.checkpoint, "\(run)")
          #expect(found.metrics == reference.metrics, "\(run)")
        } else {
          reference = found
        }
      }
    }
  }

  @Test func portableKernelsGiveTheSameBits() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for set in [KernelSet.best, .portable] {
      let outcome = try Program.run(
        "train", tinyRun(set.rawValue, "--max-steps", "5", "--kernels", set.rawValue),
        in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let best = KernelSet.best.rawValue
    #expect(try checkpoint(scratch, best, 5) == checkpoint(scratch, "portable", 5))
  }

  /// Augmented images do not depend on the thread that computes them.
  @Test func augmentationIsTheSameOnAnyThreads() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(training: 100)
    let augmentation =
      "altflip translate(2) rotate(20) zoom(0.1) erase(0.5) contrast(0.2) mixup(0.3)"
    for threads in 1...4 {
      let outcome = try Program.run(
        "train",
        tinyRun(
          "run-\(threads)", "--augment", augmentation, "--epochs", "2", "--threads", "\(threads)"),
        in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let last = try #require(scratch.names("run-1/checkpoints").last)
    for threads in 2...4 {
      for file in ["checkpoints/\(last)", "metrics.jsonl"] {
        #expect(
          try scratch.bytes("run-\(threads)/\(file)") == scratch.bytes("run-1/\(file)"),
          "\(threads): \(file)")
      }
    }
    let plain = try Program.run("train", tinyRun("plain", "--epochs", "2"), in: scratch)
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(try scratch.bytes("plain/metrics.jsonl") != scratch.bytes("run-1/metrics.jsonl"))
  }

  /// Stopped at every step of a run, and resumed with another number of threads.
  @Test func resumesToTheBitFromEveryStep() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let more = ["--epochs", "6", "--momentum", "0.9", "--seed", "5"]
    let whole = try Program.run(
      "train", tinyRun("whole", network: Self.dropout) + more, in: scratch)
    #expect(whole.status == 0, "\(whole.errors)")
    // 50 examples in batches of 8: seven steps per epoch, the last one with two examples.
    let steps = 42
    let expected = try checkpoint(scratch, "whole", steps)
    let metrics = try scratch.bytes("whole/metrics.jsonl")

    for stop in 1..<steps {
      let run = "stopped-\(stop)"
      let first = try Program.run(
        "train", tinyRun(run, network: Self.dropout) + more + ["--max-steps", "\(stop)"],
        in: scratch)
      #expect(first.status == 0, "\(first.errors)")
      let second = try Program.run(
        "train",
        [
          "--resume", run, "--threads", "\(1 + stop % 3)", "--max-steps", "1000000",
          "--progress", "none",
        ], in: scratch)
      #expect(second.status == 0, "\(second.errors)")
      #expect(try checkpoint(scratch, run, steps) == expected, "stopped at \(stop)")
      #expect(try scratch.bytes("\(run)/metrics.jsonl") == metrics, "stopped at \(stop)")
    }
  }

  /// Averages, a plateau and an early end: stopped at odd steps, and resumed on other threads.
  @Test(arguments: [
    ["--ema", "0.9", "--lookahead", "every=3,decay=0.5", "--keep", "best"],
    ["--swa", "2", "--sched", "plateau(patience=0,threshold=0.5)", "--warmup", "5steps"],
    ["--patience", "2", "--ema", "0.8", "--sched", "cosine(restart=2)"],
    ["--proxy", "conv(3,5) pool(4) fc(classes)", "--hardest", "keep=3,every=2"],
  ])
  func averagesResumeToTheBit(_ settings: [String]) throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let network = "conv(3,3) bn pool(2) relu fc(classes)"
    let more = ["--epochs", "6", "--seed", "5"] + settings
    let whole = try Program.run("train", tinyRun("whole", network: network) + more, in: scratch)
    #expect(whole.status == 0, "\(whole.errors)")
    let names = scratch.names("whole/checkpoints")
    let last = try #require(names.last)
    for stop in [3, 9, 13] {
      let run = "stopped-\(stop)"
      let first = try Program.run(
        "train", tinyRun(run, network: network) + more + ["--max-steps", "\(stop)"], in: scratch)
      #expect(first.status == 0, "\(first.errors)")
      let second = try Program.run(
        "train",
        [
          "--resume", run, "--threads", "3", "--max-steps", "1000000", "--progress", "none",
        ], in: scratch)
      #expect(second.status == 0, "\(second.errors)")
      for file in ["checkpoints/\(last)", "checkpoints/best.safetensors", "metrics.jsonl"] {
        #expect(
          try scratch.bytes("\(run)/\(file)") == scratch.bytes("whole/\(file)"),
          "stopped at \(stop): \(file)")
      }
    }
  }

  /// `--keep best` tests the best checkpoint, and `evaluate` takes it.
  @Test func theBestEpochIsTested() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run(
      "train",
      tinyRun(
        "run", "--epochs", "6", "--keep", "best", "--augment", "none", "--weight-decay", "0"),
      in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    try #require(outcome.output.contains("testing the network of epoch "), "\(outcome.output)")
    let best = try Program.run("evaluate", ["run"], in: scratch)
    #expect(best.output.hasPrefix("run/checkpoints/best.safetensors on 12 test"), "\(best.output)")
    let report = try scratch.text("run/report/report.json")
    let tested = try #require(
      try scratch.text("run/metrics.jsonl").split(separator: "\n").last)
    let loss = try #require(tested.firstMatch(of: #/"loss":([0-9.e-]+)/#)?.1)
    #expect(report.contains("\"loss\":\(loss),"), "\(tested) \(report)")
  }

  @Test(arguments: [(SIGINT, 130 as Int32), (SIGTERM, 143 as Int32)])
  func aSignalSavesAndTheRunGoesOn(_ signal: Int32, _ status: Int32) throws {
    let scratch = try Scratch()
    try scratch.makeDigits(training: 3000)
    let more = ["--epochs", "30", "--seed", "9"]
    #expect(try Program.run("train", tinyRun("whole") + more, in: scratch).status == 0)

    let process = Program.process("train", tinyRun("stopped") + more, in: scratch)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let deadline = Date.now.addingTimeInterval(30)
    while scratch.names("stopped/checkpoints").count < 2, Date.now < deadline { usleep(2_000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    try #require(process.terminationStatus == status, "the run ended before the signal came")

    let resumed = try Program.run(
      "train", ["--resume", "stopped", "--progress", "none"], in: scratch)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let last = try #require(scratch.names("whole/checkpoints").last)
    #expect(
      try scratch.bytes("stopped/checkpoints/\(last)") == scratch.bytes("whole/checkpoints/\(last)")
    )
    #expect(
      try scratch.bytes("stopped/metrics.jsonl") == scratch.bytes("whole/metrics.jsonl"))
  }

  /// If the newest checkpoint is damaged, the previous one is used, and the result is the same.
  @Test func goesOnFromTheCheckpointBefore() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    #expect(try Program.run("train", tinyRun("whole", "--epochs", "3"), in: scratch).status == 0)
    let expected = try scratch.bytes("whole/checkpoints/step-0000000021.safetensors")
    let metrics = try scratch.bytes("whole/metrics.jsonl")
    var damaged = expected
    damaged[damaged.count / 2] ^= 1
    try scratch.write(damaged, "whole/checkpoints/step-0000000021.safetensors")

    let outcome = try Program.run(
      "train", ["--resume", "whole", "--progress", "none"], in: scratch)
    #expect(outcome.status == 0)
    let warning = "whole/checkpoints/step-0000000021.safetensors: damaged"
    #expect(outcome.errors.contains(warning), "\(outcome.errors)")
    #expect(try scratch.bytes("whole/checkpoints/step-0000000021.safetensors") == expected)
    #expect(try scratch.bytes("whole/metrics.jsonl") == metrics)
  }

  /// `config.yaml` is a recipe for the same run.
  @Test func theConfigurationRepeatsTheRun() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let first = try Program.run(
      "train",
      tinyRun(
        "first", "--epochs", "1.5", "--lr", "0.05", "--sched", "steps(1:0.05,2:0.01)",
        "--nesterov", "--momentum", "0.5", "--weight-decay-on", "conv1.weight", "--mean", "-0.5"),
      in: scratch)
    #expect(first.status == 0, "\(first.errors)")
    let second = try Program.run(
      "train",
      ["--recipe", "first/config.yaml", "--run-dir", "second", "--progress", "none"], in: scratch)
    #expect(second.status == 0, "\(second.errors)")
    #expect(scratch.names("first/checkpoints") == scratch.names("second/checkpoints"))
    for name in scratch.names("first/checkpoints") {
      #expect(
        try scratch.bytes("first/checkpoints/\(name)")
          == scratch.bytes("second/checkpoints/\(name)"))
    }
  }

  /// Two micro-batches of 16 equal one batch of 32.
  @Test func accumulationIsALargeBatch() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(training: 100)
    var losses: [[Double]] = []
    for (run, size, parts) in [("large", "32", "1"), ("parts", "16", "2")] {
      let outcome = try Program.run(
        "train",
        tinyRun(run, network: Self.dropout, "--epochs", "4") + [
          "--batch-size", size, "--accumulate", parts,
        ],
        in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
      losses.append(
        try scratch.text("\(run)/metrics.jsonl").split(separator: "\n")
          .filter { $0.hasPrefix(#"{"kind":"step""#) }
          .compactMap { line in
            let fields = try? JSONSerialization.jsonObject(with: Data(line.utf8))
            return (fields as? [String: Any])?["loss"] as? Double
          })
    }
    #expect(losses[0].count == 12 && losses[1].count == 12)
    for (large, parts) in zip(losses[0], losses[1]) {
      #expect(abs(large - parts) <= 1e-6 * max(1, large))
    }
  }
}
