import Foundation
import Testing

@testable import Training

/// `train --find-lr`, `--overfit-batches` and `--fast-dev-run`.
@Suite struct TrainingModesTests {
  private static let small = [
    "--data-dir", "digits", "--arch", "conv(3,3) relu pool(4) fc(classes)", "--batch-size", "8",
    "--val-split", "10", "--threads", "1", "--progress", "none",
  ]

  private func makeScratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    return scratch
  }

  @Test func findLrKeepsAPlotOnly() throws {
    let scratch = try makeScratch()
    let before = scratch.names("")
    let outcome = try Program.run("train", Self.small + ["--find-lr"], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains("240 steps of 8 examples, with learning rates from 1e-07 to 10"))
    #expect(outcome.output.contains("suggestion: --lr "), "\(outcome.output)")
    #expect(outcome.output.hasSuffix("the losses are drawn in find-lr.svg\n"))
    let made = Set(scratch.names("")).subtracting(before).filter { !$0.hasPrefix("out-") }
    #expect(made.filter { !$0.hasPrefix("err-") } == ["find-lr.svg"])
    #expect(try scratch.text("find-lr.svg").contains(">learning rate<"))
    // The same bits with other threads and kernels.
    var other = Self.small
    other[other.firstIndex(of: "--threads")! + 1] = "3"
    let again = try Program.run(
      "train", other + ["--find-lr", "--kernels", "portable"], in: scratch)
    #expect(again.output == outcome.output)
  }

  @Test func findLrTellsIdleFlags() throws {
    let scratch = try makeScratch()
    try scratch.write([7], "find-lr.svg")
    let outcome = try Program.run(
      "train", Self.small + ["--find-lr", "--epochs", "3", "--lr", "0.5"], in: scratch)
    #expect(outcome.status == 0)
    for flag in ["epochs", "lr"] {
      #expect(outcome.errors.contains("--\(flag) changes nothing with --find-lr"))
    }
    #expect(try scratch.bytes("find-lr.svg") == [7])
    #expect(scratch.exists("find-lr-2.svg"))
  }

  @Test(arguments: [
    (["--find-lr", "--run-dir", "x"], "--find-lr and --run-dir exclude each other. See…"),
    (["--find-lr", "--fast-dev-run"], "--find-lr and --fast-dev-run exclude each other. See…"),
    (["--fast-dev-run", "--seeds", "3"], "--fast-dev-run and --seeds exclude each other. See…"),
    (["--fast-dev-run", "--resume", "x"], "--fast-dev-run and --resume exclude each other. See…"),
    (
      ["--overfit-batches", "1", "--seeds", "3"],
      "--overfit-batches and --seeds exclude each other. See…"
    ),
    (
      ["--overfit-batches", "1", "--augment", "translate(1)"],
      "--augment: --overfit-batches trains on all its images as they are (found “translate(1)”, "
        + "expected one of the two)."
    ),
    (
      ["--overfit-batches", "1", "--proxy", "fc(classes)", "--hardest", "keep=2"],
      "--proxy: --overfit-batches trains on all its images as they are (found “fc(classes)”, "
        + "expected one of the two)."
    ),
    (
      ["--overfit-batches", "0"],
      "--overfit-batches: invalid value (found “0”, expected a whole number from 1 to 1000000)."
    ),
  ])
  func modesStandAlone(_ flags: [String], _ message: String) throws {
    let scratch = try makeScratch()
    try Program.run("train", Self.small + flags, in: scratch).expectFailure(2, message)
  }

  @Test func overfittingSaysWhetherItLearned() throws {
    let scratch = try makeScratch()
    let outcome = try Program.run(
      "train", Self.small + ["--overfit-batches", "2", "--run-dir", "run"], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("16 examples to train on, 16 to validate with"))
    #expect(outcome.output.contains("the first 2 batches, without augmentation"))
    #expect(
      outcome.output.hasSuffix(
        "yes, the network has learned these examples: 16 of 16 examples are right\n"),
      "\(outcome.output)")
    #expect(!outcome.output.contains("test: "))
    #expect(!(try scratch.text("run/metrics.jsonl")).contains("\"kind\":\"test\""))

    let slow = try Program.run(
      "train", Self.small + ["--overfit-batches", "2", "--lr", "0", "--run-dir", "slow"],
      in: scratch)
    #expect(slow.output.contains("no, the network has not learned these examples: "))

    // The recorded settings give the same run, and a stopped run goes on.
    let repeated = try Program.run(
      "train",
      ["--recipe", "run/config.yaml", "--run-dir", "again", "--progress", "none"], in: scratch)
    #expect(repeated.status == 0, "\(repeated.errors)")
    #expect(
      try scratch.bytes("again/metrics.jsonl") == scratch.bytes("run/metrics.jsonl"))
    let part = try Program.run(
      "train",
      Self.small + ["--overfit-batches", "2", "--run-dir", "part", "--max-steps", "101"],
      in: scratch)
    #expect(part.status == 0, "\(part.errors)")
    let resumed = try Program.run(
      "train", ["--resume", "part", "--max-steps", "200", "--progress", "none"], in: scratch)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try scratch.bytes("part/metrics.jsonl") == scratch.bytes("run/metrics.jsonl"))
  }

  @Test(arguments: [
    [
      "--arch", "conv(3,3) bn relu pool(4) fc(classes)", "--augment", "translate(1)", "--tta",
      "mirror",
    ],
    ["--model", "autoencoder"],
    ["--arch", "conv(3,3) globalmax fc(classes)", "--image-sizes", "14:2 28:3", "--swa", "2"],
    ["--arch", "fc(classes)", "--lookahead", "every=5,decay=0.5", "--sched", "one-cycle"],
  ])
  func aFastRunKeepsNothing(_ flags: [String]) throws {
    let scratch = try makeScratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("tmp"), withIntermediateDirectories: false)
    let settings = Self.small.enumerated().filter { place, _ in
      let start = Self.small.firstIndex(of: "--arch")!
      return place != start && place != start + 1
    }.map(\.element)
    let outcome = try Program.run(
      "train", settings + flags + ["--fast-dev-run"], shell: "TMPDIR=\"$PWD/tmp\" \"$@\"",
      in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("1 step of 8 examples"), "\(outcome.output)")
    #expect(outcome.output.contains(" of 8 examples"))
    #expect(
      outcome.output.hasSuffix(
        "the whole path works: one step of training, a validation, checkpoints, a test and a "
          + "report; nothing is kept\n"), "\(outcome.output)")
    #expect(scratch.names("tmp").isEmpty && !scratch.exists("runs"))
  }
}
