import Testing

/// Flags of all commands that change nothing in the run they are given to are told or refused.
@Suite struct IdleFlagTests {
  private func makeScratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    return scratch
  }

  private static let train = [
    "--arch", "fc(classes)", "--epochs", "1", "--data-dir", "digits", "--progress", "none",
    "--filters-every", "0", "--run-dir", "run",
  ]

  @Test(arguments: [
    (
      ["--log-every", "5"],
      "--log-every changes nothing in this run: progress is not shown as lines"
    ),
    (
      ["--mirror", "https://example.org"], "--mirror changes nothing: the data are read from digits"
    ),
    (["--no-download"], "--no-download changes nothing: the data are read from digits"),
    (
      ["--checkpoint-every", "1000"], "--checkpoint-every changes nothing in this run: the run has"
    ),
    (
      ["--checkpoint-every", "7", "--batch-size", "8", "--val-split", "10", "--epochs", "2"],
      "--checkpoint-every changes nothing in this run: each epoch, of 7 steps, ends with"
    ),
    (["--limit-test", "4"], "no examples to test with of 6 of the 10 classes"),
  ])
  func trainTells(_ flags: [String], _ warning: String) throws {
    let scratch = try makeScratch()
    let outcome = try Program.run("train", Self.train.merging(flags), in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("warning: \(warning)"), "\(outcome.errors)")
  }

  @Test func aFlagWithAnEffectIsNotTold() throws {
    let scratch = try makeScratch()
    for flags in [["--log-every", "1", "--progress", "plain"], ["--checkpoint-every", "1h"]] {
      let outcome = try Program.run(
        "train", Self.train.merging(flags + ["--run-dir", flags[1]]), in: scratch)
      #expect(!outcome.errors.contains("changes nothing"), "\(outcome.errors)")
    }
  }

  @Test func aResumedRunTells() throws {
    let scratch = try makeScratch()
    #expect(try Program.run("train", Self.train, in: scratch).status == 0)
    for (flags, warning) in [
      (["--log-every", "7"], "--log-every changes nothing in this run: progress is not"),
      (["--max-steps", "1000"], "--max-steps changes nothing in this run: all epochs have"),
    ] {
      let outcome = try Program.run(
        "train", ["--resume", "run", "--data-dir", "digits", "--progress", "none"] + flags,
        in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("warning: \(warning)"), "\(outcome.errors)")
    }
  }

  @Test func aSeedThatDrawsNothingIsTold() throws {
    let scratch = try makeScratch()
    #expect(try Program.run("train", Self.train, in: scratch).status == 0)
    let file = try #require(
      scratch.names("run/checkpoints").filter { $0.hasPrefix("step-") }.last)
    let flags = [
      "--run-dir", "next", "--init", "run/checkpoints/\(file)", "--no-shuffle", "--val-split", "0",
      "--seed", "7",
    ]
    for (augment, isTold) in [("none", true), ("translate(1)", false)] {
      let outcome = try Program.run(
        "train", Self.train.merging(flags + ["--run-dir", augment, "--augment", augment]),
        in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("--seed changes nothing in this run: nothing in it is drawn")
          == isTold, "\(outcome.errors)")
    }
  }

  @Test(arguments: [
    ("evaluate", ["run", "--conv-algorithm", "direct"], "--conv-algorithm changes nothing"),
    ("evaluate", ["run", "--no-download"], "--no-download changes nothing"),
    (
      "gradcheck", ["--arch", "fc(3)", "--input", "2x5", "--conv-algorithm", "auto"],
      "--conv-algorithm changes nothing"
    ),
    (
      "datasets", ["verify", "mnist", "--data-dir", "digits", "--seed", "2"],
      "--seed changes nothing: the data have parts of their own."
    ),
    (
      "datasets", ["show", "mnist", "--data-dir", "digits", "--seed", "2"],
      "--seed changes nothing: the data have parts of their own."
    ),
    (
      "benchmark",
      [
        "kernels", "--shape", "conv(5,3) on 8x8x3", "--algorithm", "product", "--algorithm",
        "direct", "--pass", "forward", "--rounds", "1", "--seconds", "0.001", "--batch-size", "1",
      ], "--algorithm product changes nothing: it computes none of the shapes."
    ),
  ])
  func otherCommandsTell(_ command: String, _ arguments: [String], _ warning: String) throws {
    let scratch = try makeScratch()
    #expect(try Program.run("train", Self.train, in: scratch).status == 0)
    let outcome = try Program.run(command, arguments, in: scratch)
    #expect(outcome.errors.contains("warning: \(warning)"), "\(outcome.errors)")
  }

  @Test(arguments: [
    ("gradcheck", ["--classes", "5"], "--classes needs --model or --arch…"),
    ("benchmark", ["--precision", "fp32"], "--precision is the rival's: add --against, or leave…"),
    (
      "benchmark", ["--sweep", "kernels", "--kernels", "portable"],
      "--sweep kernels measures all kernel sets: leave --kernels out…"
    ),
    (
      "datasets", ["show", "mnist", "--data-dir", "digits", "--epochs", "3"],
      "--epochs needs --augment, whose images differ by epoch…"
    ),
  ])
  func aFlagBesideTheOneItNeedsIsRefused(
    _ command: String, _ arguments: [String], _ message: String
  ) throws {
    try Program.run(command, arguments, in: try makeScratch()).expectFailure(2, message)
  }

  /// `--output` names a folder in every command.
  @Test func outputIsAFolder() throws {
    let scratch = try makeScratch()
    #expect(try Program.run("train", Self.train, in: scratch).status == 0)
    let show = ["show", "mnist", "--data-dir", "digits", "--split", "test"]
    for (command, arguments, file) in [
      ("datasets", show, "out/mnist-test.png"), ("evaluate", ["run"], "out/report.json"),
      ("datasets", ["export", "mnist", "--data-dir", "digits"], "new/train"),
    ] {
      let folder = String(file.prefix { $0 != "/" })
      let outcome = try Program.run(command, arguments + ["--output", folder], in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(scratch.exists(file), "\(file)")
      try Program.run(command, arguments + ["--output", "x.png"], in: scratch)
        .expectFailure(2, "--output: invalid value (found “x.png”, expected a folder)…")
      #expect(!scratch.exists("x.png"))
    }
  }
}

extension [String] {
  /// Options with `others`, which replace those of the same name.
  fileprivate func merging(_ others: [String]) -> [String] {
    var kept: [String] = []
    var index = 0
    while index < count {
      if !others.contains(self[index]) { kept += self[index..<Swift.min(index + 2, count)] }
      index += 2
    }
    return kept + others
  }
}
