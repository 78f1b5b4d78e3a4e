import Testing

@testable import Datasets

@Suite struct EpochOrderTests {
  /// Computed by a Python implementation of Philox4x32-10, Lemire's method and Fisher-Yates.
  @Test(
    arguments: [
      (1, 0, [6, 7, 0, 4, 5, 9, 8, 2, 3, 1]),
      (1, 1, [7, 1, 0, 2, 8, 4, 5, 9, 6, 3]),
      (2, 0, [6, 1, 4, 7, 8, 3, 2, 5, 9, 0]),
      (0xDEAD_BEEF_1234_5678, 7, [4, 2, 7, 3, 6, 1, 0, 5, 8, 9]),
    ] as [(UInt64, Int, [Int])])
  func ordersAreFixed(seed: UInt64, epoch: Int, order: [Int]) {
    #expect(EpochOrder(examples: Array(0..<10), seed: seed).indices(epoch: epoch) == order)
  }

  @Test(arguments: [0, 1, 2, 1000, 60_000])
  func everyExampleComesOnce(count: Int) {
    let examples = (0..<count).map { 3 * $0 + 5 }
    let order = EpochOrder(examples: examples, seed: 7).indices(epoch: 2)
    #expect(order.sorted() == examples)
  }

  @Test func epochsAndSeedsDiffer() {
    let examples = Array(0..<100)
    let orders = (0..<4).flatMap { seed in
      (0..<50).map { EpochOrder(examples: examples, seed: seed).indices(epoch: $0) }
    }
    #expect(Set(orders).count == orders.count)
  }

  @Test func anEpochDoesNotDependOnTheOnesBefore() {
    let order = EpochOrder(examples: Array(0..<100), seed: 3)
    let fifth = order.indices(epoch: 5)
    _ = order.indices(epoch: 0)
    #expect(order.indices(epoch: 5) == fifth)
  }

  /// Each of the 6 orders of 3 examples occurs 1,000 times in 6,000 epochs, within six std of 29.
  @Test func everyOrderIsEquallyLikely() {
    let order = EpochOrder(examples: [0, 1, 2], seed: 11)
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<6000 { counts[order.indices(epoch: epoch), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 174 })
  }

  /// Ten examples, seven of class 0, two of class 7 and one of class 2; computed in Python.
  @Test(
    arguments: [
      (1, 0, [4, 7, 7, 3, 7, 8, 6, 8, 8, 8]), (1, 1, [7, 8, 2, 0, 1, 1, 8, 9, 8, 6]),
      (2, 0, [9, 6, 6, 6, 8, 7, 6, 8, 8, 6]),
    ] as [(UInt64, Int, [Int])])
  func drawsByClassAreFixed(seed: UInt64, epoch: Int, order: [Int]) {
    let labels: [UInt8] = [0, 0, 0, 0, 0, 0, 7, 7, 2, 0]
    let drawn = EpochOrder(examples: Array(0..<10), drawingByClass: labels, seed: seed)
    #expect(drawn.indices(epoch: epoch) == order)
  }

  /// With classes of any size, each occurs in a third of the draws, and the examples of a class
  /// occur equally often, within six std.
  @Test func classesComeEquallyOften() {
    let labels: [UInt8] = [0, 0, 0, 0, 0, 0, 7, 7, 2, 9]
    let order = EpochOrder(examples: Array(0..<9), drawingByClass: labels, seed: 5)
    var counts = [Int](repeating: 0, count: 10)
    for epoch in 0..<2000 { for index in order.indices(epoch: epoch) { counts[index] += 1 } }
    #expect(counts[9] == 0)
    for (label, size) in [(UInt8(0), 6), (7, 2), (2, 1)] {
      let probability = 1 / 3.0 / Double(size)
      let mean = 18_000 * probability
      let deviation = (mean * (1 - probability)).squareRoot()
      for example in 0..<9 where labels[example] == label {
        #expect(abs(Double(counts[example]) - mean) < 6 * deviation)
      }
    }
  }

  @Test func aLimitTakesEachClassByItsShare() {
    let labels: [UInt8] = [0, 1, 2, 0, 1, 2, 0, 1, 0, 0, 1, 2, 0, 1]
    let examples = [1, 3, 5, 7, 9, 11, 13, 2]
    func limited(_ count: Int?) -> [Int] {
      ExampleLimit.apply(count, to: examples, labels: labels, seed: 1)
    }
    // Computed in Python.
    #expect(limited(4) == [1, 7, 9, 2])
    #expect(limited(8) == examples && limited(100) == examples && limited(nil) == examples)
  }

  @Test func withoutShufflingTheOrderIsTheFiles() {
    let examples = [4, 8, 15, 16]
    let order = EpochOrder(examples: examples, seed: 1, shuffles: false)
    #expect(order.indices(epoch: 0) == examples)
    #expect(order.indices(epoch: 9) == examples)
  }
}
