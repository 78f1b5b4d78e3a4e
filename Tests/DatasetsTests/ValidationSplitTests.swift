import Testing

@testable import Datasets

@Suite struct ValidationSplitTests {
  /// Six, five and three examples of the classes 0, 1 and 2.
  private static let uneven: [UInt8] = [0, 1, 2, 0, 1, 2, 0, 1, 0, 0, 1, 2, 0, 1]

  /// Computed by a Python implementation of Philox4x32-10, Lemire's method, Fisher-Yates and
  /// largest remainders.
  @Test(
    arguments: [
      (5, 3, [0, 5, 7, 8, 10]), (5, 4, [1, 4, 6, 9, 11]),
    ] as [(Int, UInt64, [Int])])
  func splitsAreFixed(count: Int, seed: UInt64, validation: [Int]) throws {
    let split = try ValidationSplit(of: Self.uneven, taking: count, seed: seed)
    #expect(split.validation == validation)
  }

  @Test(arguments: 0..<12)
  func theCountIsExactAndTheRestIsForTraining(count: Int) throws {
    let split = try ValidationSplit(of: Self.uneven, taking: count, seed: 5)
    #expect(split.validation.count == count)
    #expect(split.validation == split.validation.sorted())
    #expect(split.training == split.training.sorted())
    #expect((split.training + split.validation).sorted() == Array(0..<14))
  }

  @Test(arguments: 0..<10)
  func everyClassGivesItsShare(count: Int) throws {
    let split = try ValidationSplit(of: Self.uneven, taking: count, seed: 5)
    for (label, size) in [6, 5, 3].enumerated() {
      let taken = split.validation.count { Self.uneven[$0] == label }
      let share = Double(size * count) / 14
      #expect(abs(Double(taken) - share) < 1)
    }
  }

  /// 11 of 14 leave one of each class.
  @Test func everyClassKeepsOneToTrainOn() throws {
    let split = try ValidationSplit(of: Self.uneven, taking: 11, seed: 5)
    #expect(Set(split.training.map { Self.uneven[$0] }) == [0, 1, 2])
    // By its share of 5 examples, the class could lose its only example.
    let rare: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    for seed in 0..<20 {
      let split = try ValidationSplit(of: rare, taking: 5, seed: UInt64(seed))
      #expect(split.training.contains(9) && split.validation.count == 5)
    }
    #expect(ValidationSplit.largestCount(of: rare) == 8)
    #expect(try ValidationSplit(of: rare, taking: 8, seed: 1).training.count == 2)
  }

  @Test func equalClassesGiveEqually() throws {
    let labels = (0..<60_000).map { UInt8($0 * 7 % 10) }
    let split = try ValidationSplit(of: labels, taking: 5000, seed: 1)
    for label in 0..<10 {
      #expect(split.validation.count { labels[$0] == label } == 500)
    }
  }

  @Test func theSeedChooses() throws {
    let labels = (0..<1000).map { UInt8($0 % 10) }
    let splits = try (0..<20).map { try ValidationSplit(of: labels, taking: 100, seed: $0) }
    #expect(Set(splits.map(\.validation)).count == 20)
    #expect(try ValidationSplit(of: labels, taking: 100, seed: 3) == splits[3])
  }

  /// Each of a class's 100 examples is taken in a tenth of the splits, within six std.
  @Test func everyExampleIsEquallyLikely() throws {
    let labels = (0..<200).map { UInt8($0 % 2) }
    var counts = [Int](repeating: 0, count: 200)
    for seed in 0..<1000 {
      for index in try ValidationSplit(of: labels, taking: 20, seed: UInt64(seed)).validation {
        counts[index] += 1
      }
    }
    #expect(counts.allSatisfy { abs($0 - 100) < 57 })
  }

  @Test(arguments: [
    (-1, 14), (14, 14), (15, 14), (Int.min, 14), (1, 1), (60_000, 60_000),
  ])
  func aBadCountIsTold(count: Int, examples: Int) throws {
    let labels = [UInt8](repeating: 0, count: examples)
    let error = try #require(throws: ValidationSplitError.self) {
      try ValidationSplit(of: labels, taking: count, seed: 1)
    }
    #expect(error == .count(found: count, examples: examples, classes: 1))
    #expect(
      error.description
        == "a validation split of \(count) examples (expected 0 to \(examples - 1), "
        + "as at least one of each class must be left to train on, 1 of \(examples))")
  }
}
