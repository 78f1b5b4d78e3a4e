/// The quality of a classifier on a set of examples.
///
/// With `C[t][p]` the number of examples of class `t` that were classified as class `p`, for a
/// class `k`
///
///     precision = C[k][k] / Σₜ C[t][k]      recall = C[k][k] / Σₚ C[k][p]
///     F1 = 2·C[k][k] / (Σₜ C[t][k] + Σₚ C[k][p])
///
/// A quotient 0/0, of a class that is never predicted or never occurs, is set to 0.
public struct ClassificationReport: Equatable, Sendable {
  /// The scores of one class, each from 0 to 1.
  public struct ClassScores: Equatable, Sendable {
    public let name: String
    /// The fraction of the examples classified as this class that belong to it.
    public let precision: Double
    /// The fraction of the examples of this class that were classified as this class.
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
    /// The number of examples of this class.
    public let support: Int
  }

  /// The unweighted means of the scores over all classes, including classes that do not occur.
  public struct MacroAverages: Equatable, Sendable {
    public let precision: Double
    public let recall: Double
    public let f1: Double
  }

  /// The number of examples.
  public let examples: Int
  /// The number of examples that were classified correctly.
  public let correct: Int
  /// `correct / examples`.
  public let accuracy: Double
  /// The 95 % confidence interval of the accuracy, by Wilson's formula.
  public let interval: ClosedRange<Double>
  /// The mean of the examples' losses, in nats.
  public let loss: Double
  /// The number of examples for each pair of `[true class][predicted class]`.
  public let confusion: [[Int]]
  /// One for each class, in the order of the class numbers.
  public let classes: [ClassScores]
  public let macro: MacroAverages

  /// Compares predictions with labels.
  ///
  /// - Parameters:
  ///   - labels: the true class of each example, at least one, from 0 to `classNames.count − 1`.
  ///   - predictions: the predicted class of each example.
  ///   - losses: the loss of each example; the sum is computed in this order in double precision.
  ///   - classNames: the name of each class.
  public init(labels: [Int], predictions: [Int], losses: [Double], classNames: [String]) {
    precondition(
      labels.count == predictions.count && labels.count == losses.count,
      "ClassificationReport: \(labels.count) labels, \(predictions.count) predictions, "
        + "\(losses.count) losses")
    precondition(!labels.isEmpty, "ClassificationReport: no examples")
    let count = classNames.count

    var confusion = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for (label, prediction) in zip(labels, predictions) {
      precondition(
        (0..<count).contains(label) && (0..<count).contains(prediction),
        "ClassificationReport: class \(label) taken for \(prediction) with \(count) classes")
      confusion[label][prediction] += 1
    }

    let correct = (0..<count).reduce(0) { $0 + confusion[$1][$1] }
    let classes = (0..<count).map { index in
      let hits = confusion[index][index]
      let predicted = confusion.reduce(0) { $0 + $1[index] }
      let support = confusion[index].reduce(0, +)
      return ClassScores(
        name: classNames[index],
        precision: Self.quotient(hits, predicted),
        recall: Self.quotient(hits, support),
        f1: Self.quotient(2 * hits, predicted + support),
        support: support)
    }
    func mean(_ score: (ClassScores) -> Double) -> Double {
      classes.reduce(0) { $0 + score($1) } / Double(count)
    }

    self.examples = labels.count
    self.correct = correct
    self.accuracy = Self.quotient(correct, labels.count)
    self.interval = Self.wilsonInterval(successes: correct, of: labels.count)
    self.loss = losses.reduce(0.0) { $0 + Double($1) } / Double(labels.count)
    self.confusion = confusion
    self.classes = classes
    self.macro = MacroAverages(
      precision: mean { $0.precision }, recall: mean { $0.recall }, f1: mean { $0.f1 })
  }

  private static func quotient(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
  }
}
