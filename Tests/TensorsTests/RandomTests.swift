import Testing

@testable import Tensors

@Suite struct RandomTests {
  /// The test vectors that Philox's authors publish with Random123.
  @Test func philoxGivesItsAuthorsTestVectors() {
    let zero = philox4x32(counter: (0, 0, 0, 0), key: (0, 0))
    #expect(zero == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let ones = UInt32.max
    let full = philox4x32(counter: (ones, ones, ones, ones), key: (ones, ones))
    #expect(full == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    let pi = philox4x32(
      counter: (0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
      key: (0xA409_3822, 0x299F_31D0))
    #expect(pi == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  /// Another place of index, epoch or domain in the counter would change the results of every run.
  @Test func theCounterIsBlockIndexEpochDomain() {
    var random = Random(seed: 0x0000_0002_0000_0001, domain: .shuffle, index: 7, epoch: 9)
    let first = philox4x32(counter: (0, 7, 9, 2), key: (1, 2))
    let second = philox4x32(counter: (1, 7, 9, 2), key: (1, 2))
    let drawn = (0..<8).map { _ in random.nextBits() }
    #expect(
      drawn == [
        first.0, first.1, first.2, first.3, second.0, second.1, second.2, second.3,
      ])
  }

  @Test func partsBegin65536BlocksApart() {
    var random = Random(seed: 1, domain: .augmentation, index: 7, epoch: 9, part: 259)
    let first = philox4x32(counter: (259 << 16, 7, 9, 3), key: (1, 0))
    #expect((0..<4).map { _ in random.nextBits() } == [first.0, first.1, first.2, first.3])
  }

  @Test func differentKeysGiveDifferentStreams() {
    var seen: Set<[UInt32]> = []
    let domains: [RandomDomain] = [
      .initialization, .shuffle, .augmentation, .dropout, .validationSplit,
    ]
    for domain in domains {
      for index in 0..<3 {
        for epoch in 0..<3 {
          var random = Random(seed: 5, domain: domain, index: index, epoch: epoch)
          seen.insert((0..<4).map { _ in random.nextBits() })
        }
      }
    }
    #expect(seen.count == 45)
  }

  /// `uniform` has the mean and variance of U(0, 1), and `integer` draws each of seven numbers equally often.
  @Test func drawsAreUniform() {
    var random = Random(seed: 1, domain: .augmentation)
    let count = 100_000
    let draws = (0..<count).map { _ in Double(random.uniform()) }
    let mean = draws.reduce(0, +) / Double(count)
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    #expect(abs(mean - 0.5) < 0.005 && abs(variance - 1.0 / 12) < 0.002)
    #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })

    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<count { counts[random.integer(below: 7)] += 1 }
    // χ² with 6 degrees of freedom exceeds 22.5 once in a thousand.
    let expected = Double(count) / 7
    let chi = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(chi < 22.5)
  }

  /// With a bound of ¾·2³², remainders or high halves without rejection would draw a third of the numbers
  /// twice as often as the others.
  @Test func largeBoundsHaveNoBias() {
    var random = Random(seed: 2, domain: .augmentation)
    let third = 1 << 30
    var counts = [0, 0, 0]
    for _ in 0..<30_000 {
      let drawn = random.integer(below: 3 * third)
      counts[drawn / third] += 1
      counts[drawn % 3] += 1
    }
    // Two sums of 10,000 ± 82 each.
    #expect(counts.allSatisfy { abs($0 - 20_000) < 500 })
    #expect((0..<100).allSatisfy { _ in random.integer(below: 1) == 0 })
  }

  @Test func shufflingReachesEveryOrderEquallyOften() {
    var orders: [[Int]: Int] = [:]
    for epoch in 0..<6_000 {
      var random = Random(seed: 3, domain: .shuffle, epoch: epoch)
      var items = [0, 1, 2]
      random.shuffle(&items)
      orders[items, default: 0] += 1
    }
    #expect(orders.count == 6)
    #expect(orders.values.allSatisfy { abs($0 - 1_000) < 150 })
  }
}
