import Tensors

/// So many of a list of examples, each class by its share.
///
/// Of `n` examples, `nₖ` of them of class `k`, the `N` taken hold `⌊N·nₖ/n⌋` of class `k`, and one
/// more for the classes where that leaves the largest remainder, the lower class first, until there
/// are exactly `N`. Bounds on what each class gives are kept (``Bounds``); what a class cannot give, or
/// gives beyond its share, is made up by the classes that are farthest from their shares. Which ones
/// they are depends on the seed, its domain and the labels alone.
struct StratifiedChoice: Sendable, Equatable {
  /// How many of a class may be taken.
  enum Bounds {
    /// At most all but one, as long as that allows `N`: each class keeps one of its examples.
    case leavingOne
    /// At least one, where `N` is enough for all classes.
    case takingOne
  }

  /// Places in the list, ascending.
  let taken: [Int]
  /// The other places, ascending.
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

  /// How many of each class to take, of which there are `counts`.
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

    // By how much each class is below its share, in parts of `total`.
    func lack(_ label: Int) -> Int { counts[label] * count - quotas[label] * total }
    while case let missing = count - quotas.reduce(0, +), missing != 0 {
      let step = missing.signum()
      let open = quotas.indices.filter { ranges[$0].contains(quotas[$0] + step) }
      // The first of the greatest, which `max` would not give.
      let label = open.dropFirst().reduce(open[0]) {
        step * lack($1) > step * lack($0) ? $1 : $0
      }
      quotas[label] += step
    }
    return quotas
  }
}
