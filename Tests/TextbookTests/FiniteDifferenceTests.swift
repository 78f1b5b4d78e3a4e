import Testing
import Textbook

/// Lecture row L23.
struct FiniteDifferenceTests {
  @Test func centralDifferencesAreExactForQuadraticFunctions() {
    let x: Vector<Double> = [1, -2, 0.5]
    let gradient = finiteDifference(at: x, step: 0.25) { x in x[0] * x[0] + 3 * x[1] * x[2] }
    #expect(gradient == [2, 1.5, -6])
  }

  @Test func theGradientHasTheShapeOfX() {
    let x: Matrix<Double> = [[0, 1, 2], [3, 4, 5]]
    #expect(finiteDifference(at: x, step: 0.5) { sum($0 ⊙ x) } == x)
  }

  @Test func theDefaultStepGives9DigitsInDouble() {
    let x: Vector<Double> = [-1, 0, 0.3, 2]
    expectClose(
      finiteDifference(at: x) { sum($0.map(Double.exp)) }, x.map(Double.exp), within: 1e-9)
  }

  /// All gradient tests depend on this.
  @Test func aWrongGradientDiffersFromTheFiniteDifference() {
    let x: Vector<Double> = [0.4, 0.7]
    let numeric = finiteDifference(at: x) { sum(hyperbolicTangent($0)) }
    let right = hyperbolicTangentBackward([1, 1], q: hyperbolicTangent(x))
    let wrong = sigmoidBackward([1, 1], q: hyperbolicTangent(x))
    expectClose(numeric, right, within: 1e-7)
    #expect((numeric - wrong).elements.allSatisfy { abs($0) > 1e-2 })
  }
}
