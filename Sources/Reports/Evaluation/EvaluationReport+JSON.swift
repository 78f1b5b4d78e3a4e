import Files
import Training

extension EvaluationReport {
  /// The members of `report.json`, without the list of the report's files.
  ///
  /// Equal evaluations give equal members: there is no time, path or number of threads.
  public var jsonMembers: [CanonicalJSON.Member] {
    let own =
      switch result {
      case .classification(let result): result.report.jsonMembers + result.jsonMembers
      case .reconstruction(let result): result.report.jsonMembers + [result.worstJSON]
      }
    return own + subject.jsonMembers
  }
}

extension ClassificationResult {
  /// The members that ``ClassificationReport`` does not have.
  fileprivate var jsonMembers: [CanonicalJSON.Member] {
    [
      .init("errors", .integer(report.errors)),
      .init("top5", topFive.map { .number($0) } ?? .null),
      .init(
        "single_view",
        singleView.map { view in
          [
            "accuracy": .number(view.accuracy), "loss": .number(view.loss),
            "interval": [
              .number(view.interval.lowerBound), .number(view.interval.upperBound),
            ],
          ]
        } ?? .null),
      .init("brier", .number(examples.brierScore)),
      .init("calibration", calibration.json),
      .init("coverage", .array(Self.coverages.map { coverage.point(atCoverage: $0).json })),
      .init(
        "confusions",
        .array(
          report.confusions.map { pair in
            [
              "true": .integer(pair.label), "predicted": .integer(pair.prediction),
              "count": .integer(pair.count),
            ]
          })),
      .init("worst", .array(worst.map(json))),
    ]
  }

  /// A mistake with its three most probable classes.
  private func json(_ place: Int) -> CanonicalJSON {
    .object(
      EvaluationReport.members(
        index: examples.indices[place], file: file(place), label: examples.labels[place],
        loss: examples.losses[place])
        + [
          .init(
            "top",
            .array(
              examples.ranked(place: place, count: 3).map {
                ["class": .integer($0.label), "probability": .number($0.probability)]
              }))
        ])
  }
}

extension ReconstructionResult {
  /// The examples of the largest loss.
  fileprivate var worstJSON: CanonicalJSON.Member {
    .init(
      "worst",
      .array(
        worst.map {
          .object(
            EvaluationReport.members(
              index: $0.index, file: $0.file, label: $0.label, loss: $0.loss))
        }))
  }
}

extension EvaluationReport {
  /// The members of an example. There is no file if its image has none of its own.
  fileprivate static func members(
    index: Int, file: String?, label: Int, loss: Double
  ) -> [CanonicalJSON.Member] {
    [.init("index", .integer(index))] + (file.map { [.init("file", .string($0))] } ?? [])
      + [.init("true", .integer(label)), .init("loss", .number(loss))]
  }
}

extension Calibration {
  fileprivate var json: CanonicalJSON {
    [
      "expected_error": .number(expectedError), "maximum_error": .number(maximumError),
      "confidence": .number(confidence),
      "bins": .array(
        bins.map { bin in
          [
            "from": .number(bin.range.lowerBound), "to": .number(bin.range.upperBound),
            "count": .integer(bin.count), "confidence": .number(bin.confidence),
            "accuracy": .number(bin.accuracy),
          ]
        }),
    ]
  }
}

extension CoverageCurve.Point {
  fileprivate var json: CanonicalJSON {
    [
      "coverage": .number(coverage), "threshold": .number(threshold),
      "accuracy": .number(accuracy),
    ]
  }
}

extension EvaluationSubject {
  fileprivate var jsonMembers: [CanonicalJSON.Member] {
    [
      .init(
        "checkpoint",
        [
          "file": .string(checkpoint), "sha256": .string(checkpointHash),
          "step": step.map { .integer($0) } ?? .null,
          "epoch": epoch.map { .integer($0) } ?? .null,
        ]),
      .init(
        "data",
        [
          "name": .string(dataset), "split": .string(split.rawValue),
          "sample": .boolean(isSample), "sha256": .array(dataHashes.map { .string($0) }),
        ]),
      .init("model", .string(model)),
      .init("architecture", .string(notation)),
      .init(
        "layers",
        .array(
          summary.rows.map { row in
            [
              "name": .string(row.name), "output": .array(row.shape.map { .integer($0) }),
              "parameters": .integer(row.parameters),
              "multiply_adds": .integer(row.multiplyAdds),
            ]
          })),
      .init("loss_name", .string(loss.rawValue)),
      .init("tta", .string(views.rawValue)),
      .init(
        "configuration", .object(settings.map { CanonicalJSON.Member($0.key, .string($0.value)) })),
      .init("epochs", .array(history.map(\.json))),
    ]
  }
}

extension MetricsHistory.Epoch {
  fileprivate var json: CanonicalJSON {
    func number(_ value: Double?) -> CanonicalJSON { value.map { .number($0) } ?? .null }
    return [
      "epoch": .integer(epoch), "train_loss": .number(trainLoss),
      "train_accuracy": number(trainAccuracy), "validation_loss": number(validationLoss),
      "validation_accuracy": number(validationAccuracy), "rate": .number(learningRate),
    ]
  }
}
