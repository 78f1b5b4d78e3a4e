import Foundation
import Testing

@testable import Files
@testable import Training

/// `train --seeds`: several runs in one directory, their table and summary.
@Suite struct SeedsTests {
  private func arguments(_ seeds: String, _ more: String...) -> [String] {
    [
      "--data-dir", "digits", "--arch", "fc(classes)", "--batch-size", "10", "--epochs", "2",
      "--val-split", "10", "--threads", "1", "--progress", "none", "--run-dir", "series",
      "--seeds", seeds,
    ] + more
  }

  private func summary(_ scratch: Scratch) throws -> CanonicalJSON {
    try StrictJSON.parse(Array(try scratch.text("series/summary.json").utf8)[...])
  }

  private func seeds(_ summary: CanonicalJSON) -> [Int] {
    guard case .array(let runs)? = summary["runs"] else { return [] }
    return runs.compactMap { $0["seed"]?.asNumber.map { Int($0) } }
  }

  @Test func aSeriesGoesOnWhereItStopped() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let first = try Program.run("train", arguments("2-3", "--tta", "mirror"), in: scratch)
    try #require(first.status == 0, "\(first.errors)")
    #expect(seeds(try summary(scratch)) == [2, 3])
    let before = try scratch.bytes("series/seed-2/metrics.jsonl")

    // The third run was killed amid its second epoch: only its first checkpoint is there.
    var killed = arguments("4", "--tta", "mirror")
    killed[killed.firstIndex(of: "series")!] = "series/seed-4"
    killed[killed.firstIndex(of: "--seeds")!] = "--seed"
    #expect(try Program.run("train", killed, in: scratch).status == 0)
    let folder = scratch.path("series/seed-4/checkpoints")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    for name in names.filter({ $0.hasPrefix("step-") }).dropFirst() {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    let metrics = try scratch.text("series/seed-4/metrics.jsonl")
    let lines = metrics.split(separator: "\n").filter { !$0.contains("\"kind\":\"test\"") }
    try scratch.write(
      Array((lines.joined(separator: "\n") + "\n").utf8), "series/seed-4/metrics.jsonl")

    let second = try Program.run("train", arguments("2-4", "--tta", "mirror"), in: scratch)
    try #require(second.status == 0, "\(second.errors)")
    #expect(second.output.contains("seed 2 (1 of 3)\nfinished before: series/seed-2\n"))
    #expect(second.output.contains("going on from step"))
    #expect(try scratch.bytes("series/seed-2/metrics.jsonl") == before)
    let whole = try summary(scratch)
    #expect(seeds(whole) == [2, 3, 4])

    // The figures of the table are those of the runs.
    let accuracies = try (2...4).map { seed in
      try #require(
        TestRecord(inMetrics: try scratch.bytes("series/seed-\(seed)/metrics.jsonl"))?.accuracy)
    }
    let mean = accuracies.reduce(0, +) / 3
    #expect(abs(try #require(whole["accuracy"]?["mean"]?.asNumber) - mean) < 1e-12)
    #expect(whole["single_view"]?["mean"]?.asNumber != nil)
    #expect(second.output.contains("single view"))

    // A run of the series is the run with this seed alone.
    var alone = arguments("4", "--tta", "mirror")
    alone[alone.firstIndex(of: "series")!] = "alone"
    alone[alone.firstIndex(of: "--seeds")!] = "--seed"
    #expect(try Program.run("train", alone, in: scratch).status == 0)
    #expect(
      try scratch.bytes("alone/metrics.jsonl") == scratch.bytes("series/seed-4/metrics.jsonl"))
  }

  /// A seed above the range of `Int` is read back, and a changed setting drops the promise.
  @Test func greatSeedsAndChangedSettingsAreToldApart() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try scratch.write(Array("accuracy: 50\naccuracy-std: 1\naccuracy-seeds: 2\n".utf8), "r.yaml")
    let seed = "18446744073709551615"
    for _ in 0..<2 {
      let run = try Program.run(
        "train", arguments(seed + "-" + seed, "--recipe", "r.yaml"), in: scratch)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try scratch.text("series/summary.json").contains("\"seed\": \"\(seed)\""))
      // The settings of the command line differ from those of the recipe.
      #expect(try !scratch.text("series/summary.json").contains("expected"))
    }
  }

  /// A further run has the settings of the runs that are there, though the command does not repeat them.
  @Test func furtherRunsHaveTheSettingsOfTheSeries() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    #expect(
      try Program.run("train", arguments("1", "--lr", "0.03"), in: scratch).status == 0)
    let more = try Program.run(
      "train", ["--run-dir", "series", "--seeds", "2-3", "--progress", "none"], in: scratch)
    #expect(more.status == 0, "\(more.errors)")
    func settings(_ seed: Int) throws -> [String] {
      try scratch.text("series/seed-\(seed)/config.yaml").split(separator: "\n").map(String.init)
        .filter { !$0.hasPrefix("seed:") }
    }
    #expect(try settings(1).contains("lr: 0.03"))
    for seed in 2...3 { #expect(try settings(seed) == settings(1)) }
    // Table and summary have the runs of earlier calls, too.
    #expect(seeds(try summary(scratch)) == [1, 2, 3])
    #expect(more.output.contains("\n   1 "))
    // Another setting is refused, though its seed has no run yet.
    try Program.run(
      "train", ["--run-dir", "series", "--seeds", "4", "--lr", "0.5"], in: scratch
    ).expectFailure(
      2, "series/seed-1: the run had other settings (--lr was 0.03 and is now 0.5). Choose another…"
    )
    #expect(!scratch.exists("series/seed-4"))
  }

  /// A mean over runs of different length or data would tell nothing.
  @Test func otherLengthsAndDataAreRefused() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try scratch.makeDigits("other", training: 70)
    #expect(try Program.run("train", arguments("1"), in: scratch).status == 0)
    for (flag, value, problem) in [
      ("--epochs", "3", "--epochs was 2.0 and is now 3.0"),
      ("--max-steps", "2", "--max-steps was not given and is now 2"),
      ("--tta", "mirror", "--tta was not given and is now mirror"),
    ] {
      try Program.run(
        "train", ["--run-dir", "series", "--seeds", "2-2", flag, value], in: scratch
      ).expectFailure(2, "series/seed-1: the run had other settings (\(problem)). Choose another…")
    }
    let outcome = try Program.run(
      "train", ["--run-dir", "series", "--seeds", "2-2", "--data-dir", "other"], in: scratch)
    #expect(outcome.status == 2)
    #expect(
      outcome.errorLines == [
        "error: series/seed-1: the run had other data (found the files in other, expected those "
          + "that were in digits). Choose another --run-dir or --data-dir."
      ])
    #expect(!scratch.exists("series/seed-2"))
  }

  @Test func otherSettingsAreRefused() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    #expect(try Program.run("train", arguments("1"), in: scratch).status == 0)
    try Program.run("train", arguments("1", "--lr", "0.5"), in: scratch).expectFailure(
      2, "series/seed-1: the run had other settings (--lr was 0.02 and is now 0.5). Choose another…"
    )
  }

  @Test(arguments: [
    ("0", "--seeds: invalid value (found “0”, expected a number of seeds such as 10, a range…"),
    ("3-1", "--seeds: invalid value (found “3-1”, expected…"),
    ("1,1", "--seeds: invalid value (found “1,1”, expected…"),
    ("1-2-3", "--seeds: invalid value (found “1-2-3”, expected…"),
  ])
  func invalidSeedsAreRefused(seeds: String, message: String) throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try Program.run("train", arguments(seeds), in: scratch).expectFailure(2, message)
    #expect(!scratch.exists("series"))
  }

  @Test func aFolderOfSomethingElseIsNotTouched() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try scratch.write([1], "series/mine.txt")
    try Program.run("train", arguments("2"), in: scratch).expectFailure(
      2, "series: the directory is not empty (expected a new or an empty one, or one of --seeds)…")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("series")).count == 1)
  }

  @Test func recipesAreListedAndShown() throws {
    let scratch = try Scratch()
    let list = try Program.run("recipes", ["list"], in: scratch)
    #expect(list.status == 0 && list.output.contains("airbench94"))
    // A file that is no recipe hides no other.
    try scratch.write(Array("accuracy: hi\n".utf8), "recipes/bad.yaml")
    let others = try Program.run("recipes", ["list"], in: scratch)
    #expect(others.status == 0 && others.output.contains("airbench94"))
    #expect(others.errors.contains("recipes/bad.yaml: accuracy: invalid value"))
    let shown = try Program.run("recipes", ["show", "airbench94"], in: scratch)
    #expect(
      shown.output
        == (try String(
          contentsOf: Program.packageFolder.appending(path: "recipes/airbench94.yaml"),
          encoding: .utf8)))
    try Program.run("train", ["--recipe", "airbensh94"], in: scratch).expectFailure(
      2, "airbensh94: there is no recipe of this name, did you mean “airbench94”? (expected…")
  }
}
