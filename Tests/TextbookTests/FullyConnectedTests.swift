import Testing
import Textbook

/// Lecture rows L3 and L4.
struct FullyConnectedTests {
  let p: Vector<Int> = [1, 2, 3]
  let weights: Matrix<Int> = [[1, 0, -1], [2, 1, 0]]
  let dq: Vector<Int> = [1, -2]

  @Test func bothPassesAreAsComputedByHand() {
    #expect(fullyConnected(p, weights, [10, 20]) == [8, 24])
    #expect(fullyConnectedBackwardInput(dq, weights) == [-3, -2, -1])
    #expect(fullyConnectedBackwardWeight(dq, p) == [[1, 2, 3], [-2, -4, -6]])
    #expect(fullyConnectedJacobian(p, outputs: 2) == [[1, 2, 3, 0, 0, 0], [0, 0, 0, 1, 2, 3]])
  }

  @Test func theGradientOfAMiniBatchIsAsComputedByHand() {
    let dqs: [Vector<Int>] = [dq, [3, 0]]
    let ps: [Vector<Int>] = [p, [0, 1, -1]]
    #expect(accumulatedWeightGradient(dqs, ps) == [[1, 5, 0], [-2, -4, -6]])
    #expect(
      fullyConnectedBackwardWeight(
        batch: [[1, -2], [3, 0]] as [Vector<Double>], [[1, 2, 3], [0, 1, -1]])
        == [[0.5, 2.5, 0], [-1, -2, -3]])
  }

  @Test(arguments: 0..<24)
  func allIdeasForTheWeightGradientAgree(seed: Int) {
    var numbers = Numbers(seed: seed)
    let inputs = numbers.integer(1...7)
    let outputs = numbers.integer(1...5)
    let examples = numbers.integer(1...6)
    let dqs: [Vector<Int>] = (0..<examples).map { _ in numbers.integers(outputs) }
    let ps: [Vector<Int>] = (0..<examples).map { _ in numbers.integers(inputs) }
    var total = Matrix<Int>(zeros: outputs, inputs)
    for (dq, p) in zip(dqs, ps) {
      let dW = fullyConnectedBackwardWeightByJacobian(dq, p)
      #expect(fullyConnectedBackwardWeightByRows(dq, p) == dW)
      #expect(fullyConnectedBackwardWeight(dq, p) == dW)
      total += dW
    }
    #expect(accumulatedWeightGradient(dqs, ps) == total)
  }

  @Test(arguments: 0..<24)
  func gradientsAreFiniteDifferences(seed: Int) {
    var numbers = Numbers(seed: seed)
    let inputs = numbers.integer(1...7)
    let outputs = numbers.integer(1...5)
    let p: Vector<Double> = numbers.reals(inputs)
    let weights: Matrix<Double> = numbers.reals(outputs, inputs)
    let b: Vector<Double> = numbers.reals(outputs)
    let dq: Vector<Double> = numbers.reals(outputs)
    expectGradient(fullyConnectedBackwardInput(dq, weights), at: p) {
      dot(fullyConnected($0, weights, b), dq)
    }
    expectGradient(fullyConnectedBackwardWeight(dq, p), at: weights) {
      dot(fullyConnected(p, $0, b), dq)
    }
    expectGradient(dq, at: b) { dot(fullyConnected(p, weights, $0), dq) }
  }

  @Test(arguments: 0..<24)
  func theGradientOfAMiniBatchIsThatOfTheMeanLoss(seed: Int) {
    var numbers = Numbers(seed: seed)
    let examples = 1 + seed % 6
    let weights: Matrix<Double> = numbers.reals(3, 4)
    let ps: [Vector<Double>] = (0..<examples).map { _ in numbers.reals(4) }
    let labels = (0..<examples).map { _ in numbers.integer(0...2) }
    let dqs = zip(ps, labels).map { p, y in softmaxCrossEntropyGradient(weights * p, y) }
    expectGradient(fullyConnectedBackwardWeight(batch: dqs, ps), at: weights) { weights in
      let losses = zip(ps, labels).map { p, y in softmaxCrossEntropy(weights * p, y) }
      return losses.reduce(0, +) / Double(examples)
    }
  }

  /// The lecture's example: MNIST with 784 inputs and 10 outputs.
  @Test func theOuterProductTakesOneTenthOfTheJacobiansMultiplications() {
    let p = Vector<CountingScalar>(count: 784) { CountingScalar($0) }
    let dq = Vector<CountingScalar>(count: 10) { CountingScalar($0) }
    #expect(
      multiplications { _ = fullyConnectedBackwardWeightByJacobian(dq, p) } == 784 * 10 * 10)
    #expect(multiplications { _ = fullyConnectedBackwardWeightByRows(dq, p) } == 784 * 10)
    #expect(multiplications { _ = fullyConnectedBackwardWeight(dq, p) } == 784 * 10)
    let batch = (dq: Array(repeating: dq, count: 3), p: Array(repeating: p, count: 3))
    #expect(
      multiplications { _ = accumulatedWeightGradient(batch.dq, batch.p) } == 3 * 784 * 10)
  }
}
