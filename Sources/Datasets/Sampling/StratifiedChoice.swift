import Tensors

/// A random choice of a given number of examples, stratified by class.
///
/// From `n` examples, of which `nₖ` have class `k`, the choice of `N` takes `⌊N·nₖ/n⌋` of class
/// `k`. The remaining ones come from the classes with the largest remainders, lower classes first.
/// ``Bounds`` limit the number of each class. If a limit changes a class's number, the classes
/// farthest from their shares compensate. The choice depends only on the seed, its domain and the
/// labels.
struct StratifiedChoice: Sendable, Equatable {
  /// Limits on the number of examples of a class.
  enum Bounds {
    /// All but one at most, if that allows `N` in total: each class keeps one of its examples.
    case leavingOne
    /// At least one, if `N` is enough for all classes.
    case takingOne
  }

  /// Indices in ascending order.
  let taken: [Int]
  /// The other indices in ascending order.
  let rest: [Int]

  init(
    of labels: [UInt8], taking count: Int, seed: UInt64, domain: RandomDomain, bounds: Bounds
  ) {
    precondition(
      (0...labels.count).contains(count), "StratifiedChoice: \(count) of \(labels.count)")
    var members = [[Int]](repeating: [], count: 256)
    for (index, label) in labels.enumerated() { members[Int(label)].append(index) }

    let quotas = Self.quotas(members.map(\.count), taking: count, bounds)
    var isTaken = [Bool](repeating: false, count: labels.count)
    for label in members.indices where quotas[label] > 0 {
      var random = Random(seed: seed, domain: domain, index: label)
      random.shuffle(&members[label])
      for index in members[label].prefix(quotas[label]) { isTaken[index] = true }
    }
    taken = labels.indices.filter { isTaken[$0] }
    rest = labels.indices.filter { !isTaken[$0] }
  }

  /// The number of examples to take of each class, given the number of each class in `counts`.
  static func quotas(_ counts: [Int], taking count: Int, _ bounds: Bounds) -> [Int] {
    let total = max(counts.reduce(0, +), 1)
    let shares = counts.map { ($0 * count).quotientAndRemainder(dividingBy: total) }
    var quotas = shares.map(\.quotient)
    let missing = count - quotas.reduce(0, +)
    let byRemainder = shares.indices.sorted {
      (shares[$1].remainder, $0) < (shares[$0].remainder, $1)
    }
    for label in byRemainder.prefix(missing) { quotas[label] += 1 }

    let present = counts.count { $0 > 0 }
    let least = bounds == .takingOne && count >= present ? 1 : 0
    let kept = bounds == .leavingOne && count <= total - present ? 1 : 0
    let ranges = counts.map { min(least, $0)...max($0 - kept, 0) }
    quotas = zip(quotas, ranges).map { min(max($0, $1.lowerBound), $1.upperBound) }

    // The class's deficit from its share, in units of 1/`total`.
    func lack(_ label: Int) -> Int { counts[label] * count - quotas[label] * total }
    while case let missing = count - quotas.reduce(0, +), missing != 0 {
      let step = missing.signum()
      let open = quotas.indices.filter { ranges[$0].contains(quotas[$0] + step) }
      // The first of several greatest elements, which `max` does not guarantee.
      let label = open.dropFirst().reduce(open[0]) {
        step * lack($1) > step * lack($0) ? $1 : $0
      }
      quotas[label] += step
    }
    return quotas
  }
}
