import Testing
import Textbook

/// Lecture row L12.
struct WorkedExerciseTests {
  let exercise = WorkedExercise<Double>()

  @Test func theForwardPassIsThatOfTheSlide() {
    #expect(exercise.f == volume([[1, -1], [0, 1]], [[1, -1], [0, 1]]))
    #expect(exercise.r == volume([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    #expect(exercise.h == [1, 1])
    #expect(exercise.s == [1, 1])
    #expect(exercise.probabilities == [0.5, 0.5])
    #expect(abs(exercise.loss - 0.693_147_180_559_945_3) <= 2.3e-16)
  }

  @Test func theBackwardPassIsThatOfTheSlide() {
    #expect(exercise.ds == [0.5, -0.5])
    #expect(exercise.dW == [[0.5, 0.5], [-0.5, -0.5]])
    #expect(exercise.dh == [0.5, -0.5])
    #expect(exercise.dr == volume([[0.5, 0], [0, 0]], [[-0.5, 0], [0, 0]]))
    #expect(exercise.df == volume([[0.5, 0], [0, 0]], [[-0.5, 0], [0, 0]]))
    #expect(exercise.dw[0, 0] == [[0, 0, 0], [0, 0.5, 0], [0, 0, 0.5]])
    #expect(exercise.dw[1, 0] == [[0, 0, 0], [0, -0.5, 0], [0, 0, -0.5]])
    #expect(
      exercise.dx == volume([[0, 0, 0, 0], [-0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 0, 0]]))
  }

  @Test func floatGivesTheSameGradients() {
    let single = WorkedExercise<Float>()
    #expect(single.dw.elements == exercise.dw.elements.map(Float.init))
  }

  @Test func aListOfLayersGivesTheSameGradients() {
    let layers = WorkedExercise<Double>.layers
    let result = backpropagate(layers, exercise.x, loss: classificationLoss(exercise.y))
    #expect(result.loss == exercise.loss)
    #expect(result.inputGradient == exercise.dx)
    #expect(layers[0].parameterGradients.elements == exercise.dw.elements + [0.5, -0.5])
    #expect(
      layers[3].parameterGradients.elements == exercise.dW.elements + exercise.ds.elements)
  }

  /// The interpretation of the slide: after a step of gradient descent, the score of class 1 does not grow, and
  /// that of the true class 2 grows.
  @Test func aStepRaisesTheScoreOfTheTrueClass() {
    let w = exercise.w - 0.1 * exercise.dw
    let h = globalMaxPooling(relu(convolution2D(exercise.x, w, [0, 0], padding: 0)))
    #expect(h[0] <= exercise.h[0] && h[1] > exercise.h[1])
    #expect(softmaxCrossEntropy(h, exercise.y) < exercise.loss)
  }
}
