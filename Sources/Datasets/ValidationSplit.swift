import Tensors

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

/// Divides the training examples into those to train on and those to validate with.
///
/// Each class gives its share: of `n` examples, `nₖ` of them of class `k`, the `N` for validation
/// hold `⌊N·nₖ/n⌋` of class `k`, and one more for the classes where that leaves the largest
/// remainder, the lower class first, until there are exactly `N`. Which ones they are depends on the
/// seed and the labels alone.
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
    var members = [[Int]](repeating: [], count: 256)
    for (index, label) in labels.enumerated() { members[Int(label)].append(index) }

    let shares = members.map { ($0.count * count).quotientAndRemainder(dividingBy: labels.count) }
    var quotas = shares.map(\.quotient)
    let missing = count - quotas.reduce(0, +)
    let byRemainder = shares.indices.sorted {
      (shares[$1].remainder, $0) < (shares[$0].remainder, $1)
    }
    for label in byRemainder.prefix(missing) { quotas[label] += 1 }

    var isValidation = [Bool](repeating: false, count: labels.count)
    for label in members.indices where quotas[label] > 0 {
      var random = Random(seed: seed, domain: .validationSplit, index: label)
      random.shuffle(&members[label])
      for index in members[label].prefix(quotas[label]) { isValidation[index] = true }
    }
    validation = labels.indices.filter { isValidation[$0] }
    training = labels.indices.filter { !isValidation[$0] }
  }
}
