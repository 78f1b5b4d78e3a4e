extension ClassificationReport {
  /// Examples of one class that were taken for another.
  public struct Confusion: Equatable, Sendable {
    /// The true class.
    public let label: Int
    /// The predicted class.
    public let prediction: Int
    /// The number of examples, at least 1.
    public let count: Int
  }

  /// The pairs of classes that were confused, the most frequent first. Ties are in the order of the classes.
  public var confusions: [Confusion] {
    var pairs: [Confusion] = []
    for (label, row) in confusion.enumerated() {
      for (prediction, count) in row.enumerated() where label != prediction && count > 0 {
        pairs.append(Confusion(label: label, prediction: prediction, count: count))
      }
    }
    return pairs.sorted {
      ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction)
    }
  }

  /// The number of examples that were not classified correctly.
  public var errors: Int { examples - correct }

  /// The fraction of the examples of class `label` that were taken for class `prediction`; 0 if the class
  /// has no examples.
  public func share(_ label: Int, _ prediction: Int) -> Double {
    let support = classes[label].support
    return support == 0 ? 0 : Double(confusion[label][prediction]) / Double(support)
  }
}
