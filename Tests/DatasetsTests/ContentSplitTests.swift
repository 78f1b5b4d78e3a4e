import Files
import Testing

@testable import Datasets

@Suite struct ContentSplitTests {
  /// The output of `echo 0 | sha256sum`, and so on.
  private static func hash(_ number: Int) -> String {
    Hash.sha256(of: [Array("\(number)\n".utf8)])
  }

  private static func split(
    _ numbers: [Int], labels: [Int]? = nil, seed: UInt64 = 1
  ) -> ContentSplit {
    ContentSplit(
      hashes: numbers.map(hash), labels: labels ?? numbers.map { _ in 0 }, seed: seed)
  }

  /// The output of `printf '%s %s' SEED HASH | sha256sum`: values below 2⁶⁴/5 start with a digit up
  /// to 3.
  @Test func theSplitMatchesSha256sum() {
    #expect(Self.split(Array(0..<20)).test == [1, 5, 14, 19])
    #expect(Self.split(Array(0..<20), seed: 2).test == [2, 4, 8])
  }

  @Test func aFifthIsForTesting() {
    let split = Self.split(Array(0..<5000))
    // Six std of √(5000 · 0.2 · 0.8).
    #expect(abs(split.test.count - 1000) < 170)
    #expect((split.training + split.test).sorted() == Array(0..<5000))
  }

  /// After images were added or removed, no test image was a training image before.
  @Test(arguments: 0..<100)
  func imagesStayOnTheirSide(number: Int) {
    let before = Array(0..<30)
    let trained = Set(Self.split(before).training.map { before[$0] })
    let more = [100 + number] + before
    #expect(Self.split(more).test.map { more[$0] }.allSatisfy { !trained.contains($0) })
    let fewer = before.filter { $0 != number % 30 }
    #expect(Self.split(fewer).test.map { fewer[$0] }.allSatisfy { !trained.contains($0) })
  }

  @Test func copiesStayOnOneSide() {
    let split = Self.split(Array(0..<50) + Array(0..<50))
    #expect(split.test.filter { $0 < 50 }.map { $0 + 50 } == split.test.filter { $0 >= 50 })
  }

  /// Pairs of images; in most of them both images would be for training.
  @Test func aClassOfTwoImagesHasOneOnEachSide() {
    let labels = (0..<200).map { $0 / 2 }
    let split = Self.split(Array(0..<200), labels: labels)
    #expect(split.test.map { labels[$0] } == Array(0..<100))
    #expect(split.training.map { labels[$0] } == Array(0..<100))
    #expect(split.untested.isEmpty)
  }

  @Test func theOnlyImageOfAClassIsTrainedOnAndTold() {
    for seed in 0..<50 {
      let split = Self.split([0, 1, 2, 2, 3, 4], labels: [0, 0, 1, 1, 2, 0], seed: UInt64(seed))
      #expect(split.untested == [1, 2])
      #expect([2, 3, 4].allSatisfy(split.training.contains))
    }
  }
}
