import Testing

@testable import Datasets

@Suite struct EpochOrderTests {
  /// From a Python version of Philox4x32-10, Lemire's method and Fisher-Yates.
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

  /// Each of the 6 orders of 3 examples comes 1,000 times in 6,000 epochs, give or take six standard
  /// deviations of 29.
  @Test func everyOrderIsEquallyLikely() {
    let order = EpochOrder(examples: [0, 1, 2], seed: 11)
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<6000 { counts[order.indices(epoch: epoch), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 174 })
  }

  @Test func withoutShufflingTheOrderIsTheFiles() {
    let examples = [4, 8, 15, 16]
    let order = EpochOrder(examples: examples, seed: 1, shuffles: false)
    #expect(order.indices(epoch: 0) == examples)
    #expect(order.indices(epoch: 9) == examples)
  }
}
