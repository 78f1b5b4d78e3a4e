import Tensors

/// Random numbers for what is checked.
struct Draw {
  private var random: Random

  /// - Parameter index: which of the streams of `seed`; equal ones give equal numbers.
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

  /// Numbers around 0.2 in random order, equally far from each other, and the closest ones to zero half
  /// as far: no ties, no kinks of the hinge, and no mean of zero.
  mutating func spaced(_ count: Int) -> [Float] {
    let distance = min(0.02, 2 / Float(count))
    let belowZero = 2 * count / 5
    var numbers = (0..<count).map { (Float($0 - belowZero) + 0.5) * distance }
    random.shuffle(&numbers)
    return numbers
  }

  /// `count` of the numbers below `total` in random order, or all of them in their order.
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
