import Foundation
import Testing

/// The settings that may change when a run is resumed, and the state that is restored.
@Suite struct ResumeTests {
  private func start(_ more: String...) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run("train", tinyRun("run") + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return scratch
  }

  @discardableResult
  private func resume(_ scratch: Scratch, _ more: String...) throws -> Program.Outcome {
    let outcome = try Program.run(
      "train", ["--resume", "run", "--progress", "none"] + more, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errorLines.isEmpty, "\(outcome.errors)")
    return outcome
  }

  /// The checkpoint of a step records the epochs at that time and is never changed.
  @Test func epochsMayGrowAfterAnyStop() throws {
    let scratch = try start("--epochs", "2", "--max-steps", "5", "--sched", "constant")
    let stopped = try scratch.bytes("run/checkpoints/step-0000000005.safetensors")
    // There is nothing left to do within five steps.
    #expect(!(try resume(scratch, "--epochs", "3").errors.contains("was not saved")))
    #expect(try scratch.bytes("run/checkpoints/step-0000000005.safetensors") == stopped)
    #expect(try scratch.text("run/config.yaml").contains("\nepochs: 3.0\n"))

    try resume(scratch, "--max-steps", "1000")
    let whole = try Program.run(
      "train", tinyRun("whole", "--epochs", "3", "--sched", "constant"), in: scratch)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(
      scratch.names("run/checkpoints") == scratch.names("whole/checkpoints"))
    #expect(
      try scratch.bytes("run/checkpoints/step-0000000021.safetensors")
        == scratch.bytes("whole/checkpoints/step-0000000021.safetensors"))
    #expect(try scratch.bytes("run/metrics.jsonl") == scratch.bytes("whole/metrics.jsonl"))
  }

  /// A setting that one resumed run changes holds for the next one.
  @Test func theNextContinuationKnows() throws {
    let scratch = try start("--epochs", "3", "--max-steps", "3")
    try resume(scratch, "--max-steps", "9", "--log-every", "4", "--filters-every", "7")
    let configuration = try scratch.text("run/config.yaml")
    for line in ["max-steps: 9", "log-every: 4", "filters-every: 7", "data-dir: digits"] {
      #expect(configuration.contains("\n\(line)\n"), "\(configuration)")
    }
    let metrics = try scratch.bytes("run/metrics.jsonl")
    // All nine steps are done, so the run only tests again.
    try resume(scratch)
    #expect(try scratch.bytes("run/metrics.jsonl") == metrics)
    #expect(scratch.exists("run/checkpoints/step-0000000009.safetensors"))
  }

  /// Images are drawn after the checkpoint: a run that was killed in between draws them later.
  @Test func drawsTheFiltersThatAreMissing() throws {
    let scratch = try start("--epochs", "2", "--max-steps", "7", "--filters-every", "1")
    let image = "run/filters/epoch-001-conv1.png"
    let drawn = try scratch.bytes(image)
    try FileManager.default.removeItem(atPath: scratch.path(image))
    try resume(scratch, "--max-steps", "9")
    #expect(try scratch.bytes(image) == drawn)
  }

  /// A temporary file, and lines after those that the checkpoint records.
  @Test func whatAKilledRunLeavesIsRemoved() throws {
    let scratch = try start("--epochs", "2")
    let names = scratch.names("run/checkpoints")
    let metrics = try scratch.bytes("run/metrics.jsonl")
    let all = scratch.names("run")
    for folder in ["checkpoints", "filters", "plots", "."] {
      try scratch.write([1, 2, 3], "run/\(folder)/.partial-1-0")
    }
    try scratch.write(metrics + Array("{\"kind\":\"step\"".utf8), "run/metrics.jsonl")
    try resume(scratch)
    #expect(scratch.names("run/checkpoints") == names)
    #expect(scratch.names("run/plots") == ["training.svg"])
    #expect(scratch.names("run/filters").isEmpty)
    #expect(scratch.names("run").filter { $0 != "filters" } == all)
    #expect(try scratch.bytes("run/metrics.jsonl") == metrics)
  }

  /// A run of two epochs of seven steps, cut after three, cannot end earlier than it did.
  @Test func theEndCannotLieBehind() throws {
    let scratch = try start("--epochs", "2", "--max-steps", "3")
    let before = try scratch.bytes("run/config.yaml")
    try Program.run("train", ["--resume", "run", "--max-steps", "2"], in: scratch).expectFailure(
      2,
      "--max-steps: the run has taken 3 steps already (found 2, which makes 2 steps, expected at "
        + "least as many).")
    try Program.run(
      "train", ["--resume", "run", "--max-steps", "9", "--epochs", "0.2"], in: scratch
    ).expectFailure(
      2, "--epochs: the run has taken 3 steps already (found 0.2, which makes 1 step, expected…")
    #expect(try scratch.bytes("run/config.yaml") == before)
  }

  /// The mean gradient of an epoch is over the steps that have lines.
  @Test func missingStatisticsAreTold() throws {
    let scratch = try start("--epochs", "2", "--max-steps", "3")
    try Data().write(to: URL(fileURLWithPath: scratch.path("run/statistics.jsonl")))
    let resumed = try Program.run("train", ["--resume", "run", "--max-steps", "4"], in: scratch)
    #expect(resumed.status == 0)
    #expect(
      resumed.errors.contains(
        "warning: run/statistics.jsonl: the lines of 3 steps are missing. The next mean gradient"),
      "\(resumed.errors)")
  }

  /// Without its settings, a run goes on with those of its checkpoint.
  @Test func damagedSettingsAreTold() throws {
    let scratch = try start("--epochs", "1")
    for text in ["", "lr: [", "learning: 3\n"] {
      try scratch.write(Array(text.utf8), "run/config.yaml")
      let evaluated = try Program.run(
        "evaluate", ["run", "--data-dir", "digits", "--no-report"], in: scratch)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(evaluated.errors.contains("warning: run/config.yaml: "), "\(text)")
      #expect(evaluated.errors.contains("Its settings are ignored."), "\(text)")
    }
    let resumed = try Program.run(
      "train", ["--resume", "run", "--data-dir", "digits", "--epochs", "2"], in: scratch)
    #expect(resumed.status == 0 && resumed.errors.contains("Its settings are ignored."))
  }

  @Test func everyOtherSettingIsRefused() throws {
    let scratch = try start("--epochs", "1")
    let before = try scratch.bytes("run/config.yaml")
    for (flag, value, was, now) in [
      ("--lr", "0.5", "0.02", "0.5"), ("--batch-size", "9", "8", "9"),
      ("--accumulate", "2", "1", "2"), ("--seed", "2", "1", "2"),
      ("--sched", "linear", "cosine", "linear"), ("--momentum", "0", "0.9", "0.0"),
      ("--weight-decay", "1", "0.01", "1.0"), ("--weight-decay-on", "all", "weights", "all"),
      ("--val-split", "11", "10", "11"), ("--mean", "0.5", "not given", "0.5"),
      ("--std", "0.5", "not given", "0.5"),
      ("--augment", "flip", "translate(2)", "flip"), ("--dataset", "kmnist", "mnist", "kmnist"),
    ] {
      try Program.run("train", ["--resume", "run", flag, value], in: scratch).expectFailure(
        2,
        "run: the run cannot go on with other settings: \(flag) was \(was) and is now \(now). "
          + "Only --epochs, --max-steps, --patience, --tta and what no result depends on may differ."
      )
    }
    try Program.run("train", ["--resume", "run", "--model", "lenet5", "--nesterov"], in: scratch)
      .expectFailure(
        2,
        "run: the run cannot go on with other settings: --model was not given and is now lenet5; "
          + "--arch was conv(3,3) pool(2) relu fc(classes) and is now not given; "
          + "--nesterov was false and is now true. "
          + "Only --epochs, --max-steps, --patience, --tta and what no result depends on may differ."
      )
    #expect(try scratch.bytes("run/config.yaml") == before)
  }
}
