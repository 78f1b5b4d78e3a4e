import Training

/// One of the networks that a page compares, with its results on the common test split.
public struct ComparedResult: Sendable {
  /// What the user called it.
  public let name: String
  public let subject: EvaluationSubject
  public let result: ClassificationResult

  public init(name: String, subject: EvaluationSubject, result: ClassificationResult) {
    self.name = name
    self.subject = subject
    self.result = result
  }

  /// Its settings, including those of the network.
  fileprivate var settings: [(key: String, value: String)] {
    [("architecture", subject.notation), ("tta", subject.views.rawValue)]
      + subject.settings.filter { $0.key != "tta" }
  }

  /// The settings in which some of `results` differ, in order, with the value of each; nil where one has no
  /// such setting.
  static func differences(_ results: [ComparedResult]) -> [(key: String, values: [String?])] {
    var keys: [String] = []
    for (key, _) in results.flatMap(\.settings) where !keys.contains(key) { keys.append(key) }
    return keys.compactMap { key in
      let values = results.map { result in result.settings.first { $0.key == key }?.value }
      return values.allSatisfy { $0 == values[0] } ? nil : (key, values)
    }
  }
}
