import Datasets

/// The outputs of a network for labeled examples, and what follows from them.
///
///     logits  [count, classes]
///
/// The probabilities of an example are `softmax(logits)`, whatever loss the network was trained with.
/// Examples are named by their place, from 0, in the order of the evaluation.
public struct ClassifiedExamples: Sendable {
  /// A class with its probability.
  public struct RankedClass: Equatable, Sendable {
    public let label: Int
    public let probability: Double
  }

  /// The index of each example in its data set's split.
  public let indices: [Int]
  public let labels: [Int]
  public let predictions: [Int]
  public let losses: [Double]
  public let logits: [Float]
  /// The number of classes.
  public let classes: Int
  /// The probability of the predicted class of each example.
  public let confidences: [Double]
  /// Brier's score of all examples.
  public let brierScore: Double

  /// - `indices`: at least one.
  /// - `logits`: finite, a row for each example.
  public init(
    indices: [Int], labels: [Int], predictions: [Int], losses: [Double], logits: [Float],
    classes: Int
  ) {
    let count = indices.count
    precondition(
      count > 0 && labels.count == count && predictions.count == count && losses.count == count
        && classes > 0 && logits.count == count * classes,
      "ClassifiedExamples: \(count) indices, \(labels.count) labels, \(predictions.count) "
        + "predictions, \(losses.count) losses, \(logits.count) logits of \(classes) classes")
    self.indices = indices
    self.labels = labels
    self.predictions = predictions
    self.losses = losses
    self.logits = logits
    self.classes = classes
    var confidences: [Double] = []
    confidences.reserveCapacity(count)
    var sum = 0.0
    for place in 0..<count {
      let row = Self.softmax(logits[place * classes..<(place + 1) * classes])
      confidences.append(row[predictions[place]])
      sum += BrierScore.score(row, label: labels[place])
    }
    self.confidences = confidences
    brierScore = sum / Double(count)
  }

  /// The number of examples.
  public var count: Int { labels.count }

  /// Whether each example was classified correctly.
  public var hits: [Bool] { zip(labels, predictions).map { $0 == $1 } }

  /// The logits of an example, one for each class.
  public func logits(ofPlace place: Int) -> ArraySlice<Float> {
    logits[place * classes..<(place + 1) * classes]
  }

  /// The probability of each class for an example.
  public func probabilities(ofPlace place: Int) -> [Double] {
    Self.softmax(logits(ofPlace: place))
  }

  /// The most probable classes of an example, the most probable first. Of equal ones, the lower label comes
  /// first.
  public func ranked(place: Int, count: Int) -> [RankedClass] {
    let logits = Array(logits(ofPlace: place))
    let probabilities = probabilities(ofPlace: place)
    let order = logits.indices.sorted {
      logits[$0] == logits[$1] ? $0 < $1 : logits[$0] > logits[$1]
    }
    return order.prefix(count).map { RankedClass(label: $0, probability: probabilities[$0]) }
  }

  /// The fraction of the examples whose label is among their `k` greatest outputs (top-k accuracy). Of equal
  /// outputs, that of the lower label counts as the greater.
  public func topAccuracy(_ k: Int) -> Double {
    var right = 0
    for (place, label) in labels.enumerated() {
      let row = logits(ofPlace: place)
      let own = row[row.startIndex + label]
      var before = 0
      for (other, logit) in row.enumerated()
      where logit > own || (logit == own && other < label) { before += 1 }
      if before < k { right += 1 }
    }
    return Double(right) / Double(count)
  }

  /// The places of the examples that were not classified correctly, those of the largest loss first. Equal
  /// losses are in the order of the evaluation.
  public var mistakes: [Int] { worstFirst(labels.indices.filter { labels[$0] != predictions[$0] }) }

  /// `places`, those of the largest loss first.
  public func worstFirst(_ places: [Int]) -> [Int] {
    places.sorted { losses[$0] == losses[$1] ? $0 < $1 : losses[$0] > losses[$1] }
  }

  /// `exp(z − max z) / Σ exp(z − max z)`, in double precision.
  private static func softmax(_ logits: ArraySlice<Float>) -> [Double] {
    let greatest = Double(logits.max() ?? 0)
    var powers = logits.map { ExactMath.exponential(Double($0) - greatest) }
    let sum = powers.reduce(0, +)
    for index in powers.indices { powers[index] /= sum }
    return powers
  }
}
