import Testing
import Textbook

struct DropoutTests {
  @Test func bothPassesAreAsComputedByHand() {
    let mask: Vector<Double> = [1, 0, 1]
    #expect(dropout([3, 4, -5], mask: mask, probability: 0.5) == [6, 0, -10])
    #expect(dropoutBackward([1, 2, 3], mask: mask, probability: 0.75) == [4, 0, 12])
    #expect(dropout([3, 4, -5], mask: [1, 1, 1], probability: 0) == [3, 4, -5] as Vector<Double>)
  }

  @Test(arguments: 1...20)
  func gradientsAreFiniteDifferences(seed: Int) {
    var numbers = Numbers(seed: seed)
    let p: Volume<Double> = numbers.reals(1 + seed % 3, 1 + seed % 4, 1 + seed % 5)
    let dq = p.map { _ in numbers.uniform() }
    let mask = p.map { _ in Double(numbers.integer(0...1)) }
    expectGradient(dropoutBackward(dq, mask: mask, probability: 0.3), at: p) {
      dot(dropout($0, mask: mask, probability: 0.3), dq)
    }
  }
}
