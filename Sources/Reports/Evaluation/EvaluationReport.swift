import Training

/// The report on an evaluated network: a page, Markdown, JSON, pictures and predictions.
public struct EvaluationReport: Sendable {
  public enum Result: Sendable {
    case classification(ClassificationResult)
    case reconstruction(ReconstructionResult)
  }

  /// A file of the report.
  public struct File: Sendable {
    public let name: String
    public let bytes: [UInt8]
  }

  public let subject: EvaluationSubject
  public let result: Result

  public init(_ subject: EvaluationSubject, _ result: Result) {
    self.subject = subject
    self.result = result
  }

  /// All files except `report.json`. Equal evaluations give equal bytes.
  public func files() throws(PNGError) -> [File] {
    let pictures = Self.pictures(of: result, subject)
    var files = try pictures.map { picture throws(PNGError) in
      File(name: picture.fileName, bytes: try picture.png)
    }
    let page = try EvaluationPage(self, pictures).text
    let markdown = EvaluationMarkdown(self, pictures).text
    files.append(File(name: "report.html", bytes: Array(page.utf8)))
    files.append(File(name: "report.md", bytes: Array(markdown.utf8)))
    if case .classification(let result) = result {
      files.append(File(name: "predictions.csv", bytes: result.predictionsCSV))
    }
    return files
  }

  /// The number of examples.
  public var count: Int {
    switch result {
    case .classification(let result): result.report.examples
    case .reconstruction(let result): result.report.examples
    }
  }

  /// The title of page and text.
  var title: String { "\(subject.name): \(subject.examplesName)" }

  /// The training's curves; nil if they are not recorded.
  var trainingPlot: TrainingPlot? { subject.trainingPlot }
}

extension EvaluationSubject {
  /// The training's curves; nil if they are not recorded.
  var trainingPlot: TrainingPlot? {
    guard !history.isEmpty else { return nil }
    return TrainingPlot(
      title: "\(dataset), \(model)",
      points: history.map { epoch in
        var point = TrainingPlot.Point(epoch)
        point.gradientNorm = gradientNorms[epoch.epoch]
        return point
      })
  }
}

extension ClassificationResult {
  /// `predictions.csv`: a row for each example, with its index in the split, the file of its image if it has one,
  /// the numbers of the true and of the predicted class, and a logit for each class. A logit has the fewest digits that read back as the
  /// same number.
  var predictionsCSV: [UInt8] {
    var bytes = Array("index,\(fileNames == nil ? "" : "file,")true,predicted".utf8)
    for label in 0..<examples.classes { bytes += ",logit_\(label)".utf8 }
    bytes.append(UInt8(ascii: "\n"))
    for place in 0..<examples.count {
      bytes += "\(examples.indices[place]),".utf8
      if let file = file(place) { bytes += "\(CSVField.path(file)),".utf8 }
      bytes += "\(examples.labels[place]),\(examples.predictions[place])".utf8
      for logit in examples.logits(ofPlace: place) {
        bytes.append(UInt8(ascii: ","))
        bytes += logit.description.utf8
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }
}

extension TrainingPlot.Point {
  /// The figures of an epoch.
  public init(_ epoch: MetricsHistory.Epoch) {
    self.init(
      epoch: Double(epoch.epoch), trainLoss: epoch.trainLoss,
      validationLoss: epoch.validationLoss, trainAccuracy: epoch.trainAccuracy,
      validationAccuracy: epoch.validationAccuracy, rate: epoch.learningRate)
  }
}
