import Testing
import Textbook

/// Lecture rows L1 and L2.
struct LectureLayerTests {
  /// conv → ReLU → pool → conv → ReLU → global max → fully connected.
  static func network(seed: Int) -> [any LectureLayer<Double>] {
    var numbers = Numbers(seed: seed)
    return [
      LectureConvolution(numbers.reals(2, 1, 3, 3), numbers.reals(2), padding: 1),
      LectureReLU(),
      LectureMaxPooling(PoolingWindow(2, roundsUp: true)),
      LectureConvolution(numbers.reals(3, 2, 2, 2), numbers.reals(3)),
      LectureReLU(),
      LectureGlobalMaxPooling(),
      LectureFullyConnected(numbers.reals(4, 3), numbers.reals(4)),
    ]
  }

  @Test(arguments: 0..<20)
  func backpropagationIsAFiniteDifference(seed: Int) {
    var numbers = Numbers(seed: 1000 + seed)
    let layers = Self.network(seed: seed)
    let x: Volume<Double> = numbers.reals(1, 4 + seed % 2, 5)
    let loss: (Volume<Double>) -> (value: Double, gradient: Volume<Double>) =
      classificationLoss(seed % 4)

    let result = backpropagate(layers, x, loss: loss)
    let gradients = layers.map { $0.parameterGradients }
    expectGradient(result.inputGradient, at: x) {
      backpropagate(layers, $0, loss: loss).loss
    }
    for (layer, gradient) in zip(layers, gradients) where layer.parameters.count > 0 {
      let parameters = layer.parameters
      expectGradient(gradient, at: parameters) { changed in
        layer.parameters = changed
        return backpropagate(layers, x, loss: loss).loss
      }
      layer.parameters = parameters
    }
  }

  @Test func parametersCanBeReadAndSet() {
    let layer = LectureConvolution(
      Kernel<Int>(shape: [1, 2, 1, 1], elements: [1, 2]), [3])
    #expect(layer.parameters == [1, 2, 3])
    layer.parameters = [4, 5, 6]
    #expect(layer.w.elements == [4, 5])
    #expect(layer.b == [6])
    #expect(layer.forward(volume([[1]], [[10]])) == volume([[60]]))
    #expect(layer.backward(volume([[2]])) == volume([[8]], [[10]]))
    #expect(layer.parameterGradients == [2, 20, 2])

    let dense = LectureFullyConnected([[1, 2], [3, 4]] as Matrix<Int>, [5, 6])
    #expect(dense.parameters == [1, 2, 3, 4, 5, 6])
    dense.parameters = [0, 1, 2, 0, 7, 8]
    #expect(dense.forward(volume([[10, 20]])) == volume([[27]], [[28]]))
    #expect(dense.backward(volume([[1]], [[3]])) == volume([[6, 1]]))
    #expect(dense.parameterGradients == [10, 20, 30, 60, 1, 3])

    let gelu = LectureGELU<Double>()
    #expect(gelu.forward(volume([[0]])) == volume([[0]]))
    #expect(gelu.backward(volume([[3]])) == volume([[1.5]]))

    let mean = LectureGlobalAveragePooling<Double>()
    #expect(mean.forward(volume([[1, 3]], [[5, 8]])) == volume([[2]], [[6.5]]))
    #expect(mean.backward(volume([[2]], [[4]])) == volume([[1, 1]], [[2, 2]]))

    let relu = LectureReLU<Int>()
    #expect(relu.parameters.count == 0 && relu.parameterGradients.count == 0)
  }
}
