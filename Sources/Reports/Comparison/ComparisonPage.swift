import Terminal
import Training

/// A page that compares networks on one test split: figures side by side, curves overlaid, and the examples
/// that one has right and another has wrong.
public struct ComparisonPage: Sendable {
  /// A pair of the networks and its test.
  public struct Pair: Sendable {
    let first: Int
    let second: Int
    let test: McNemarTest

    public init(_ first: Int, _ second: Int, _ test: McNemarTest) {
      self.first = first
      self.second = second
      self.test = test
    }
  }

  private let results: [ComparedResult]
  private let pairs: [Pair]

  /// The greatest number of examples of a pair that are shown for each of the two.
  private static let mostExamples = 60
  /// From this number of classes on, only those with the greatest differences are listed.
  private static let mostClasses = 50

  /// - Parameters:
  ///   - results: two to six, on the same examples in the same order.
  ///   - pairs: which of them are compared with each other.
  public init(_ results: [ComparedResult], pairs: [Pair]) {
    precondition(
      results.count >= 2 && results.count <= ComparisonPlot.most,
      "ComparisonPage of \(results.count) results")
    self.results = results
    self.pairs = pairs
  }

  private func letter(_ index: Int) -> String { ComparisonPlot.letter(index) }

  /// The content of the file. Equal comparisons give equal text.
  public func text() throws(PNGError) -> String {
    var sections: [HTMLPage.Section] = [
      .init("figures", "Figures", figures), .init("tests", "Tests", tests),
    ]
    if let curves { sections.append(.init("curves", "Curves", curves)) }
    sections.append(.init("settings", "Settings that differ", settings))
    sections.append(.init("classes", "Classes", classes))
    for pair in pairs {
      let content = try examples(of: pair)
      sections.append(
        .init(
          "pair-\(pair.first)-\(pair.second)",
          "\(letter(pair.first)) and \(letter(pair.second)) by example", content))
    }
    let names = results.enumerated().map { "\(letter($0)): \($1.name)" }.joined(separator: ", ")
    return HTMLPage(
      title: "Comparison on \(results[0].subject.examplesName)", subtitle: "\(names)",
      sections: sections, isSortable: true
    ).text
  }

  private var heads: [HTMLTable.Column] {
    results.indices.map { .init("\(letter($0))", isNumber: true) }
  }

  private var figures: HTML {
    var table = HTMLTable(caption: "Side by side", [.init("figure")] + heads)
    func add(_ name: HTML, _ value: (ComparedResult) -> String) {
      table.add([.init(name)] + results.map { "\(value($0))" })
    }
    add("run") { $0.name }
    add("checkpoint") { $0.subject.checkpoint }
    add("accuracy (top 1)") { Format.percent($0.result.report.accuracy) }
    add("95 % interval") { EvaluationText.interval($0.result.report.interval) }
    add("errors") { Format.count($0.result.report.errors) }
    if results.contains(where: { $0.result.singleView != nil }) {
      add("accuracy, single view") {
        Format.percent(($0.result.singleView ?? $0.result.report).accuracy)
      }
    }
    if results.allSatisfy({ $0.result.topFive != nil }) {
      add("accuracy (top 5)") { Format.percent($0.result.topFive ?? 0) }
    }
    add("loss") {
      "\(Format.fixed($0.result.report.loss, decimals: 4)) (\($0.subject.loss.rawValue))"
    }
    add("macro F1") { Format.percent($0.result.report.macro.f1) }
    add("calibration error (ECE)") { Format.percent($0.result.calibration.expectedError) }
    add("Brier score") { Format.fixed($0.result.examples.brierScore, decimals: 4) }
    add("parameters") { Format.count($0.subject.summary.parameters) }
    add("multiply-adds") { Format.count($0.subject.summary.multiplyAdds) }
    add("epochs") { $0.subject.epoch.map { "\($0)" } ?? "–" }
    return table.element
  }

  private var tests: HTML {
    var table = HTMLTable(
      caption: "McNemar's exact test of pairs",
      [
        .init("pair"), .init("difference of accuracies", isNumber: true),
        .init("both right", isNumber: true), .init("only the first", isNumber: true),
        .init("only the second", isNumber: true), .init("neither", isNumber: true),
        .init("p", isNumber: true),
      ])
    for pair in pairs {
      let (first, second) = (results[pair.first], results[pair.second])
      let difference = first.result.report.accuracy - second.result.report.accuracy
      let sign = difference < 0 ? "−" : "+"
      table.add([
        "<a href=\"#pair-\(pair.first)-\(pair.second)\">\(letter(pair.first)) − \(letter(pair.second))</a>",
        "\(sign)\(Format.percent(abs(difference)))", "\(Format.count(pair.test.bothRight))",
        "\(Format.count(pair.test.onlyFirst))", "\(Format.count(pair.test.onlySecond))",
        "\(Format.count(pair.test.bothWrong))",
        "\(Format.significant(pair.test.pValue, digits: 3))",
      ])
    }
    let note: HTML =
      "A p below 0.05 says that the difference of these two networks is hardly chance. It says nothing about other seeds."
    return "\(table.element)<p class=\"note\">\(note)</p>\n"
  }

  /// The overlaid curves; nil if none is recorded.
  private var curves: HTML? {
    let curves = results.map { $0.subject.history.map(TrainingPlot.Point.init) }
    guard curves.contains(where: { !$0.isEmpty }) else { return nil }
    let panels = ComparisonPlot(title: "", curves).page.panels.map { panel in
      HTML(markup: panel.drawing.svgElement(title: "\(panel.heading) by epoch"))
    }
    return
      "<figure>\n<div class=\"row\">\(panels)</div>\n<figcaption>The courses of the trainings by epoch, and their last values.</figcaption>\n</figure>\n"
  }

  private var settings: HTML {
    let differences = ComparedResult.differences(results)
    guard !differences.isEmpty else { return "<p>All settings are equal.</p>\n" }
    var table = HTMLTable(
      caption: "Settings that differ",
      [.init("setting")] + results.indices.map { .init("\(letter($0))") })
    for (key, values) in differences {
      table.add(["\(key)"] + values.map { "\($0 ?? "–")" })
    }
    return table.element
  }

  /// F1 of each class. Of many classes, those in which the networks differ most.
  private var classes: HTML {
    let names = results[0].result.report.classes.map(\.name)
    func score(_ result: ComparedResult, _ name: String) -> Double {
      result.result.report.classes.first { $0.name == name }?.f1 ?? 0
    }
    let rows = names.enumerated().map { index, name in
      (index: index, name: name, scores: results.map { score($0, name) })
    }
    func spread(_ scores: [Double]) -> Double { (scores.max() ?? 0) - (scores.min() ?? 0) }
    let isCut = rows.count > Self.mostClasses
    let shown =
      isCut
      ? Array(
        rows.sorted {
          (spread($1.scores), $0.index) < (spread($0.scores), $1.index)
        }.prefix(Self.mostClasses)) : rows
    var table = HTMLTable(
      caption: isCut
        ? "F1 of the \(Self.mostClasses) classes with the greatest differences"
        : "F1 of each class",
      [.init("class")] + heads, isSortable: true)
    for row in shown {
      table.add(
        [.init("\(row.name)", key: Double(row.index))]
          + row.scores.map { .init("\(Format.percent($0))", key: $0) })
    }
    return table.element
  }

  /// The examples that only one of a pair has right, those of the largest loss of the other first.
  private func examples(of pair: Pair) throws(PNGError) -> HTML {
    var parts: [HTML] = []
    for (right, wrong) in [(pair.first, pair.second), (pair.second, pair.first)] {
      let (rightHits, wrongHits) = (
        results[right].result.examples.hits, results[wrong].result.examples.hits
      )
      let places = results[wrong].result.examples.worstFirst(
        rightHits.indices.filter { rightHits[$0] && !wrongHits[$0] })
      let shown = places.prefix(Self.mostExamples)
      var images: [HTML] = []
      if results[wrong].result.hasPictures {
        for place in shown { images.append(try thumbnail(place, wrong)) }
      }
      let number: HTML =
        shown.count == places.count
        ? "\(Format.count(places.count))"
        : "\(Format.count(shown.count)) of \(Format.count(places.count))"
      parts.append(
        "<h3>Only \(letter(right)) is right (\(number))</h3>\n<ul class=\"thumbs\">\n\(images)</ul>\n"
      )
    }
    return parts.joined()
  }

  /// The image of an example that network `wrong` has wrong.
  private func thumbnail(_ place: Int, _ wrong: Int) throws(PNGError) -> HTML {
    let result = results[wrong].result
    let image = try HTMLImage(result.image(place).reduced(toSide: ExampleGallery.side))
    let factor = max(1, ExampleGallery.side / max(image.width, image.height))
    let picture = image.element(
      alternative: "Example \(result.examples.indices[place]): "
        + "\(result.name(result.examples.labels[place])), which \(letter(wrong)) takes for "
        + result.name(result.examples.predictions[place]), factor: Double(factor),
      isSharp: factor > 1)
    return "<li>\(picture)</li>\n"
  }
}
