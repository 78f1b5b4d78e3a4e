import Files
import Foundation
import Networks
import Testing
import Training

@testable import Datasets
@testable import Reports

/// The report on a classifier, as files.
@Suite struct EvaluationReportTests {
  private static let hostile = ["<b>&\"", "=1+1,|", "`c`\n[x](y)"]

  /// Examples whose label is `place % classes`, of which each `wrongEvery`-th is taken for the next class;
  /// none if it is 0.
  private func report(
    names: [String], count: Int, wrongEvery: Int, side: Int = 4, channels: Int = 1,
    fileNames: [String]? = nil, gradientNorms: [Int: Double] = [:]
  ) throws -> EvaluationReport {
    let classes = names.count
    let labels = (0..<count).map { $0 % classes }
    let predictions = labels.enumerated().map { place, label in
      wrongEvery > 0 && place % wrongEvery == 0 ? (label + 1) % classes : label
    }
    let logits = predictions.enumerated().flatMap { place, prediction in
      (0..<classes).map { Float($0 == prediction ? 2 + place % 3 : 0) }
    }
    var state: UInt32 = 1
    let pixels = (0..<count * side * side * channels).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    let losses = (0..<count).map { Double($0 % 17) }
    let network = try Architecture("fc(classes)").network(
      input: [1, side, side, channels], classes: classes)
    let subject = EvaluationSubject(
      name: "run <1>", checkpoint: "best.safetensors", checkpointHash: "ab12", step: 1200,
      epoch: 3, model: "custom", notation: "fc(classes)", summary: NetworkSummary(network),
      loss: .crossEntropy, views: .none, dataset: "folder", datasetTitle: "folder",
      isSample: false, split: .test, dataHashes: ["cd34"], imageSize: (side, side, channels),
      settings: [("lr", "0.1")], environment: [("threads", "2")],
      history: MetricsHistory.epochs(
        in: Array(
          (#"{"kind":"epoch","epoch":1,"step":4,"train_loss":0.5,"train_accuracy":0.75,"rate":0.1}"#
            + "\n").utf8)), gradientNorms: gradientNorms, filters: nil)
    let examples = ClassifiedExamples(
      indices: (0..<count).map { $0 }, labels: labels, predictions: predictions, losses: losses,
      logits: logits, classes: classes)
    return EvaluationReport(
      subject,
      .classification(
        ClassificationResult(
          report: ClassificationReport(
            labels: labels, predictions: predictions, losses: losses, classNames: names),
          examples: examples, singleView: nil,
          images: ImageSet(
            height: side, width: side, channels: channels, classes: classes, pixels: pixels,
            labels: labels.map { UInt8($0) }), fileNames: fileNames)))
  }

  private func text(_ name: String, _ files: [EvaluationReport.File]) throws -> String {
    String(decoding: try #require(files.first { $0.name == name }).bytes, as: UTF8.self)
  }

  @Test func namesOfClassesAreHarmless() throws {
    let files = try report(names: Self.hostile, count: 30, wrongEvery: 4).files()
    let page = try text("report.html", files)
    #expect(!page.contains("<b>") && page.contains("&lt;b&gt;&amp;&quot;"))
    let markdown = try text("report.md", files)
    #expect(!markdown.contains("<b>") && markdown.contains("&lt;b&gt;&amp;\""))
    #expect(markdown.contains("=1+1,\\|") && markdown.contains("\\`c\\` \\[x\\](y)"))
    // All rows of a table have equally many cells.
    for block in markdown.split(separator: "\n\n") where block.hasPrefix("|") {
      let bars = block.split(separator: "\n").map {
        $0.replacing("\\|", with: "").filter { $0 == "|" }.count
      }
      #expect(Set(bars).count == 1, "\(block)")
    }
    // Names of classes are not in the file that a spreadsheet opens.
    #expect(!(try text("predictions.csv", files)).contains("="))
  }

  @Test func predictionsAreExact() throws {
    let files = try report(names: ["a", "b"], count: 3, wrongEvery: 2).files()
    #expect(
      try text("predictions.csv", files) == """
        index,true,predicted,logit_0,logit_1
        0,0,1,0.0,2.0
        1,1,1,0.0,3.0
        2,0,1,0.0,4.0

        """)
  }

  /// Images of a folder are named by their files, whatever their names are.
  @Test func filesAreNamed() throws {
    let fileNames = ["a/1.png", "b/x, \"y\".png", "=1+1/<i>|\n.png"]
    let report = try report(
      names: ["a", "b"], count: 3, wrongEvery: 2, fileNames: fileNames)
    let files = try report.files()
    #expect(
      try text("predictions.csv", files) == """
        index,file,true,predicted,logit_0,logit_1
        0,a/1.png,0,1,0.0,2.0
        1,"b/x, ""y"".png",1,1,0.0,3.0
        2,"./=1+1/<i>|
        .png",0,1,0.0,4.0

        """)
    let page = try text("report.html", files)
    #expect(page.contains("index 0 (a/1.png), loss") && !page.contains("<i>"))
    #expect(page.contains("Example 1 (b/x, &quot;y&quot;.png), confidence"))
    let markdown = try text("report.md", files)
    #expect(markdown.contains("| a/1.png |") && markdown.contains("=1+1/&lt;i&gt;\\| .png"))
    let json = CanonicalJSON.object(report.jsonMembers).text
    #expect(json.contains(#""worst":[{"index":2,"file":"=1+1/<i>|\n.png","true":0"#))
    guard case .classification(let result) = report.result else { return }
    #expect(
      result.worstCSV(1).hasPrefix("index,file,true,predicted,loss,probability\n2,\"./=1+1"))
  }

  @Test(arguments: [
    ("cat/1.png", "cat/1.png"), ("a,b.png", "\"a,b.png\""), ("-1.png", "./-1.png"),
    ("@x\"y", "\"./@x\"\"y\""), ("", ""), ("über 1.png", "über 1.png"),
  ])
  func aPathIsAField(_ path: String, _ field: String) { #expect(CSVField.path(path) == field) }

  /// The norm has a panel of its own if the run recorded it.
  @Test func theCurvesHaveTheNormOfTheGradient() throws {
    for (norms, isShown) in [([1: 0.5], true), ([:], false), ([7: 0.5], false)] {
      let page = try text(
        "report.html",
        try report(names: ["a", "b"], count: 9, wrongEvery: 3, gradientNorms: norms).files())
      #expect(page.contains("learning rate"))
      #expect(page.contains("norm of the gradient") == isShown)
    }
  }

  @Test func theFilesAreKnownByName() throws {
    let files = try report(names: ["a", "b"], count: 9, wrongEvery: 3).files()
    #expect(
      files.map(\.name) == [
        "confusion.png", "confusion-normalized.png", "reliability.png", "confidence.png",
        "coverage.png", "worst.png", "curves.png", "report.html", "report.md", "predictions.csv",
      ])
    #expect(files.allSatisfy { ReportFolder.names.contains($0.name) })
    for file in files where file.name.hasSuffix(".png") {
      #expect(file.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
  }

  /// Each link leads to a place of the page, each place has one name, and each picture has a text.
  @Test func thePageIsWhole() throws {
    let page = try text(
      "report.html", report(names: Self.hostile, count: 60, wrongEvery: 3).files())
    let ids = page.matches(of: #/ id="([^"]+)"/#).map { String($0.1) }
    #expect(Set(ids).count == ids.count)
    let links = page.matches(of: #/href="#([^"]+)"/#).map { String($0.1) }
    #expect(links.allSatisfy(ids.contains) && links.contains("cell-0-1") && links.contains("worst"))
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("alt=\"\""))
    let images = page.matches(of: #/<img /#).count
    #expect(page.matches(of: #/<img [^>]*alt="[^"]+"/#).count == images && images > 20)
    #expect(page.contains("run &lt;1&gt;: folder, test split"))
    #expect(page.contains("after 3 epochs, step 1,200") && page.contains("ab12"))
  }

  /// 6,000 mistakes among 10,000 color images: the page stays below 5 MB and says what it leaves out.
  @Test func aBadClassifierHasASmallPage() throws {
    let start = ContinuousClock.now
    let report = try report(
      names: (0..<100).map { "class \($0)" }, count: 10_000, wrongEvery: 1, side: 32, channels: 3)
    let files = try report.files()
    let page = try #require(files.first { $0.name == "report.html" })
    #expect(page.bytes.count < 5_000_000)
    let text = String(decoding: page.bytes, as: UTF8.self)
    #expect(text.contains(#/Shown are [0-9]+ of 10,000 mistakes/#))
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func aPerfectClassifierHasNoMistakes() throws {
    let files = try report(names: ["a", "b"], count: 8, wrongEvery: 0).files()
    #expect(!files.contains { $0.name == "worst.png" })
    let page = try text("report.html", files)
    #expect(page.contains("No example is classified wrongly.") && !page.contains("All mistakes"))
    #expect(try text("report.md", files).contains("No example is classified wrongly."))
  }

  // MARK: The folder

  private func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
      .path(percentEncoded: false)
  }

  @Test func anUnchangedReportIsReplacedAndAChangedOneStays() throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try report(names: ["a", "b"], count: 9, wrongEvery: 3)
    let written = try ReportFolder(path).write(first)
    #expect(ReportFolder(path).foreignFile == nil)
    #expect(try ReportFolder(path).write(first) == written)

    // A report without mistakes has no picture of them.
    #expect(OutputFile.exists("\(path)/worst.png"))
    try ReportFolder(path).write(report(names: ["a", "b"], count: 8, wrongEvery: 0))
    #expect(!OutputFile.exists("\(path)/worst.png"))
    #expect(ReportFolder(path).foreignFile == nil)
    #expect(ReportFolder.free(path).folder.path == path)

    try OutputFile.write(Array("mine".utf8), to: "\(path)/report.md")
    #expect(ReportFolder(path).foreignFile == "\(path)/report.md")
    let (folder, foreign) = ReportFolder.free(path)
    #expect(folder.path == "\(path)-2" && foreign == "\(path)/report.md")
  }

  @Test func otherFilesAreForeign() throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(ReportFolder(path).foreignFile == nil)
    try OutputFile.createFolder(path)
    try OutputFile.write([1], to: "\(path)/notes.txt")
    #expect(ReportFolder(path).foreignFile == nil)
    try OutputFile.write([1], to: "\(path)/curves.png")
    #expect(ReportFolder(path).foreignFile == "\(path)/curves.png")
    try OutputFile.write(Array("{}".utf8), to: "\(path)/report.json")
    #expect(ReportFolder(path).foreignFile == "\(path)/report.json")
  }

  /// A program that was killed while it replaced files leaves old and new files, which are all its own.
  @Test func aHalfReplacedReportIsNotForeign() throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ReportFolder(path).write(report(names: ["a", "b"], count: 9, wrongEvery: 3))
    let page = try InputFile.read("\(path)/report.html", limit: 1 << 24)
    try ReportFolder(path).write(report(names: ["a", "b"], count: 12, wrongEvery: 4))
    var record = String(
      decoding: try InputFile.read("\(path)/report.json", limit: 1 << 24), as: UTF8.self)
    let hash = Hash.sha256(of: [page])
    record = record.replacing(
      "]}\n", with: "],\"previous\":[{\"name\":\"report.html\",\"sha256\":\"\(hash)\"}]}\n")
    try OutputFile.write(page, to: "\(path)/report.html")
    #expect(ReportFolder(path).foreignFile == "\(path)/report.html")
    try OutputFile.write(Array(record.utf8), to: "\(path)/report.json")
    #expect(ReportFolder(path).foreignFile == nil)
  }
}
