import Testing
import Textbook

/// ReLU (lecture row L7), sigmoid, tanh and GELU.
struct ActivationTests {
  @Test func reluIsAsComputedByHand() {
    let p: Vector<Int> = [-3, 0, 2]
    #expect(relu(p) == [0, 0, 2])
    #expect(reluBackward([5, 6, 7], p) == [0, 0, 7])
    #expect(relu([[-1, 1]] as Matrix<Int>) == [[0, 1]])
  }

  @Test func sigmoidAndTanhAreAsComputedByHand() {
    let ln2 = Double.log(2)
    let ln3 = Double.log(3)
    expectClose(
      sigmoid([0, ln3, -ln3] as Vector<Double>), [0.5, 0.75, 0.25], within: 1e-15)
    #expect(sigmoidBackward([16, 32], q: [0.25, 0.5] as Vector<Double>) == [3, 8])
    expectClose(
      hyperbolicTangent([0, ln2, -ln2] as Vector<Double>), [0, 0.6, -0.6], within: 1e-15)
    #expect(hyperbolicTangentBackward([4, 8], q: [0.5, 0] as Vector<Double>) == [3, 8])
  }

  /// From tables of the normal distribution: Φ(1) = 0.8413447461, φ(0) = 0.3989422804 and
  /// φ(1) = 0.2419707245.
  @Test func geluIsAsComputedFromTables() {
    expectClose(
      gelu([0, 1, -1, 40, -40] as Vector<Double>), [0, 0.8413447461, -0.1586552539, 40, 0],
      within: 1e-10)
    expectClose(
      geluBackward([2, 1, 1, 1, 1], [0, 1, -1, 40, -40] as Vector<Double>),
      [1, 0.8413447461 + 0.2419707245, 0.1586552539 - 0.2419707245, 1, 0], within: 1e-10)
    #expect(abs(normalDensity(0.0) - 0.3989422804) < 1e-10)
    // The tail is accurate too: Φ(−10) = 7.6198530·10⁻²⁴.
    #expect(abs(normalDistribution(-10.0) / 7.6198530241605e-24 - 1) < 1e-12)
  }

  @Test func largeArgumentsDoNotOverflow() {
    #expect(sigmoid([-1000, 1000] as Vector<Float>) == [0, 1])
    #expect(hyperbolicTangent([-1000, 1000] as Vector<Float>) == [-1, 1])
  }

  @Test(arguments: 1...24)
  func gradientsAreFiniteDifferences(seed: Int) {
    var numbers = Numbers(seed: seed)
    let c = 1 + seed % 3
    let h = 1 + seed % 4
    let w = 1 + seed % 5
    let p: Volume<Double> = numbers.spaced(c, h, w)
    let dq: Volume<Double> = numbers.reals(c, h, w)
    expectGradient(reluBackward(dq, p), at: p) { dot(relu($0), dq) }
    let x = 4 * p
    expectGradient(sigmoidBackward(dq, q: sigmoid(x)), at: x) { dot(sigmoid($0), dq) }
    expectGradient(hyperbolicTangentBackward(dq, q: hyperbolicTangent(x)), at: x) {
      dot(hyperbolicTangent($0), dq)
    }
    expectGradient(geluBackward(dq, x), at: x) { dot(gelu($0), dq) }
  }
}
