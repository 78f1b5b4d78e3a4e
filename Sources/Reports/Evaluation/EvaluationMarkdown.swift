import Terminal
import Training

/// `report.md`: the report as text with tables and links to the pictures beside it.
struct EvaluationMarkdown {
  private let report: EvaluationReport
  private let pictures: [EvaluationReport.Picture]
  private var subject: EvaluationSubject { report.subject }

  init(_ report: EvaluationReport, _ pictures: [EvaluationReport.Picture]) {
    self.report = report
    self.pictures = pictures
  }

  /// The content of the file.
  var text: String {
    let text = EvaluationText(report: report)
    var parts = ["# \(ReportText.markdown(report.title))\n"]
    if let remark = text.remark { parts.append("\(ReportText.markdown(remark))\n") }
    parts += [summaryPart(text), networkPart(text), trainingPart]
    switch report.result {
    case .classification(let result): parts += classificationParts(result, text)
    case .reconstruction(let result): parts += reconstructionParts(result)
    }
    parts.append(settingsPart)
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func summaryPart(_ text: EvaluationText) -> String {
    var figures = MarkdownTable([("", false), ("", true), ("", false)])
    for (name, value, remark) in text.figures {
      figures.add([name, "**\(value)**", ReportText.markdown(remark)])
    }
    var identity = MarkdownTable([("what", false), ("value", false)])
    for (name, value) in text.identity { identity.add([name, ReportText.markdown(value)]) }
    return "## Summary\n\n\(figures.text)\n\(identity.text)"
  }

  private func networkPart(_ text: EvaluationText) -> String {
    let words = ["layer", "output", "receptive field"]
    var table = MarkdownTable(EvaluationText.layerColumns.map { ($0, !words.contains($0)) })
    for row in text.layerRows + [text.layerSums] { table.add(row.map(ReportText.markdown)) }
    return "## Network\n\n\(table.text)"
  }

  private var trainingPart: String {
    var text = "## Training\n\n"
    if let last = subject.history.last {
      let count = subject.history.count
      text += "\(Format.counted(count, "epoch")). After the last one: training loss "
      text += Format.fixed(last.trainLoss, decimals: 4)
      if let accuracy = last.trainAccuracy { text += ", accuracy \(Format.percent(accuracy))" }
      if let loss = last.validationLoss {
        text += "; validation loss \(Format.fixed(loss, decimals: 4))"
        if let accuracy = last.validationAccuracy {
          text += ", accuracy \(Format.percent(accuracy))"
        }
      }
      text += ".\n\n\(image("curves.png"))"
    }
    if subject.filters != nil {
      text += ["filters-start.png", "filters-end.png"].map(image).joined()
    }
    return text == "## Training\n\n" ? "" : text
  }

  /// The picture called `name` with its title; empty if the report has no such picture.
  private func image(_ name: String) -> String {
    guard let picture = pictures.first(where: { $0.fileName == name }) else { return "" }
    let title = ReportText.markdown(picture.title)
    return "![\(title)](\(name))\n\n\(title).\n\n"
  }

  private func classificationParts(
    _ result: ClassificationResult, _ text: EvaluationText
  ) -> [String] {
    [
      classPart(result), confusionPart(result), mistakePart(result),
      calibrationPart(result, text),
    ]
  }

  private func classPart(_ result: ClassificationResult) -> String {
    var table = MarkdownTable([
      ("class", false), ("precision", true), ("recall", true), ("F1", true), ("support", true),
    ])
    for scores in result.report.classes {
      table.add([
        ReportText.markdown(scores.name), Format.percent(scores.precision),
        Format.percent(scores.recall), Format.percent(scores.f1), Format.count(scores.support),
      ])
    }
    let macro = result.report.macro
    table.add([
      "macro average", Format.percent(macro.precision), Format.percent(macro.recall),
      Format.percent(macro.f1), Format.count(result.report.examples),
    ])
    return "## Classes\n\n\(table.text)"
  }

  private func confusionPart(_ result: ClassificationResult) -> String {
    let report = result.report
    var text = "## Confusion matrix\n\nRows are true classes, columns are predicted classes.\n\n"
    if report.classes.count <= 20 {
      var table = MarkdownTable(
        [("true class", false)] + report.classes.map { (ReportText.markdown($0.name), true) })
      for (label, row) in report.confusion.enumerated() {
        table.add(
          [ReportText.markdown(report.classes[label].name)] + row.map { Format.count($0) })
      }
      text += "\(table.text)\n"
    }
    text += image("confusion.png") + image("confusion-normalized.png")
    guard !report.confusions.isEmpty else { return text }
    var pairs = MarkdownTable([
      ("true class", false), ("taken for", false), ("examples", true), ("of the class", true),
    ])
    for pair in report.confusions.prefix(EvaluationText.mostPairs) {
      pairs.add([
        ReportText.markdown(result.name(pair.label)),
        ReportText.markdown(result.name(pair.prediction)), Format.count(pair.count),
        Format.percent(report.share(pair.label, pair.prediction)),
      ])
    }
    return text + "The most confused pairs:\n\n\(pairs.text)"
  }

  private func mistakePart(_ result: ClassificationResult) -> String {
    guard !result.worst.isEmpty else {
      return "## The worst mistakes\n\nNo example is classified wrongly.\n"
    }
    let top = min(3, result.examples.classes)
    var table = MarkdownTable(
      [("", true), ("index", true)] + (result.fileNames == nil ? [] : [("file", false)])
        + [("true class", false), ("loss", true)]
        + (1...top).map { ("\($0 == 1 ? "predicted" : $0 == 2 ? "2nd" : "3rd")", false) })
    for (number, place) in result.worst.enumerated() {
      table.add(
        ["\(number + 1)", "\(result.examples.indices[place])"]
          + (result.file(place).map { [ReportText.markdown($0)] } ?? []) + [
            ReportText.markdown(result.name(result.examples.labels[place])),
            Format.fixed(result.examples.losses[place], decimals: 3),
          ]
          + result.examples.ranked(place: place, count: top).map {
            "\(ReportText.markdown(result.name($0.label))) "
              + Format.percent($0.probability, decimals: 1)
          })
    }
    let count = result.worst.count
    return "## The worst mistakes\n\nThe \(count == 1 ? "example" : "\(count) examples") of the "
      + "largest loss among the \(Format.count(result.report.errors)) that are classified wrongly, "
      + "with the most probable classes.\n\n\(image("worst.png"))\(table.text)"
  }

  private func calibrationPart(
    _ result: ClassificationResult, _ text: EvaluationText
  ) -> String {
    var table = MarkdownTable(EvaluationText.coverageColumns.map { ($0, true) })
    for row in EvaluationText.coverage(result.coverage) { table.add(row) }
    return "## Confidence\n\n\(ReportText.markdown(text.probabilityRemark))\n\n"
      + image("reliability.png") + image("confidence.png")
      + "Accuracy if the network answers only where it is sure enough:\n\n\(table.text)\n"
      + image("coverage.png")
  }

  private func reconstructionParts(_ result: ReconstructionResult) -> [String] {
    var table = MarkdownTable([
      ("class", false), (subject.loss.rawValue, true), ("examples", true),
    ])
    for row in result.report.classes {
      table.add([
        ReportText.markdown(row.name), Format.significant(row.loss, digits: 4),
        Format.count(row.support),
      ])
    }
    let hasFiles = result.worst.contains { $0.file != nil }
    var worst = MarkdownTable(
      [("", true), ("index", true)] + (hasFiles ? [("file", false)] : [])
        + [("class", false), (subject.loss.rawValue, true)])
    for (number, example) in result.worst.enumerated() {
      worst.add(
        ["\(number + 1)", "\(example.index)"]
          + (hasFiles ? [ReportText.markdown(example.file ?? "")] : [])
          + [
            ReportText.markdown(result.report.classes[example.label].name),
            Format.significant(example.loss, digits: 3),
          ])
    }
    return [
      "## Reconstructions\n\n\(image("reconstructions.png"))\(table.text)",
      "## The worst reconstructions\n\n\(image("worst.png"))\(worst.text)",
    ]
  }

  private var settingsPart: String {
    var settings = MarkdownTable([("setting", false), ("value", false)])
    for (key, value) in subject.settings {
      settings.add([ReportText.markdown(key), ReportText.markdown(value)])
    }
    var text = "## Settings\n\n\(settings.text)"
    if !subject.environment.isEmpty {
      var environment = MarkdownTable([("trained with", false), ("", false)])
      for (name, value) in subject.environment {
        environment.add([ReportText.markdown(name), ReportText.markdown(value)])
      }
      text += "\n\(environment.text)"
    }
    return text
  }
}
