/// Why a validation split is not possible.
public enum ValidationSplitError: Error, Equatable, Sendable, CustomStringConvertible {
  case count(found: Int, examples: Int)

  public var description: String {
    switch self {
    case .count(let found, let examples):
      "a validation split of \(found) examples (expected 0 to \(examples - 1), as at least one of "
        + "\(examples) must be left to train on)"
    }
  }
}

/// Divides the training examples into those to train on and those to validate with, each class by its
/// share: see ``StratifiedChoice``.
public struct ValidationSplit: Sendable, Equatable {
  /// Ascending.
  public let training: [Int]
  /// Ascending.
  public let validation: [Int]

  /// Takes `count` examples for validation from those whose labels are `labels`.
  public init(
    of labels: [UInt8], taking count: Int, seed: UInt64
  ) throws(ValidationSplitError) {
    guard count >= 0 && count < labels.count else {
      throw .count(found: count, examples: labels.count)
    }
    let choice = StratifiedChoice(of: labels, taking: count, seed: seed, domain: .validationSplit)
    (training, validation) = (choice.rest, choice.taken)
  }
}
