import Testing
import Textbook

/// Lecture rows L10 and L11.
struct Convolution2DTests {
  @Test func paddedConvolutionIsAsComputedByHand() {
    let p: Matrix<Int> = [[1, 2], [3, 4]]
    let w: Matrix<Int> = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    #expect(convolution2D(p, w, padding: 1) == [[77, 67], [47, 37]])
    #expect(convolution2DByCrop(p, w) == [[77, 67], [47, 37]])
    // The gradient of a single output selects the elements that this output multiplies.
    let dq: Matrix<Int> = [[1, 0], [0, 0]]
    #expect(convolution2DBackwardInput(dq, w, padding: 1) == [[5, 6], [8, 9]])
    #expect(
      convolution2DBackwardKernel(dq, p, padding: 1) == [[0, 0, 0], [0, 1, 2], [0, 3, 4]])
  }

  @Test func unpaddedConvolutionIsAsComputedByHand() {
    let p: Matrix<Int> = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    let w: Matrix<Int> = [[1, 0], [0, -1]]
    let dq: Matrix<Int> = [[1, 0], [0, 2]]
    #expect(convolution2D(p, w, padding: 0) == [[-4, -4], [-4, -4]])
    #expect(
      convolution2DBackwardInput(dq, w, padding: 0) == [[1, 0, 0], [0, 1, 0], [0, 0, -2]])
    #expect(convolution2DBackwardKernel(dq, p, padding: 0) == [[11, 14], [20, 23]])
  }

  @Test func transposedConvolutionIsAsComputedByHand() {
    let x: Matrix<Int> = [[1, 2], [3, 4]]
    let w: Matrix<Int> = [[1, 2], [3, 4]]
    #expect(
      transposedConvolution2D(x, w, padding: 0) == [[1, 4, 4], [6, 20, 16], [9, 24, 16]])
    #expect(transposedConvolution2D(x, w, padding: 1) == [[20]])
  }

  struct Case: CustomTestStringConvertible {
    var rows: Int
    var columns: Int
    var k: Int
    var padding: Int
    var testDescription: String { "\(rows)×\(columns), kernel \(k), padding \(padding)" }
  }

  static let cases: [Case] = [1, 2, 3, 4].flatMap { k in
    (0..<k).flatMap { padding in
      [(4, 4), (5, 3), (3, 6)]
        .filter { rows, columns in min(rows, columns) + 2 * padding >= k }
        .map { rows, columns in Case(rows: rows, columns: columns, k: k, padding: padding) }
    }
  }

  @Test func atLeastTwentyShapesAreTested() {
    #expect(Self.cases.count >= 20)
  }

  @Test(arguments: cases)
  func gradientsAreFiniteDifferences(_ shape: Case) {
    var numbers = Numbers(seed: 10 * shape.rows + shape.k)
    let p: Matrix<Double> = numbers.reals(shape.rows, shape.columns)
    let w: Matrix<Double> = numbers.reals(shape.k, shape.k)
    let q = convolution2D(p, w, padding: shape.padding)
    let dq: Matrix<Double> = numbers.reals(q.rows, q.columns)
    expectGradient(convolution2DBackwardInput(dq, w, padding: shape.padding), at: p) {
      dot(convolution2D($0, w, padding: shape.padding), dq)
    }
    expectGradient(convolution2DBackwardKernel(dq, p, padding: shape.padding), at: w) {
      dot(convolution2D(p, $0, padding: shape.padding), dq)
    }
  }

  @Test(arguments: cases)
  func transposedGradientsAreFiniteDifferences(_ shape: Case) {
    var numbers = Numbers(seed: 10 * shape.rows + shape.k)
    let p: Matrix<Double> = numbers.reals(shape.rows, shape.columns)
    let w: Matrix<Double> = numbers.reals(shape.k, shape.k)
    let extent = convolution2D(p, w, padding: shape.padding).shape
    let x: Matrix<Double> = numbers.reals(extent[0], extent[1])
    // The backward pass of a linear map is its adjoint: here the convolution.
    expectGradient(convolution2D(p, w, padding: shape.padding), at: x) {
      dot(transposedConvolution2D($0, w, padding: shape.padding), p)
    }
    expectGradient(convolution2DBackwardKernel(x, p, padding: shape.padding), at: w) {
      dot(transposedConvolution2D(x, $0, padding: shape.padding), p)
    }
  }

  @Test(arguments: cases)
  func theTransposedConvolutionIsTheAdjoint(_ shape: Case) {
    var numbers = Numbers(seed: shape.columns + shape.k)
    let p: Matrix<Int> = numbers.integers(shape.rows, shape.columns)
    let w: Matrix<Int> = numbers.integers(shape.k, shape.k)
    let q = convolution2D(p, w, padding: shape.padding)
    let x: Matrix<Int> = numbers.integers(q.rows, q.columns)
    let back = transposedConvolution2D(x, w, padding: shape.padding)
    #expect(back.shape == p.shape)
    #expect(dot(q, x) == dot(p, back))
  }

  @Test(arguments: cases.filter { $0.k % 2 == 1 && $0.padding == $0.k / 2 })
  func theFormsOfTheSlideAgree(_ shape: Case) {
    var numbers = Numbers(seed: shape.rows)
    let p: Matrix<Int> = numbers.integers(shape.rows, shape.columns)
    let w: Matrix<Int> = numbers.integers(shape.k, shape.k)
    let dq: Matrix<Int> = numbers.integers(shape.rows, shape.columns)
    let half = shape.k / 2
    #expect(convolution2DByCrop(p, w) == convolution2D(p, w, padding: half))
    #expect(
      convolution2DBackwardKernelByShift(dq, p, k: shape.k)
        == convolution2DBackwardKernel(dq, p, padding: half))
    #expect(
      convolution2DBackwardInput(dq, w, padding: half) == (flip2d(w) ⋆ pad(dq, half)))
  }
}
