import Terminal
import Training

/// The sections of a classifier's page.
struct ClassificationSections {
  private let result: ClassificationResult
  private let texts: EvaluationText
  private let pictures: [EvaluationReport.Picture]
  private let gallery: ExampleGallery
  private var report: ClassificationReport { result.report }

  init(
    _ result: ClassificationResult, _ texts: EvaluationText, _ pictures: [EvaluationReport.Picture]
  ) throws(PNGError) {
    self.result = result
    self.texts = texts
    self.pictures = pictures
    gallery = try ExampleGallery(result)
  }

  var all: [HTMLPage.Section] {
    get throws(PNGError) {
      var sections: [HTMLPage.Section] = [
        .init("classes", "Classes", classes),
        .init("confusion", "Confusion matrix", confusion),
        .init("worst", "The worst mistakes", try worst),
        .init("confidence", "Confidence", confidence),
      ]
      if !gallery.mistakes.isEmpty {
        let mistakes = GallerySections(result, gallery).mistakes
        sections.append(.init("mistakes", "All mistakes", mistakes))
      }
      if !gallery.right.isEmpty {
        sections.append(
          .init("right", "Right, but least sure", GallerySections(result, gallery).right))
      }
      return sections
    }
  }

  private var classes: HTML {
    var table = HTMLTable(
      caption: "Scores of each class",
      [
        .init("class"), .init("precision", isNumber: true), .init("recall", isNumber: true),
        .init("F1", isNumber: true), .init("support", isNumber: true),
      ], isSortable: true)
    func cell(_ share: Double) -> HTMLTable.Cell { .init("\(Format.percent(share))", key: share) }
    for (index, scores) in report.classes.enumerated() {
      table.add([
        .init("\(scores.name)", key: Double(index)), cell(scores.precision), cell(scores.recall),
        cell(scores.f1), .init("\(Format.count(scores.support))", key: Double(scores.support)),
      ])
    }
    let macro = report.macro
    table.setFooter([
      "macro average", cell(macro.precision), cell(macro.recall), cell(macro.f1),
      "\(Format.count(report.examples))",
    ])
    return table.element
      + """
      <p class="note">Precision is the fraction of the examples taken for the class that belong to it. Recall \
      is the fraction of the class that is found. F1 is the harmonic mean of both. Support is the number of \
      examples of the class.</p>

      """
  }

  private var confusion: HTML {
    let counts = ConfusionTable(result, gallery, content: .counts).element
    let shares = ConfusionTable(result, gallery, content: .shares).element
    return """
      <p class="note">Rows are true classes, columns are predicted classes. The color of a cell shows its \
      share of the row: \(HeatScale.legend), blue on the diagonal, orange elsewhere. An underlined number \
      links to images of its cell.</p>
      <div class="row">
      \(counts)\(shares)</div>
      \(pairs)
      """
  }

  private var pairs: HTML {
    guard !report.confusions.isEmpty else {
      return "<p>No example is taken for another class.</p>\n"
    }
    let shown = report.confusions.prefix(EvaluationText.mostPairs)
    let rest = report.confusions.count - shown.count
    var table = HTMLTable(
      caption: rest == 0
        ? "Pairs of classes that were confused"
        : "The \(shown.count) most confused pairs of classes",
      [
        .init("true class"), .init("taken for"), .init("examples", isNumber: true),
        .init("of the class", isNumber: true),
      ])
    for pair in shown {
      let count = Format.count(pair.count)
      let link: HTML =
        gallery.fragment(pair.label, pair.prediction).map { "<a href=\"#\($0)\">\(count)</a>" }
        ?? "\(count)"
      table.add([
        "\(result.name(pair.label))", "\(result.name(pair.prediction))", .init(link),
        "\(Format.percent(report.share(pair.label, pair.prediction)))",
      ])
    }
    return table.element
  }

  private var worst: HTML {
    get throws(PNGError) {
      guard !result.worst.isEmpty else { return "<p>No example is classified wrongly.</p>\n" }
      let count = result.worst.count
      var cards: [HTML] = []
      for place in result.worst { cards.append(try card(place)) }
      return """
        <p class="note">The \(count == 1 ? "example" : "\(count) examples") of the largest loss among the \
        \(Format.count(report.errors)) that are classified wrongly, each with its most probable classes. The \
        index counts the examples of the split from 0.</p>
        <ol class="cards">
        \(cards)</ol>

        """
    }
  }

  private func card(_ place: Int) throws(PNGError) -> HTML {
    let label = result.examples.labels[place]
    let ranked = result.examples.ranked(place: place, count: 3).map { item -> HTML in
      let style: HTML = item.label == label ? " class=\"right\"" : ""
      return
        "<li\(style)>\(result.name(item.label)) \(Format.percent(item.probability, decimals: 1))</li>"
    }
    let picture: HTML?
    if result.hasPictures {
      let raster = result.image(place).reduced(toSide: 140)
      let factor = max(1, 140 / max(raster.width, raster.height))
      picture = try HTMLImage(raster).element(
        alternative: "Example \(result.placeText(place)): \(result.name(label)), taken for "
          + result.name(result.examples.predictions[place]),
        factor: Double(factor), isSharp: factor > 1)
    } else {
      picture = nil
    }
    return """
      <li>\(picture)<strong>true: \(result.name(label))</strong>
      <ol>\(ranked)</ol>
      <small class="note">index \(result.placeText(place)), loss \
      \(Format.fixed(result.examples.losses[place], decimals: 3))</small></li>

      """
  }

  private var confidence: HTML {
    let calibration = result.calibration
    let charts = [
      (
        ConfidenceCharts.reliability(calibration),
        "Reliability diagram: accuracy against confidence",
        "Accuracy of the predictions in each bin of confidence. On the dotted line both agree."
      ),
      (
        ConfidenceCharts.histogram(calibration), "Histogram of the confidence",
        "Predictions in each bin of confidence. The mean confidence is "
          + "\(Format.percent(calibration.confidence)), the accuracy is "
          + "\(Format.percent(report.accuracy))."
      ),
      (
        ConfidenceCharts.coverage(result.coverage), "Accuracy against coverage",
        "Accuracy if only the surest predictions are answered."
      ),
    ].map { panel, title, caption in
      HTMLFigure.element(panel.drawing, title: title, caption: "\(caption)")
    }
    var table = HTMLTable(
      caption: "Accuracy if only sure predictions are answered",
      EvaluationText.coverageColumns.map { .init("\($0)", isNumber: true) })
    for row in EvaluationText.coverage(result.coverage) { table.add(row.map { "\($0)" }) }
    return """
      <p class="note">\(texts.probabilityRemark) The confidence of a prediction is the probability of the \
      predicted class. The expected calibration error is \(Format.percent(calibration.expectedError)), the \
      greatest difference of a bin is \(Format.percent(calibration.maximumError)).</p>
      <div class="row">
      \(charts)</div>
      \(table.element)
      """
  }
}
