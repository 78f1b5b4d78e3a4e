extension EvaluationReport {
  /// A picture of the report that is also a PNG file.
  struct Picture: Sendable {
    enum Content: Sendable {
      case drawing(Drawing)
      case raster(Raster)
      /// The bytes of a PNG file.
      case file([UInt8])
    }

    let fileName: String
    /// What it shows, in a sentence without a full stop.
    let title: String
    let content: Content

    var png: [UInt8] {
      get throws(PNGError) {
        switch content {
        case .drawing(let drawing): try PNG.encode(drawing.raster)
        case .raster(let raster): try PNG.encode(raster)
        case .file(let bytes): bytes
        }
      }
    }
  }

  /// All pictures of a report.
  static func pictures(of result: Result, _ subject: EvaluationSubject) -> [Picture] {
    var pictures: [Picture] = []
    switch result {
    case .classification(let result): pictures = result.pictures
    case .reconstruction(let result):
      pictures = [
        Picture(
          fileName: "reconstructions.png", title: "Inputs above their reconstructions",
          content: .raster(result.sheet)),
        Picture(
          fileName: "worst.png", title: "The reconstructions of the largest loss, at the right",
          content: .raster(
            ReconstructionPairSheet(result, lossName: subject.loss.rawValue).raster)),
      ]
    }
    if let plot = subject.trainingPlot {
      pictures.append(
        Picture(
          fileName: "curves.png", title: "The course of the training by epoch",
          content: .drawing(plot.page.drawing(withTitle: false))))
    }
    if let filters = subject.filters {
      if let start = filters.start {
        pictures.append(
          Picture(
            fileName: "filters-start.png", title: "Filters of \(filters.layer) before training",
            content: .file(start)))
      }
      pictures.append(
        Picture(
          fileName: "filters-end.png", title: "Filters of \(filters.layer) after training",
          content: .raster(filters.end)))
    }
    return pictures
  }
}

extension ClassificationResult {
  private typealias Picture = EvaluationReport.Picture

  fileprivate var pictures: [EvaluationReport.Picture] {
    let names = report.classes.map(\.name)
    var pictures = [
      Picture(
        fileName: "confusion.png", title: "Confusion matrix in examples",
        content: .raster(ConfusionSheet(report, names: names, content: .counts).raster)),
      Picture(
        fileName: "confusion-normalized.png", title: "Confusion matrix in percent of each row",
        content: .raster(ConfusionSheet(report, names: names, content: .shares).raster)),
      Picture(
        fileName: "reliability.png", title: "Accuracy against confidence",
        content: .drawing(ConfidenceCharts.reliability(calibration).drawing)),
      Picture(
        fileName: "confidence.png", title: "Histogram of the confidence",
        content: .drawing(ConfidenceCharts.histogram(calibration).drawing)),
      Picture(
        fileName: "coverage.png", title: "Accuracy against coverage",
        content: .drawing(ConfidenceCharts.coverage(coverage).drawing)),
    ]
    if !worst.isEmpty, hasPictures {
      pictures.append(
        Picture(
          fileName: "worst.png", title: "The mistakes of the largest loss",
          content: .raster(MistakeSheet(self, places: worst).raster)))
    }
    return pictures
  }
}
