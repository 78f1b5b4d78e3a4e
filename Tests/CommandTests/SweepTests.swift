import Foundation
import Testing

@testable import Files
@testable import Training

/// `sweep`: runs, table, best recipe, resuming, and refusals.
@Suite struct SweepTests {
  private static let base = """
    data-dir: digits
    batch-size: 10
    epochs: 2
    val-split: 10
    filters-every: 0
    threads: 1

    """

  private func makeScratch(_ text: String) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try scratch.write(Array((Self.base + text).utf8), "rates.yaml")
    return scratch
  }

  private func sweep(_ scratch: Scratch, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      "sweep", ["rates.yaml", "--run-dir", "rates", "--progress", "none"] + more, in: scratch)
  }

  /// `sweep.json` without times.
  private func results(_ scratch: Scratch) throws -> String {
    try scratch.text("rates/sweep.json").split(separator: "\n")
      .filter { !$0.contains("\"seconds\"") }.joined(separator: "\n")
  }

  @Test func aSweepFindsTheBestAndGoesOn() throws {
    let scratch = try makeScratch("arch: fc(classes)\nlr: [0.0001, 0.02]\nmomentum: [0, 0.9]\n")
    let outcome = try sweep(scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("run 2 of 4: lr 0.0001, momentum 0.9\n"))
    #expect(!outcome.output.contains("test: "))
    #expect(scratch.names("rates").filter { $0.hasPrefix("run-") }.count == 4)
    let epochs = try (1...4).map { number in
      let metrics = try scratch.bytes("rates/run-\(number)/metrics.jsonl")
      #expect(TestRecord(inMetrics: metrics) == nil)
      return try #require(MetricsHistory.epochs(in: metrics).last)
    }
    let json = try StrictJSON.parse(Array(try scratch.text("rates/sweep.json").utf8)[...])
    let best = Int(try #require(json["best"]?.asNumber))
    let ranks = epochs.map { ($0.validationAccuracy!, -$0.validationLoss!) }
    #expect(ranks.allSatisfy { $0 <= ranks[best - 1] })

    // The best recipe repeats the best run, which is tested then.
    let repeated = try Program.run(
      "train",
      ["--recipe", "rates/best.yaml", "--run-dir", "best", "--progress", "none"], in: scratch)
    #expect(repeated.status == 0 && repeated.output.contains("test: "), "\(repeated.errors)")
    let name = "checkpoints/step-0000000010.safetensors"
    #expect(try scratch.bytes("best/\(name)") == scratch.bytes("rates/run-\(best)/\(name)"))

    // The sweep was killed amid its third run: neither its end nor any result is there.
    let before = try results(scratch)
    let metrics = try (1...4).map { try scratch.bytes("rates/run-\($0)/metrics.jsonl") }
    for path in ["sweep.json", "run-4", "run-3/\(name)"] {
      try FileManager.default.removeItem(atPath: scratch.path("rates/\(path)"))
    }
    let second = try sweep(scratch)
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.output.contains("going on from step 5"))
    #expect(try results(scratch) == before)
    #expect(try (1...4).map { try scratch.bytes("rates/run-\($0)/metrics.jsonl") } == metrics)
    let third = try sweep(scratch)
    #expect(third.output.contains("finished before: rates/run-4\n"))
    #expect(try results(scratch) == before)

    try scratch.write(Array((Self.base + "lr: [1, 2]\n").utf8), "rates.yaml")
    try sweep(scratch).expectFailure(
      2, "rates: it holds the runs of another sweep (found another sweep.yaml, expected that of…")
  }

  @Test func aRunThatFailsIsListed() throws {
    let scratch = try makeScratch("arch: fc(classes)\nlr: [1e30, 0.02]\n")
    let outcome = try sweep(scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("run 1 failed: step "), "\(outcome.output)")
    #expect(outcome.output.contains("the best is run 2"))
    #expect(try scratch.text("rates/best.yaml").contains("lr: 0.02\n"))
  }

  @Test(arguments: [
    ("arch: [fc(classes), \"fc(7)\"]\n", "rates.yaml, run 2: --arch: …"),
    ("lr: [0.1, -1]\n", "rates.yaml, run 2: --lr: invalid value (found “-1”, …"),
    (
      "lr: [0.1, 1]\nmax-steps: 3\n",
      "rates.yaml, run 1: --max-steps: a sweep judges by the validation at the end of an epoch "
        + "(found “3 steps”, expected at least 5 steps)."
    ),
    ("lr: 1\n", "rates.yaml: no setting varies (expected a list…"),
  ])
  func mistakesAreFoundFirst(_ text: String, _ message: String) throws {
    let scratch = try makeScratch(text)
    try sweep(scratch).expectFailure(2, message)
    #expect(!scratch.exists("rates"))
  }

  /// The best recipe names the data, and the sweep goes on with no other.
  @Test func theDataOfTheCommandLineAreKept() throws {
    let scratch = try makeScratch("arch: fc(classes)\nlr: [0.01, 0.1]\n")
    try scratch.makeDigits("other data", training: 70)
    let outcome = try sweep(scratch, "--data-dir", "other data")
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.text("rates/best.yaml").contains("data-dir: \"other data\"\n"))
    try FileManager.default.removeItem(atPath: scratch.path("rates/sweep.json"))
    try sweep(scratch).expectFailure(
      2,
      "rates/run-1: the run had other data (found the files in digits, expected those that were in "
        + "other data). Choose another --run-dir or --data-dir.")
    #expect(!scratch.exists("rates/sweep.json"))
  }

  @Test func aSweepNeedsAValidation() throws {
    let scratch = try makeScratch("lr: [0.1, 1]\narch: fc(classes)\n")
    try scratch.write(
      Array(try scratch.text("rates.yaml").replacing("val-split: 10", with: "val-split: 0").utf8),
      "rates.yaml")
    try sweep(scratch).expectFailure(
      2, "rates.yaml, run 1: --val-split: a sweep judges by the validation, and there is none…")
    try scratch.write([1], "rates/mine.txt")
    try sweep(scratch).expectFailure(
      2,
      "rates: the directory is not empty (expected a new or an empty one, or that of this sweep)…")
  }
}
