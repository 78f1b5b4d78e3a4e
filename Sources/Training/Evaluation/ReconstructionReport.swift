/// The quality of an autoencoder's reconstructions of a set of examples.
public struct ReconstructionReport: Equatable, Sendable {
  /// The examples of one class.
  public struct ClassLoss: Equatable, Sendable {
    public let name: String
    /// The mean of the examples' losses; 0 if there are none.
    public let loss: Double
    /// The number of examples.
    public let support: Int
  }

  /// The number of examples.
  public let examples: Int
  /// The mean of the examples' losses, each of which is a mean over the pixels.
  public let loss: Double
  /// One for each class, in the order of the class numbers.
  public let classes: [ClassLoss]

  /// Averages the losses over all examples and over each class.
  ///
  /// - `labels`: the class of each example, at least one, from 0 to `classNames.count − 1`.
  /// - `losses`: the loss of each example; sums are computed in this order.
  public init(labels: [Int], losses: [Double], classNames: [String]) {
    precondition(
      !labels.isEmpty && labels.count == losses.count,
      "ReconstructionReport: \(labels.count) labels, \(losses.count) losses")
    var sums = [Double](repeating: 0, count: classNames.count)
    var counts = [Int](repeating: 0, count: classNames.count)
    for (label, loss) in zip(labels, losses) {
      sums[label] += loss
      counts[label] += 1
    }
    examples = labels.count
    loss = losses.reduce(0, +) / Double(losses.count)
    classes = classNames.indices.map {
      ClassLoss(
        name: classNames[$0], loss: counts[$0] == 0 ? 0 : sums[$0] / Double(counts[$0]),
        support: counts[$0])
    }
  }
}
