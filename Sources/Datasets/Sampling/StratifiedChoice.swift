import Tensors

/// So many of a list of examples, each class by its share.
///
/// Of `n` examples, `nₖ` of them of class `k`, the `N` taken hold `⌊N·nₖ/n⌋` of class `k`, and one
/// more for the classes where that leaves the largest remainder, the lower class first, until there
/// are exactly `N`. Which ones they are depends on the seed, its domain and the labels alone.
struct StratifiedChoice: Sendable, Equatable {
  /// Places in the list, ascending.
  let taken: [Int]
  /// The other places, ascending.
  let rest: [Int]

  init(of labels: [UInt8], taking count: Int, seed: UInt64, domain: RandomDomain) {
    precondition(
      (0...labels.count).contains(count), "StratifiedChoice: \(count) of \(labels.count)")
    var members = [[Int]](repeating: [], count: 256)
    for (index, label) in labels.enumerated() { members[Int(label)].append(index) }

    let shares = members.map {
      ($0.count * count).quotientAndRemainder(dividingBy: max(labels.count, 1))
    }
    var quotas = shares.map(\.quotient)
    let missing = count - quotas.reduce(0, +)
    let byRemainder = shares.indices.sorted {
      (shares[$1].remainder, $0) < (shares[$0].remainder, $1)
    }
    for label in byRemainder.prefix(missing) { quotas[label] += 1 }

    var isTaken = [Bool](repeating: false, count: labels.count)
    for label in members.indices where quotas[label] > 0 {
      var random = Random(seed: seed, domain: domain, index: label)
      random.shuffle(&members[label])
      for index in members[label].prefix(quotas[label]) { isTaken[index] = true }
    }
    taken = labels.indices.filter { isTaken[$0] }
    rest = labels.indices.filter { !isTaken[$0] }
  }
}
