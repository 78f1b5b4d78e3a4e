import Testing
import Textbook

/// Lecture rows L1 and L2.
struct LectureLayerTests {
  /// conv → ReLU → pool → conv → transposed conv → ReLU → global max → fully connected.
  static func network(seed: Int) -> [any LectureLayer<Double>] {
    var numbers = Numbers(seed: seed)
    return [
      LectureConvolution(numbers.reals(2, 1, 3, 3), numbers.reals(2), padding: 1),
      LectureReLU(),
      LectureMaxPooling(PoolingWindow(2, roundsUp: true)),
      LectureConvolution(numbers.reals(3, 2, 2, 2), numbers.reals(3)),
      LectureTransposedConvolution(
        numbers.reals(3, 3, 2, 3), numbers.reals(3), stride: 2, padding: 1, outputPadding: 1),
      LectureReLU(),
      LectureGlobalMaxPooling(),
      LectureFullyConnected(numbers.reals(4, 3), numbers.reals(4)),
    ]
  }

  @Test(arguments: 0..<20)
  func gradientsOfANetworkAreFiniteDifferences(seed: Int) {
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

    let transposed = LectureTransposedConvolution(
      Kernel<Int>(shape: [2, 1, 1, 2], elements: [1, 2, 3, 4]), [5])
    #expect(transposed.parameters == [1, 2, 3, 4, 5])
    transposed.parameters = [1, 0, 0, 1, 7]
    #expect(transposed.forward(volume([[10]], [[20]])) == volume([[17, 27]]))
    #expect(transposed.backward(volume([[1, 3]])) == volume([[1]], [[3]]))
    #expect(transposed.parameterGradients == [10, 30, 20, 60, 4])

    let gelu = LectureGELU<Double>()
    #expect(gelu.forward(volume([[0]])) == volume([[0]]))
    #expect(gelu.backward(volume([[3]])) == volume([[1.5]]))

    let mean = LectureGlobalAveragePooling<Double>()
    #expect(mean.forward(volume([[1, 3]], [[5, 8]])) == volume([[2]], [[6.5]]))
    #expect(mean.backward(volume([[2]], [[4]])) == volume([[1, 1]], [[2, 2]]))

    let square = LectureFunction<Int>(forward: { $0 ⊙ $0 }, backward: { dq, p in dq ⊙ (2 * p) })
    #expect(square.forward(volume([[3, -4]])) == volume([[9, 16]]))
    #expect(square.backward(volume([[1, 10]])) == volume([[6, -80]]))
    #expect(square.piece.isEmpty)

    let relu = LectureReLU<Int>()
    #expect(relu.parameters.count == 0 && relu.parameterGradients.count == 0)
  }

  @Test func aPieceIsThatOfTheLastInput() {
    let relu = LectureReLU<Int>()
    _ = relu.forward(volume([[3, 0, -1]]))
    #expect(relu.piece == [1, 0, 0])
    _ = relu.forward(volume([[-3, 1, 0]]))
    #expect(relu.piece == [0, 1, 0])

    let pool = LectureMaxPooling<Int>(PoolingWindow(2))
    _ = pool.forward(volume([[1, 2, 9, 9], [4, 3, 0, 9]], [[0, 0, 5, 6], [0, 1, 7, 8]]))
    #expect(pool.piece == [4, 2, 5, 7])
    let global = LectureGlobalMaxPooling<Int>()
    _ = global.forward(volume([[1, 2], [4, 3]], [[0, 0], [0, 0]]))
    #expect(global.piece == [2, 0])

    let each = LectureEach(LectureReLU<Int>())
    _ = each.forward([volume([[3, -1]]), volume([[-2, 5]])])
    #expect(each.piece == [1, 0, 0, 1])
  }

  /// Row L4.
  @Test func theGradientOfAMiniBatchIsTheSumOverItsExamples() {
    let layer = LectureEach(LectureFullyConnected([[1, 2], [3, 4]] as Matrix<Int>, [5, 6]))
    #expect(
      layer.forward([volume([[1, 1]]), volume([[2, 0]])])
        == [volume([[8]], [[13]]), volume([[7]], [[12]])])
    #expect(
      layer.backward([volume([[1]], [[0]]), volume([[10]], [[1]])])
        == [volume([[1, 2]]), volume([[13, 24]])])
    #expect(layer.parameterGradients == [1 + 20, 1 + 0, 0 + 2, 0, 11, 1])
    layer.parameters = [0, 0, 0, 1, 2, 3]
    #expect(layer.forward([volume([[4, 5]])]) == [volume([[2]], [[8]])])

    let normal = LectureBatchNormalization<Double>(scale: [4], shift: [10], epsilon: 0.5)
    #expect(
      normal.forward([volume([[1, 2]]), volume([[3, 6]])])
        == [volume([[6, 8]]), volume([[10, 16]])])
    #expect(
      normal.backward([volume([[1, 0]]), volume([[0, 0]])])
        == [volume([[1, -0.75]]), volume([[-0.5, 0.25]])])
    #expect(normal.parameterGradients == [-1, 1] && normal.parameters == [4, 10])
    normal.parameters = [2, 0]
    #expect(
      normal.forward([volume([[1, 2]]), volume([[3, 6]])])
        == [volume([[-2, -1]]), volume([[0, 3]])])
  }

  /// `q = p + f(p)` with `f(p) = W·p + b`: `dp = dq + dq·W`.
  @Test func aResidualBlockAddsItsInput() {
    let branch = LectureBranch<Int>()
    let block: [any LectureBatchLayer<Int>] = [
      branch, LectureEach(LectureFullyConnected([[1, 2], [3, 4]], [10, 20])),
      LectureSum(of: branch),
    ]
    let p: [Volume<Int>] = [volume([[1]], [[0]]), volume([[0]], [[5]])]
    let q: [Volume<Int>] = [volume([[12]], [[23]]), volume([[20]], [[45]])]
    #expect(block.reduce(p) { $1.forward($0) } == q)
    let dq: [Volume<Int>] = [volume([[1]], [[0]]), volume([[1]], [[-1]])]
    let dp: [Volume<Int>] = [volume([[2]], [[2]]), volume([[-1]], [[-3]])]
    #expect(block.reversed().reduce(dq) { $1.backward($0) } == dp)
    #expect(block[1].parameterGradients == [1, 5, 0, -5, 2, -1])
  }
}
