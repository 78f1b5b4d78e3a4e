import Tensors

/// The order in which the epochs go through the examples.
///
/// A pure function of the seed and the epoch: a run that is resumed asks for the same epoch and
/// gets the same order.
public struct EpochOrder: Sendable {
  /// The indices of the examples, in the order that an epoch without shuffling takes.
  public let examples: [Int]
  public let seed: UInt64
  /// Whether each epoch has a random order of its own; if not, all follow ``examples``.
  public let shuffles: Bool

  public init(examples: [Int], seed: UInt64, shuffles: Bool = true) {
    self.examples = examples
    self.seed = seed
    self.shuffles = shuffles
  }

  /// The examples, each once, in the order of `epoch`, which counts from 0.
  public func indices(epoch: Int) -> [Int] {
    precondition(epoch >= 0, "EpochOrder: epoch \(epoch)")
    var order = examples
    if shuffles {
      var random = Random(seed: seed, domain: .shuffle, epoch: epoch)
      random.shuffle(&order)
    }
    return order
  }
}
