import Terminal
import Training

/// Sentences and figures that the page and the Markdown file have in common. All are plain text.
struct EvaluationText {
  let report: EvaluationReport
  private var subject: EvaluationSubject { report.subject }

  /// Names and values of the summary, with a remark for some.
  var figures: [(name: String, value: String, remark: String)] {
    switch report.result {
    case .reconstruction(let result):
      return [
        ("examples", Format.count(result.report.examples), subject.examplesName),
        (
          subject.loss.rawValue, Format.significant(result.report.loss, digits: 4),
          "mean over examples"
        ),
      ]
    case .classification(let result):
      return figures(of: result)
    }
  }

  private func figures(
    of result: ClassificationResult
  ) -> [(name: String, value: String, remark: String)] {
    let own = result.report
    let views = subject.views == .none ? "" : ", views: \(subject.views.rawValue)"
    var figures = [
      (
        "accuracy (top 1)", Format.percent(own.accuracy),
        "95 % interval \(Self.interval(own.interval))\(views)"
      ),
      ("errors", Format.count(own.errors), "of \(Format.counted(own.examples, "example"))"),
    ]
    if let single = result.singleView {
      figures.append(
        (
          "accuracy, single view", Format.percent(single.accuracy),
          "95 % interval \(Self.interval(single.interval)), loss "
            + Format.fixed(single.loss, decimals: 4)
        ))
    }
    if let topFive = result.topFive {
      figures.append(
        ("accuracy (top 5)", Format.percent(topFive), "true class in the top five"))
    }
    return figures + [
      ("loss", Format.fixed(own.loss, decimals: 4), subject.loss.rawValue),
      ("macro F1", Format.percent(own.macro.f1), "mean over classes"),
      (
        "calibration error", Format.percent(result.calibration.expectedError),
        "ECE, \(result.calibration.bins.count) bins"
      ),
      ("Brier score", Format.fixed(result.examples.brierScore, decimals: 4), "0 is best, 2 worst"),
    ]
  }

  static func interval(_ interval: ClosedRange<Double>) -> String {
    "\(Format.percent(interval.lowerBound)) to \(Format.percent(interval.upperBound))"
  }

  /// Names and values that identify what was evaluated.
  var identity: [(name: String, value: String)] {
    let size = subject.imageSize
    let place = [subject.checkpoint, subject.checkpointAge].filter { !$0.isEmpty }
    let channels = size.channels == 1 ? "gray" : "\(size.channels) channels"
    var rows = [
      ("run", subject.name), ("checkpoint", place.joined(separator: ", ")),
      ("checkpoint SHA-256", subject.checkpointHash),
      ("examples", "\(Format.count(report.count)) of \(subject.examplesName)"),
      ("images", "\(size.height)×\(size.width), \(channels)"),
    ]
    for (index, hash) in subject.dataHashes.enumerated() {
      let number = subject.dataHashes.count == 1 ? "" : " (file \(index + 1))"
      rows.append(("data SHA-256\(number)", hash))
    }
    return rows + [
      ("network", subject.model), ("layers", subject.notation),
      ("parameters", Format.count(subject.summary.parameters)),
      ("views", subject.views == .none ? "single view" : subject.views.rawValue),
    ]
  }

  /// A remark on the examples; nil if there is none.
  var remark: String? {
    if subject.isSample {
      return
        "These examples are from the sample of \(subject.datasetTitle) that the program brings "
        + "along. The figures cannot be compared with published ones."
    }
    switch subject.split {
    case .test: return nil
    case .validation:
      return
        "These are validation examples. Settings may have been chosen by them, so the accuracy "
        + "on new examples may be lower."
    case .train:
      return "These are the examples that the network was trained on. The accuracy on new examples "
        + "may be lower."
    }
  }

  /// What the probabilities mean.
  var probabilityRemark: String {
    let meaning =
      "Probabilities are the softmax of the network's outputs"
      + (subject.views == .none ? "." : ", averaged over the views.")
    return subject.loss == .crossEntropy
      ? meaning
      : meaning + " The network was trained with the loss \(subject.loss.rawValue), which does not "
        + "fit them to the data, so confidence says little."
  }

  /// The rows of the table of accuracy against coverage: coverage, threshold, accuracy.
  static func coverage(_ curve: CoverageCurve) -> [[String]] {
    ClassificationResult.coverages.map { coverage in
      let point = curve.point(atCoverage: coverage)
      return [
        Format.percent(point.coverage, decimals: 1), Format.percent(point.threshold),
        Format.percent(point.accuracy),
      ]
    }
  }

  static let coverageColumns = ["answered", "least confidence", "accuracy"]

  /// A row of the layer table.
  static let layerColumns = [
    "layer", "output", "parameters", "multiply-adds", "activations", "receptive field",
  ]

  var layerRows: [[String]] {
    subject.summary.rows.map { row in
      [
        row.name, row.shape.map(String.init).joined(separator: " × "),
        Format.count(row.parameters), Format.count(row.multiplyAdds),
        Format.bytes(row.activationBytes),
        row.receptiveField.map { "\($0.height) × \($0.width)" } ?? "all",
      ]
    }
  }

  var layerSums: [String] {
    let summary = subject.summary
    return [
      "sum", "", Format.count(summary.parameters), Format.count(summary.multiplyAdds),
      Format.bytes(summary.activationBytes), "",
    ]
  }

  /// The greatest number of pairs in the table of confusions.
  static let mostPairs = 20
}
