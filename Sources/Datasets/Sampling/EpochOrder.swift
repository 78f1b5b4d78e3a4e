import Tensors

/// How an epoch takes the training examples.
public enum Sampler: String, Sendable, CaseIterable {
  /// Each example once.
  case uniform
  /// As many draws as there are examples, with replacement, each class as likely as any other: of a
  /// class `k` with `nₖ` examples each comes with probability `1/(K·nₖ)`, as PyTorch's
  /// `WeightedRandomSampler` has it with the weights `1/nₖ`.
  case weighted
}

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
  /// The examples of each class that has some, for draws by class; nil where each comes once.
  private let classes: [[Int]]?

  public init(examples: [Int], seed: UInt64, shuffles: Bool = true) {
    self.examples = examples
    self.seed = seed
    self.shuffles = shuffles
    classes = nil
  }

  /// An order of draws with replacement, all classes equally likely.
  ///
  /// - Parameter labels: those of all images, `labels[example]`.
  public init(examples: [Int], drawingByClass labels: [UInt8], seed: UInt64) {
    self.examples = examples
    self.seed = seed
    shuffles = true
    var members = [[Int]](repeating: [], count: 256)
    for example in examples { members[Int(labels[example])].append(example) }
    classes = members.filter { !$0.isEmpty }
  }

  /// As many examples as there are, in the order of `epoch`, which counts from 0: each once, unless
  /// they are drawn by class.
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
