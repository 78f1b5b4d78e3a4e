import Tensors

/// Random numbers for the inputs of gradient checks.
struct Draw {
  private var random: Random

  /// - Parameter index: the index of a stream of `seed`. Equal indices give equal numbers.
  init(seed: UInt64, index: Int) {
    random = Random(seed: seed, domain: .gradientCheck, index: index)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.integer(below: range.count)
  }

  mutating func oneOf<Item>(_ items: Item...) -> Item { items[random.integer(below: items.count)] }

  /// Numbers from U(−bound, bound).
  mutating func uniform(_ count: Int, bound: Float = 1) -> [Float] {
    (0..<count).map { _ in (2 * random.uniform() - 1) * bound }
  }

  /// Equally spaced numbers around 0.2, in random order. The numbers closest to zero are half a
  /// distance away from it. The numbers have no ties, avoid the kinks of the hinge, and have a mean
  /// other than zero.
  mutating func spaced(_ count: Int) -> [Float] {
    let distance = min(0.02, 2 / Float(count))
    let belowZero = 2 * count / 5
    var numbers = (0..<count).map { (Float($0 - belowZero) + 0.5) * distance }
    random.shuffle(&numbers)
    return numbers
  }

  /// Draws `count` different numbers below `total` in random order. Returns all of them in
  /// ascending order if there are not more than `count`.
  mutating func sample(_ count: Int, below total: Int) -> [Int] {
    guard count < total else { return Array(0..<total) }
    var chosen: [Int] = []
    var isChosen: Set<Int> = []
    while chosen.count < count {
      let number = random.integer(below: total)
      if isChosen.insert(number).inserted { chosen.append(number) }
    }
    return chosen
  }
}
