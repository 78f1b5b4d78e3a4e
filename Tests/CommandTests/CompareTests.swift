import Terminal
import Testing

@testable import Files
@testable import Training

/// `compare`: two runs by McNemar's test, and two sets of seeds by Welch's.
@Suite struct CompareTests {
  private func train(_ scratch: Scratch, _ run: String, _ more: String...) throws {
    let outcome = try Program.run(
      "train",
      tinyRun(run, network: "fc(classes)").map { $0 == "digits" ? "mnist" : $0 } + [
        "--epochs", "2",
      ] + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func makeScratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits("mnist", test: 40)
    return scratch
  }

  private func json(_ outcome: Program.Outcome) throws -> CanonicalJSON {
    try StrictJSON.parse(Array(outcome.output.utf8)[...])
  }

  private func accuracy(_ run: String, _ scratch: Scratch) throws -> Double {
    try #require(TestRecord(inMetrics: try scratch.bytes("\(run)/metrics.jsonl"))?.accuracy)
  }

  @Test func twoRunsAreTestedOnOneSplit() throws {
    let scratch = try makeScratch()
    try train(scratch, "runs/a")
    try train(scratch, "runs/b", "--seed", "2", "--lr", "0.3", "--tta", "mirror")
    let outcome = try Program.run("compare", ["runs/a", "runs/b", "--json"], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let result = try json(outcome)
    func count(_ key: String) throws -> Int { Int(try #require(result[key]?.asNumber)) }
    let (both, a, b) = (try count("both_right"), try count("only_a"), try count("only_b"))
    #expect(try both + a + b + count("both_wrong") == 40)
    // The accuracies are those that the runs report, with their own views.
    #expect(Double(both + a) / 40 == (try accuracy("runs/a", scratch)))
    #expect(Double(both + b) / 40 == (try accuracy("runs/b", scratch)))
    #expect(result["b"]?["tta"] == "mirror")
    #expect(
      result["mcnemar"]?["p"]?.asNumber == McNemarTest(onlyFirst: a, onlySecond: b).pValue)
    #expect(result["curves"] == "runs/a-vs-b.svg")
    #expect(result["page"] == "runs/a-vs-b.html")
    let page = try scratch.text("runs/a-vs-b.html")
    #expect(page.contains(">Only A is right (\(a))<") && page.contains(">Only B is right (\(b))<"))
    for setting in ["seed", "lr", "tta"] {
      #expect(page.contains("<th scope=\"row\">\(setting)</th>"), "\(setting)")
    }
    #expect(!page.contains("<th scope=\"row\">batch-size</th>"))

    let svg = try scratch.text("runs/a-vs-b.svg")
    #expect(svg.contains("<title>A: runs/a, B: runs/b</title>"))
    #expect(svg.contains(">validation accuracy in %<"))
    // The same call writes the same file; other curves get another name.
    let text = try Program.run("compare", ["runs/a", "runs/b"], in: scratch)
    #expect(text.output.contains("McNemar's exact test: p = "))
    #expect(text.output.contains("40 test examples: both are right on \(both), only A on \(a), "))
    #expect(text.output.hasSuffix("the curves of both are drawn in runs/a-vs-b.svg\n"))
    try scratch.write([1], "runs/b-vs-a.svg")
    #expect(
      try Program.run("compare", ["runs/b", "runs/a"], in: scratch).output
        .hasSuffix("runs/b-vs-a-2.svg\n"))
    #expect(try scratch.bytes("runs/b-vs-a.svg") == [1])
    try Program.run("compare", ["runs/a", "runs/b", "--plot", "runs/b-vs-a.svg"], in: scratch)
      .expectFailure(4, "runs/b-vs-a.svg: already exists. Choose another name or remove it.")
  }

  /// Of three runs the first is compared with each of the others.
  @Test func moreRunsAreComparedWithTheFirst() throws {
    let scratch = try makeScratch()
    for (run, seed) in [("a", "1"), ("b", "2"), ("c", "3")] {
      try train(scratch, run, "--seed", seed)
    }
    let outcome = try Program.run(
      "compare", ["a", "b", "c", "--json", "--page", "abc.html", "--plot", "abc.svg"], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let result = try json(outcome)
    guard case .array(let runs)? = result["runs"], case .array(let tests)? = result["with_first"]
    else {
      Issue.record("no lists: \(outcome.output)")
      return
    }
    #expect(runs.count == 3 && tests.count == 2)
    let accuracies = try ["a", "b", "c"].map { try accuracy($0, scratch) }
    #expect(runs.map { $0["accuracy"]?.asNumber } == accuracies)
    #expect(
      tests.map { $0["difference"]?.asNumber } == [
        accuracies[0] - accuracies[1], accuracies[0] - accuracies[2],
      ])
    let svg = try scratch.text("abc.svg")
    #expect(svg.contains("<title>A: a, B: b, C: c</title>") && svg.contains("class=\"line rate\""))
    let page = try scratch.text("abc.html")
    #expect(page.contains("id=\"pair-0-1\"") && page.contains("id=\"pair-0-2\""))
    let text = try Program.run("compare", ["a", "b", "c"], in: scratch).output
    #expect(text.contains("A − C: "))
    #expect(
      text.hasSuffix(
        "all are side by side in a-vs-b-and-1-more.html\n"
          + "the curves of all are drawn in a-vs-b-and-1-more.svg\n"))
  }

  @Test func aCheckpointComparesWithItself() throws {
    let scratch = try makeScratch()
    try train(scratch, "a")
    try scratch.write(
      try scratch.bytes("a/checkpoints/step-0000000014.safetensors"), "alone.safetensors")
    let outcome = try Program.run(
      "compare",
      ["a/checkpoints/best.safetensors", "a/checkpoints/best.safetensors", "--data-dir", "mnist"],
      in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("McNemar's exact test: p = 1; the difference may be chance"))
    let alone = try Program.run(
      "compare", ["alone.safetensors", "alone.safetensors", "--data-dir", "mnist"], in: scratch)
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(alone.errors.contains("no curves are drawn, as neither has the metrics of an epoch"))
    #expect(!alone.output.contains("curves"))
  }

  @Test func otherDataAreRefused() throws {
    let scratch = try makeScratch()
    try scratch.makeDigits("other", test: 39)
    try train(scratch, "a")
    try train(scratch, "fashion", "--dataset", "fashion-mnist")
    try train(scratch, "other-data", "--data-dir", "other")
    try Program.run("compare", ["a", "fashion"], in: scratch).expectFailure(
      2,
      "fashion/checkpoints/step-0000000014.safetensors: trained on another data set "
        + "(found fashion-mnist, expected mnist as a/…")
    try Program.run("compare", ["a", "other-data"], in: scratch).expectFailure(
      2, "other-data: its test split is not that of a (found test data of SHA-256 …")
    // One folder for both is one split.
    let same = try Program.run(
      "compare", ["a", "other-data", "--data-dir", "mnist"], in: scratch)
    #expect(same.status == 0, "\(same.errors)")
    try Program.run("compare", ["a"], in: scratch).expectFailure(
      2, "compare: two results or more are compared (found 1, expected 2 to 6). See …")
  }

  private func series(_ scratch: Scratch, _ name: String, _ more: String...) throws {
    var arguments = tinyRun(name, network: "fc(classes)").map { $0 == "digits" ? "mnist" : $0 }
    arguments += ["--epochs", "2"] + more
    let outcome = try Program.run("train", arguments, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func twoSetsOfSeedsAreTestedByWelch() throws {
    let scratch = try makeScratch()
    try series(scratch, "a", "--seeds", "1-4")
    try series(scratch, "b", "--seeds", "5-7", "--lr", "0.3")
    let outcome = try Program.run(
      "compare", ["a", "b", "--json", "--plot", "ab.svg"], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let result = try json(outcome)
    let values = try [(1...4, "a"), (5...7, "b")].map { seeds, name in
      SampleStatistics(try seeds.map { try accuracy("\(name)/seed-\($0)", scratch) })
    }
    let test = try #require(WelchTest(values[0], values[1]))
    let found = result["welch"]?["accuracy"]
    #expect(found?["t"]?.asNumber == test.t && found?["p"]?.asNumber == test.pValue)
    #expect(found?["degrees_of_freedom"]?.asNumber == test.degreesOfFreedom)
    #expect(result["a"]?["accuracy"]?["mean"]?.asNumber == values[0].mean)
    #expect(result["kind"] == "seeds" && result["b"]?["seeds"]?.asNumber == 3)
    #expect(try scratch.text("ab.svg").contains("<title>A: a, B: b</title>"))
    let text = try Program.run("compare", ["a", "b"], in: scratch)
    #expect(text.output.contains("Welch's t test: t = "), "\(text.output)")
    #expect(scratch.exists("a-vs-b.svg"))
    #expect(text.output.contains("both are side by side in a-vs-b-2.html\n") == false)
    #expect(text.output.contains("both are side by side in a-vs-b.html\n"))

    // Curves with bands, and every seed.
    #expect(try scratch.text("ab.svg").contains("fill-opacity"))
    let page = try scratch.text("a-vs-b.html")
    for seed in 1...7 {
      #expect(page.contains("<th scope=\"row\" class=\"n\" data-k=\"\(seed).0\">\(seed)</th>"))
    }
    for (seed, name) in [(1, "a"), (7, "b")] {
      #expect(
        page.contains(">\(Format.percent(try accuracy("\(name)/seed-\(seed)", scratch)))</td>"))
    }
    #expect(page.contains(">\(Format.percent(values[0].mean))</td>"))
    #expect(page.contains(">\(Format.significant(test.t, digits: 4))</td>"))
    #expect(page.contains("<th scope=\"row\">lr</th>"))
    #expect(!page.contains("<th scope=\"row\">seed</th>"))

    try train(scratch, "run")
    try Program.run("compare", ["a", "run"], in: scratch).expectFailure(
      2, "run: a run cannot be compared with the seeds of a (expected runs, or directories…")
    try series(scratch, "limited", "--seeds", "2", "--limit-test", "20")
    try Program.run("compare", ["a", "limited"], in: scratch).expectFailure(
      2, "limited: tested on another part (found --limit-test 20, expected all of it as a)…")
    try series(scratch, "fashion", "--seeds", "2", "--dataset", "fashion-mnist")
    try Program.run("compare", ["a", "fashion"], in: scratch).expectFailure(
      2, "fashion: trained on another data set (found fashion-mnist, expected mnist as a)…")
    try scratch.write(Array("{}".utf8), "broken/summary.json")
    try Program.run("compare", ["a", "broken"], in: scratch).expectFailure(
      1, "broken/summary.json: no list of runs (expected the summary of train --seeds)…")
    let summary = try scratch.text("a/summary.json")
    for value in ["1e308", "-0.1", "null"] {
      let damaged = summary.replacing(/"accuracy": [0-9.]+\n/, with: "\"accuracy\": \(value)\n")
      #expect(damaged != summary)
      try scratch.write(Array(damaged.utf8), "broken/summary.json")
      try Program.run("compare", ["a", "broken"], in: scratch).expectFailure(
        1, "broken/summary.json: seed 1: invalid accuracy (expected…")
    }
  }

  /// Of three sets of seeds the first is compared with each of the others.
  @Test func moreSetsOfSeedsAreComparedWithTheFirst() throws {
    let scratch = try makeScratch()
    try series(scratch, "a", "--seeds", "1-3")
    try series(scratch, "b", "--seeds", "1-2", "--lr", "0.3")
    try series(scratch, "c", "--seeds", "9-9")
    let outcome = try Program.run("compare", ["a", "b", "c", "--json"], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let result = try json(outcome)
    guard case .array(let sides)? = result["series"], case .array(let tests)? = result["with_first"]
    else {
      Issue.record("no lists: \(outcome.output)")
      return
    }
    #expect(sides.count == 3 && tests.count == 2)
    #expect(tests[0]["accuracy"]?["t"] != nil)
    let page = try scratch.text("a-vs-b-and-1-more.html")
    #expect(page.contains("A − C") && page.contains("C: c"))
    let text = try Program.run("compare", ["a", "b", "c"], in: scratch).output
    #expect(text.contains("; no test, as a set has one seed"))
    #expect(text.contains("all are side by side in "))
  }
}
