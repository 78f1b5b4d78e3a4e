import Testing

@testable import Datasets

@Suite struct StratifiedChoiceTests {
  /// One example of class 1, ten of the others.
  private static let rare = [10, 1, 10, 10, 0]

  @Test(arguments: 0...28)
  func everyClassKeepsOne(count: Int) {
    let quotas = StratifiedChoice.quotas(Self.rare, taking: count, .leavingOne)
    if count <= 27 {
      #expect(zip(quotas, Self.rare).allSatisfy { $0 < max($1, 1) })
    }
    #expect(quotas.reduce(0, +) == count)
  }

  @Test(arguments: 0...31)
  func everyClassGivesOneWhereThereAreEnough(count: Int) {
    let quotas = StratifiedChoice.quotas(Self.rare, taking: count, .takingOne)
    #expect(quotas.reduce(0, +) == count)
    #expect(zip(quotas, Self.rare).allSatisfy { $0 <= $1 })
    #expect((quotas[..<4].allSatisfy { $0 > 0 }) == (count >= 4))
  }

  /// Computed by hand: shares of 6.45, 0.65, 6.45 and 6.45 of 20 round to 7, 1, 6 and 6.
  @Test func whatAClassCannotGiveComesFromTheOneFarthestBelowItsShare() {
    #expect(
      StratifiedChoice.quotas(Self.rare, taking: 20, .takingOne) == [7, 1, 6, 6, 0])
    #expect(
      StratifiedChoice.quotas(Self.rare, taking: 20, .leavingOne) == [7, 0, 7, 6, 0])
  }

  @Test func aLimitKeepsARareClass() {
    let labels = [UInt8](repeating: 0, count: 99) + [1]
    for seed in 0..<20 {
      #expect(
        ExampleLimit.apply(10, to: Array(0..<100), labels: labels, seed: UInt64(seed)).last == 99)
    }
  }

  @Test func absentClassesAreTold() {
    let names = ["ant", "bee", "cat", "dog"]
    func absence(_ examples: [Int]) -> String? {
      ExampleLimit.absence(
        in: examples, labels: [0, 1, 3, 3], classNames: names, purpose: "to train on")
    }
    #expect(absence([0, 1, 2]) == "no examples to train on of 1 of the 4 classes: cat.")
    #expect(absence([1]) == "no examples to train on of 3 of the 4 classes: ant, cat and dog.")
    #expect(
      ExampleLimit.absence(in: [0], labels: [0], classNames: ["ant"], purpose: "to train on") == nil
    )
  }
}
