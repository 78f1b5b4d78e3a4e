import Tensors

/// How an epoch selects training examples.
public enum Sampler: String, Sendable, CaseIterable {
  /// Each example once.
  case uniform
  /// As many draws as there are examples, with replacement, with equal probability for each class:
  /// an example of class `k` with `nₖ` examples is drawn with probability `1/(K·nₖ)`. This is
  /// PyTorch's `WeightedRandomSampler` with the weights `1/nₖ`.
  case weighted
}

/// The order of the examples in each epoch.
///
/// The order is a pure function of the seed and the epoch, so a resumed run gets the same order.
public struct EpochOrder: Sendable {
  /// The indices of the examples, in the order of an epoch without shuffling.
  public let examples: [Int]
  public let seed: UInt64
  /// True if each epoch has its own random order; otherwise all epochs follow ``examples``.
  public let shuffles: Bool
  /// The examples of each class that is not empty, for draws by class; nil for the uniform sampler.
  private let classes: [[Int]]?

  public init(examples: [Int], seed: UInt64, shuffles: Bool = true) {
    self.examples = examples
    self.seed = seed
    self.shuffles = shuffles
    classes = nil
  }

  /// An order of draws with replacement, with equal probability for each class.
  ///
  /// - `labels`: the labels of all images, `labels[example]`.
  public init(examples: [Int], drawingByClass labels: [UInt8], seed: UInt64) {
    self.examples = examples
    self.seed = seed
    shuffles = true
    var members = [[Int]](repeating: [], count: 256)
    for example in examples { members[Int(labels[example])].append(example) }
    classes = members.filter { !$0.isEmpty }
  }

  /// The examples in the order of `epoch`, which counts from 0: each once, or drawn by class.
  public func indices(epoch: Int) -> [Int] {
    precondition(epoch >= 0, "EpochOrder: epoch \(epoch)")
    if let classes {
      var random = Random(seed: seed, domain: .sampler, epoch: epoch)
      return examples.map { _ in
        let members = classes[random.integer(below: classes.count)]
        return members[random.integer(below: members.count)]
      }
    }
    var order = examples
    if shuffles {
      var random = Random(seed: seed, domain: .shuffle, epoch: epoch)
      random.shuffle(&order)
    }
    return order
  }
}
