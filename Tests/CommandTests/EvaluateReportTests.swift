import Foundation
import Testing

/// The report that `evaluate` writes.
@Suite struct EvaluateReportTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func train(_ run: String, _ more: String...) throws {
    try scratch.makeDigits(test: 40)
    let outcome = try Program.run(
      "train", tinyRun(run, "--epochs", "2") + more, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func evaluate(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Program.run("evaluate", arguments, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  private func report(_ folder: String) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(scratch.bytes("\(folder)/report.json")))
        as? [String: Any])
  }

  @Test func theFilesAgree() throws {
    try train("run")
    let outcome = try evaluate("run")
    #expect(outcome.output.hasSuffix("the report is run/report/report.html\n"))
    let report = try report("run/report")
    let rows = try scratch.text("run/report/predictions.csv").split(separator: "\n")
    #expect(rows.count == 41)
    #expect(rows[0].hasPrefix("index,true,predicted,logit_0,logit_1,") && rows[0].hasSuffix("_9"))
    var right = 0
    for row in rows.dropFirst() {
      let cells = row.split(separator: ",")
      let logits = cells.dropFirst(3).compactMap { Float($0) }
      #expect(logits.count == 10)
      #expect(logits.firstIndex(of: logits.max() ?? 0) == Int(cells[2]))
      right += cells[1] == cells[2] ? 1 : 0
    }
    #expect(report["accuracy"] as? Double == Double(right) / 40)
    #expect(report["errors"] as? Int == 40 - right)
    let worst = try #require(report["worst"] as? [[String: Any]])
    #expect(worst.count == min(20, 40 - right))
    let losses = worst.compactMap { $0["loss"] as? Double }
    #expect(losses == losses.sorted(by: >) && losses.count == worst.count)

    let page = try scratch.text("run/report/report.html")
    let markdown = try scratch.text("run/report/report.md")
    let checkpoint = try #require(report["checkpoint"] as? [String: Any])
    let hash = try #require(checkpoint["sha256"] as? String)
    #expect(page.contains("norm of the gradient"))
    for text in [page, markdown] {
      #expect(text.contains(hash))
      #expect(text.contains("\(40 - right)"))
    }
    let files = try #require(report["files"] as? [[String: Any]])
    for name in files.map({ $0["name"] as? String ?? "?" }) {
      #expect(scratch.exists("run/report/\(name)"), "\(name)")
    }
    for name in ["curves", "filters-end", "worst", "confusion"] {
      #expect(scratch.exists("run/report/\(name).png"), "\(name)")
      #expect(markdown.contains("](\(name).png)"), "\(name)")
    }
  }

  /// The report depends on the run and the data alone.
  @Test func threadsAndKernelsLeaveNoTrace() throws {
    try train("run")
    _ = try evaluate("run", "--threads", "1", "--output", "a")
    _ = try evaluate("run", "--threads", "3", "--kernels", "portable", "--output", "b")
    #expect(scratch.names("a") == scratch.names("b"))
    for name in scratch.names("a") {
      #expect(try scratch.bytes("a/\(name)") == scratch.bytes("b/\(name)"), "\(name)")
    }
  }

  @Test func aReportThatAPersonWentOnWritingStays() throws {
    try train("run")
    _ = try evaluate("run")
    #expect(try !evaluate("run").errors.contains("stays"))
    #expect(!scratch.exists("run/report-2"))
    try scratch.write(Array("my lab report".utf8), "run/report/report.md")
    let outcome = try evaluate("run")
    #expect(
      outcome.errors.contains(
        "warning: run/report/report.md: not as evaluate wrote it, so it stays. The new report is in "
          + "run/report-2.\n"))
    #expect(try scratch.text("run/report/report.md") == "my lab report")
    #expect(scratch.exists("run/report-2/report.html"))
    // The other splits have folders of their own.
    _ = try evaluate("run", "--split", "validation")
    #expect(try scratch.text("run/report-validation/report.md").contains("validation split"))
    // A folder that the user names gets no number.
    try Program.run("evaluate", ["run", "--output", "run/report"], in: scratch).expectFailure(
      4, "run/report/report.md: already exists. Choose another name or remove it.")
  }

  @Test func noReportWritesNothing() throws {
    try train("run")
    let before = scratch.names("run")
    let outcome = try evaluate("run", "--no-report")
    #expect(
      outcome.output.contains("confusion matrix") && !outcome.output.contains("the report is"))
    let json = try evaluate("run", "--no-report", "--json")
    #expect(json.output.hasPrefix("{\"accuracy\":") && !json.output.contains("\"files\""))
    #expect(scratch.names("run") == before)
    try Program.run("evaluate", ["run", "--no-report", "--output", "x"], in: scratch)
      .expectFailure(2, "--no-report writes no files: leave --output or --no-report out…")
  }

  /// The figures of a run with views are those of its test; a single view is beside them.
  @Test func viewsAreThoseOfTheRunUnlessGiven() throws {
    try train("run", "--tta", "mirror")
    let metrics = try scratch.text("run/metrics.jsonl").split(separator: "\n")
    let last = try JSONSerialization.jsonObject(with: Data((metrics.last ?? "").utf8))
    let test = try #require(last as? [String: Any])
    let text = try evaluate("run").output
    #expect(text.contains("\nsingle view: accuracy ") && text.contains("--tta mirror\n"))
    let own = try report("run/report")
    #expect(own["accuracy"] as? Double == test["accuracy"] as? Double)
    #expect(own["loss"] as? Double == test["loss"] as? Double)
    #expect(own["tta"] as? String == "mirror")
    let single = try #require(own["single_view"] as? [String: Any])
    #expect(single["accuracy"] as? Double == test["single_view_accuracy"] as? Double)

    #expect(
      try !evaluate("run", "--tta", "none", "--output", "none").output.contains("single view"))
    let plain = try report("none")
    #expect(plain["single_view"] is NSNull && plain["tta"] as? String == "none")
    #expect(plain["loss"] as? Double == single["loss"] as? Double)
    _ = try evaluate("run", "--tta", "mirror-shift", "--output", "shift")
    #expect(try report("shift")["loss"] as? Double != own["loss"] as? Double)
    try Program.run("evaluate", ["run", "--tta", "flip"], in: scratch).expectFailure(
      2, "The value 'flip' is invalid for '--tta <views>'…")
  }

  /// Classes are named by a user's folders.
  @Test func hostileNamesOfFoldersAreHarmless() throws {
    try scratch.makeDigits("idx", training: 90)
    #expect(
      try Program.run(
        "datasets", ["export", "mnist", "--data-dir", "idx", "--output", "out"], in: scratch
      ).status == 0)
    for (digit, name) in [("1", "<b>&\"'"), ("2", "=1+1,|"), ("3", "`c`")] {
      try FileManager.default.createDirectory(
        atPath: scratch.path("mine"), withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        atPath: scratch.path("out/train/\(digit)"), toPath: scratch.path("mine") + "/" + name)
    }
    let trained = try Program.run(
      "train",
      [
        "--dataset", "folder", "--data-dir", "mine", "--image-size", "12", "--arch", "fc(classes)",
        "--batch-size", "8", "--max-steps", "1", "--run-dir", "run", "--progress", "none",
      ], in: scratch)
    #expect(trained.status == 0, "\(trained.errors)")
    _ = try evaluate("run", "--split", "train")
    let page = try scratch.text("run/report-train/report.html")
    #expect(!page.contains("<b>") && page.contains("&lt;b&gt;&amp;&quot;&#39;"))
    #expect(try scratch.text("run/report-train/report.md").contains("&lt;b&gt;&amp;\"'"))
    // A spreadsheet would take a field that begins with = for a formula.
    let table = try scratch.text("run/report-train/predictions.csv")
    #expect(table.contains(",\"./=1+1,|/") && !table.contains(",=1") && !table.contains("\"=1"))
    let classes = try #require(try report("run/report-train")["classes"] as? [[String: Any]])
    #expect(Set(classes.compactMap { $0["name"] as? String }) == ["<b>&\"'", "=1+1,|", "`c`"])
  }
}
