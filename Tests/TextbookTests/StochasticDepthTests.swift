import Testing
import Textbook

struct StochasticDepthTests {
  /// By hand: 4·p for a survivor with r = 0.75, and nothing else.
  @Test func values() {
    #expect(
      stochasticDepth([3, 4, -5] as Vector<Double>, survival: 1, probability: 0.75)
        == [12, 16, -20])
    #expect(
      stochasticDepth([3, 4, -5] as Vector<Double>, survival: 0, probability: 0.75) == [0, 0, 0])
    #expect(
      stochasticDepthBackward([1, 2, 3] as Vector<Double>, survival: 1, probability: 0.5)
        == [2, 4, 6])
  }

  @Test(arguments: 1...20)
  func gradientsAreFiniteDifferences(seed: Int) {
    var numbers = Numbers(seed: seed)
    let p: Volume<Double> = numbers.reals(1 + seed % 3, 1 + seed % 4, 1 + seed % 5)
    let dq = p.map { _ in numbers.uniform() }
    let survival = Double(seed % 2)
    expectGradient(
      stochasticDepthBackward(dq, survival: survival, probability: 0.3), at: p
    ) {
      dot(stochasticDepth($0, survival: survival, probability: 0.3), dq)
    }
  }
}
