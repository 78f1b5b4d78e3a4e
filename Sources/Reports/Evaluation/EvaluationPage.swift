import Files
import Terminal
import Training

/// `report.html`: the report as one page that needs no other file.
struct EvaluationPage {
  private let report: EvaluationReport
  private let texts: EvaluationText
  private let pictures: [EvaluationReport.Picture]
  private var subject: EvaluationSubject { report.subject }

  init(_ report: EvaluationReport, _ pictures: [EvaluationReport.Picture]) {
    self.report = report
    texts = EvaluationText(report: report)
    self.pictures = pictures
  }

  /// The content of the file.
  var text: String {
    get throws(PNGError) {
      var sections = [HTMLPage.Section("summary", "Summary", summary)]
      switch report.result {
      case .classification(let result):
        sections += try ClassificationSections(result, texts, pictures).all
      case .reconstruction(let result):
        sections += try ReconstructionSections(
          result, lossName: subject.loss.rawValue, pictures
        ).all
      }
      let training = try self.training
      if let training { sections.append(.init("training", "Training", training)) }
      sections.append(.init("network", "Network", network))
      sections.append(.init("settings", "Settings", settings))
      var age = subject.checkpointAge
      if !age.isEmpty { age = " " + age }
      return HTMLPage(
        title: report.title, subtitle: "\(subject.model), \(subject.checkpoint)\(age)",
        sections: sections, isSortable: true
      ).text
    }
  }

  private var summary: HTML {
    let figures = texts.figures.map { name, value, remark -> HTML in
      "<div><dt>\(name)</dt><dd>\(value) <small>\(remark)</small></dd></div>\n"
    }
    var table = HTMLTable(caption: "What was evaluated", [.init("what"), .init("value")])
    for (name, value) in texts.identity {
      let isCode = name.contains("SHA-256") || name == "layers"
      table.add(["\(name)", isCode ? "<code>\(value)</code>" : "\(value)"])
    }
    let remark: HTML? = texts.remark.map { "<p class=\"note\">\($0)</p>\n" }
    return "\(remark)<dl class=\"figures\">\n\(figures)</dl>\n\(table.element)"
  }

  /// The curves and the filters; nil if there are neither.
  private var training: HTML? {
    get throws(PNGError) {
      var parts: [HTML] = []
      if let plot = report.trainingPlot {
        let panels = plot.page.panels.map { panel -> HTML in
          HTML(markup: panel.drawing.svgElement(title: "\(panel.heading) by epoch"))
        }
        let caption: HTML = "The course of the training by epoch, and its last values."
        parts.append(
          "<figure>\n<div class=\"row\">\(panels)</div>\n<figcaption>\(caption)</figcaption>\n</figure>\n"
        )
      }
      var filters: [HTML] = []
      for name in ["filters-start.png", "filters-end.png"]
      where pictures.contains(where: { $0.fileName == name }) {
        filters.append(try HTMLPictures.figure(name, of: pictures, isWide: true))
      }
      if !filters.isEmpty { parts.append("<div class=\"row\">\n\(filters)</div>\n") }
      return parts.isEmpty ? nil : parts.joined()
    }
  }

  private var network: HTML {
    var table = HTMLTable(
      caption: "Layers of \(subject.model)",
      EvaluationText.layerColumns.map {
        .init("\($0)", isNumber: !["layer", "output", "receptive field"].contains($0))
      })
    for row in texts.layerRows { table.add(row.map { "\($0)" }) }
    table.setFooter(texts.layerSums.map { "\($0)" })
    return table.element
  }

  private var settings: HTML {
    var table = HTMLTable(
      caption: "Settings that the results of the training depend on",
      [.init("setting"), .init("value")])
    for (key, value) in subject.settings { table.add(["\(key)", "<code>\(value)</code>"]) }
    guard !subject.environment.isEmpty else { return table.element }
    var environment = HTMLTable(caption: "Trained with", [.init("what"), .init("value")])
    for (name, value) in subject.environment { environment.add(["\(name)", "\(value)"]) }
    return "<div class=\"row\">\n\(table.element)\(environment.element)</div>\n"
  }
}

/// Pictures of a report on its page.
enum HTMLPictures {
  /// The figure of the picture called `fileName`.
  static func figure(
    _ fileName: String, of pictures: [EvaluationReport.Picture], isWide: Bool = false
  ) throws(PNGError) -> HTML {
    guard let picture = pictures.first(where: { $0.fileName == fileName }) else {
      preconditionFailure("there is no picture \(fileName)")
    }
    let caption: HTML = "\(picture.title)."
    switch picture.content {
    case .drawing(let drawing):
      return HTMLFigure.element(drawing, title: picture.title, caption: caption)
    case .raster(let raster):
      return HTMLFigure.element(
        try HTMLImage(raster).element(alternative: picture.title), caption: caption,
        isWide: isWide)
    case .file(let bytes):
      let data = HTML(markup: Base64.encode(bytes))
      return HTMLFigure.element(
        "<img alt=\"\(picture.title)\" src=\"data:image/png;base64,\(data)\">", caption: caption,
        isWide: isWide)
    }
  }
}
