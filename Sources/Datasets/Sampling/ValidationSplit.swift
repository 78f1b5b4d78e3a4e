/// Why a validation split is not possible.
public enum ValidationSplitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// More than leaves one example of each of the `classes` that have some.
  case count(found: Int, examples: Int, classes: Int)

  /// The most examples that can validate.
  public var largest: Int {
    switch self {
    case .count(_, let examples, let classes): examples - classes
    }
  }

  /// Why there cannot be more.
  public var reason: String {
    switch self {
    case .count(_, let examples, let classes):
      "at least one of each class must be left to train on, \(classes) of \(examples)"
    }
  }

  public var description: String {
    switch self {
    case .count(let found, _, _):
      "a validation split of \(found) examples (expected 0 to \(largest), as \(reason))"
    }
  }
}

/// Divides the training examples into those to train on and those to validate with, each class by its
/// share: see ``StratifiedChoice``. At least one of each class is left to train on.
public struct ValidationSplit: Sendable, Equatable {
  /// Ascending.
  public let training: [Int]
  /// Ascending.
  public let validation: [Int]

  /// Takes `count` examples for validation from those whose labels are `labels`.
  public init(
    of labels: [UInt8], taking count: Int, seed: UInt64
  ) throws(ValidationSplitError) {
    guard (0...Self.largestCount(of: labels)).contains(count) else {
      throw .count(found: count, examples: labels.count, classes: Set(labels).count)
    }
    let choice = StratifiedChoice(
      of: labels, taking: count, seed: seed, domain: .validationSplit, bounds: .leavingOne)
    (training, validation) = (choice.rest, choice.taken)
  }

  /// The most examples of those labeled `labels` that can validate.
  public static func largestCount(of labels: [UInt8]) -> Int { labels.count - Set(labels).count }
}
