import Tensors

/// Small random whole numbers, so that sums of their products are exact in Float.
package struct WholeNumbers {
  private var random: Random

  package init(seed: Int) { random = Random(seed: UInt64(seed), domain: .augmentation) }

  package mutating func next(_ count: Int, from lowest: Int = -4, to greatest: Int = 4) -> [Int] {
    (0..<count).map { _ in lowest + random.integer(below: greatest - lowest + 1) }
  }

  package mutating func one(from lowest: Int, to greatest: Int) -> Int {
    lowest + random.integer(below: greatest - lowest + 1)
  }

  /// Numbers from U(−1, 1).
  package mutating func fractions(_ count: Int) -> [Float] {
    (0..<count).map { _ in 2 * random.uniform() - 1 }
  }
}

extension [Int] {
  package var floats: [Float] { map(Float.init) }
  package var doubles: [Double] { map(Double.init) }
}
