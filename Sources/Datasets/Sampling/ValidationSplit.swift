/// Why a validation split is impossible.
public enum ValidationSplitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The count does not leave a training example for each of the `classes` that are not empty.
  case count(found: Int, examples: Int, classes: Int)

  /// The maximum number of validation examples.
  public var largest: Int {
    switch self {
    case .count(_, let examples, let classes): examples - classes
    }
  }

  /// The reason for the maximum.
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

/// Divides the examples into a training and a validation part, stratified by class: see
/// `StratifiedChoice`. At least one example of each class stays in the training part.
public struct ValidationSplit: Sendable, Equatable {
  /// In ascending order.
  public let training: [Int]
  /// In ascending order.
  public let validation: [Int]

  /// Takes `count` validation examples, given the labels of all examples.
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

  /// The maximum number of validation examples, given the labels of all examples.
  public static func largestCount(of labels: [UInt8]) -> Int { labels.count - Set(labels).count }
}
