import Testing
import Textbook

struct LossTests {
  @Test func softmaxCrossEntropyIsAsComputedByHand() {
    let s: Vector<Double> = [0, .log(3)]
    expectClose(softmax(s), [0.25, 0.75], within: 1e-15)
    #expect(abs(logSumExp(s) - .log(4)) <= 1e-15)
    #expect(abs(softmaxCrossEntropy(s, 0) - .log(4)) <= 1e-15)
    expectClose(softmaxCrossEntropyGradient(s, 0), [-0.75, 0.75], within: 1e-15)
    // A target of one half for each class.
    #expect(
      abs(softmaxCrossEntropy(s, target: [0.5, 0.5]) - (.log(4) - .log(3) / 2)) <= 1e-15)
    expectClose(
      softmaxCrossEntropyGradient(s, target: [0.5, 0.5]), [-0.25, 0.25], within: 1e-15)
  }

  @Test func smoothedLabelsAreAsComputedByHand() {
    #expect(smoothedLabel(4, 2, smoothing: 0.5) == [0.125, 0.125, 0.625, 0.125] as Vector<Double>)
    #expect(smoothedLabel(3, 0, smoothing: 0) == onehot(3, 0) as Vector<Double>)
    #expect(smoothedLabel(2, 0, smoothing: 1) == [0.5, 0.5] as Vector<Double>)
  }

  @Test func extremeScoresStayFinite() {
    #expect(softmaxCrossEntropy([1000, 0] as Vector<Float>, 1) == 1000)
    #expect(softmaxCrossEntropy([1000, 0] as Vector<Float>, 0) == 0)
    #expect(softmaxCrossEntropyGradient([-1000, 1000] as Vector<Float>, 0) == [-1, 1])
    #expect(binaryCrossEntropy([1000, -1000] as Vector<Float>, [0, 0]) == 500)
    // 1 + e⁻⁴⁰ rounds to 1, but the loss is e⁻⁴⁰ and not 0.
    #expect(abs(binaryCrossEntropy([40] as Vector<Double>, [1]) / .exp(-40) - 1) <= 1e-12)
  }

  @Test func otherLossesAreAsComputedByHand() {
    #expect(meanSquaredError([1, 2] as Vector<Double>, [0, 4]) == 2.5)
    #expect(meanSquaredErrorGradient([1, 2] as Vector<Double>, [0, 4]) == [1, -2])
    #expect(abs(binaryCrossEntropy([0, 0] as Vector<Double>, [1, 0]) - .log(2)) <= 1e-16)
    #expect(binaryCrossEntropyGradient([0, 0] as Vector<Double>, [1, 0]) == [-0.25, 0.25])
    #expect(multiclassHinge([1, 2, 0.5, -1] as Vector<Double>, 0) == 2.5)
    #expect(multiclassHingeGradient([1, 2, 0.5, -1] as Vector<Double>, 0) == [-2, 1, 1, 0])
    #expect(multiclassHinge([3, 0] as Vector<Double>, 0) == 0)
    #expect(multiclassHinge([3, 0] as Vector<Double>, 0, margin: 5) == 2)
    // At the margin itself the loss is 0, and so is its gradient.
    #expect(multiclassHingeGradient([3, 2, 1] as Vector<Double>, 0) == [0, 0, 0])
    #expect(multiclassHingeGradient([3, 0] as Vector<Double>, 0, margin: 3) == [0, 0])
  }

  @Test(arguments: 1...24)
  func gradientsAreFiniteDifferences(count: Int) {
    var numbers = Numbers(seed: count)
    let s: Vector<Double> = 3 * numbers.reals(count)
    let y = numbers.integer(0...count - 1)
    let target = softmax(numbers.reals(count) as Vector<Double>)
    expectGradient(softmaxCrossEntropyGradient(s, y), at: s) { softmaxCrossEntropy($0, y) }
    expectGradient(softmaxCrossEntropyGradient(s, target: target), at: s) {
      softmaxCrossEntropy($0, target: target)
    }
    expectGradient(meanSquaredErrorGradient(s, target), at: s) { meanSquaredError($0, target) }
    expectGradient(binaryCrossEntropyGradient(s, target), at: s) {
      binaryCrossEntropy($0, target)
    }
    // Differences of spaced scores are multiples of 0.1. The margin is not, so no hinge has a kink nearby.
    let spaced: Vector<Double> = 5 * numbers.spaced(count)
    expectGradient(multiclassHingeGradient(spaced, y, margin: 0.37), at: spaced) {
      multiclassHinge($0, y, margin: 0.37)
    }
  }
}
