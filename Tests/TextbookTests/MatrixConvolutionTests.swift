import Testing
import Textbook

/// Lecture rows L19, L20 and L21: convolution as a matrix product.
struct MatrixConvolutionTests {
  /// Two rows of the slide's 9×25 matrix for a 3×3 kernel over 5×5 activations.
  @Test func theDoublyCirculantMatrixIsThatOfTheSlide() {
    let w = Matrix(rows: 3, columns: 3) { u, v in 10 * (u + 1) + v + 1 }
    let matrix = doublyCirculant(w, over: 5)
    #expect(matrix.shape == [9, 25])
    #expect(
      matrix.row(0) == [
        11, 12, 13, 0, 0, 21, 22, 23, 0, 0, 31, 32, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
    #expect(
      matrix.row(4) == [
        0, 0, 0, 0, 0, 0, 11, 12, 13, 0, 0, 21, 22, 23, 0, 0, 31, 32, 33, 0, 0, 0, 0, 0, 0,
      ])
  }

  /// The first two rows and the last row of the slide's `X^ROWS`.
  @Test func theMatrixOfIm2rowIsThatOfTheSlide() {
    let x = Matrix(rows: 5, columns: 5) { i, j in 10 * (i + 1) + j + 1 }
    let rows = im2row(x, 3)
    #expect(rows.shape == [9, 9])
    #expect(rows.row(0) == [11, 12, 13, 21, 22, 23, 31, 32, 33])
    #expect(rows.row(1) == [12, 13, 14, 22, 23, 24, 32, 33, 34])
    #expect(rows.row(8) == [33, 34, 35, 43, 44, 45, 53, 54, 55])
  }

  /// Chetlur et al. (2014), figure 1, with three channels of 3×3 and kernels of 2×2.
  @Test func theRowsOfAllChannelsAreJoined() {
    let p = Volume(channels: 3, rows: 3, columns: 3) { f, i, j in 100 * f + 3 * i + j }
    let rows = im2row(p, 2)
    #expect(rows.shape == [4, 12])
    #expect(rows.row(0) == [0, 1, 3, 4, 100, 101, 103, 104, 200, 201, 203, 204])
    #expect(rows.row(3) == [4, 5, 7, 8, 104, 105, 107, 108, 204, 205, 207, 208])
    let w = Kernel(shape: [2, 1, 1, 2], elements: [1, 2, 3, 4])
    #expect(kernelColumns(w) == [[1, 3], [2, 4]])
  }

  @Test(arguments: 0..<30)
  func matrixProductsOfOneChannelEqualTheConvolution(seed: Int) {
    var numbers = Numbers(seed: seed)
    let k = 1 + seed % 4
    let p: Matrix<Int> = numbers.integers(k + numbers.integer(0...4), k + numbers.integer(0...4))
    let w: Matrix<Int> = numbers.integers(k, k)
    let q = convolution2D(p, w, padding: 0)
    #expect(convolution2DByDoublyCirculant(p, w) == q)
    #expect(convolution2DByRows(p, w) == q)

    let dq: Matrix<Int> = numbers.integers(q.rows, q.columns)
    let dp = convolution2DBackwardInput(dq, w, padding: 0)
    let extent = Extent(p.rows, p.columns)
    #expect(convolution2DBackwardInputByDoublyCirculant(dq, w, extent: extent) == dp)
    #expect(convolution2DBackwardInputByRows(dq, w) == dp)
    #expect(
      convolution2DBackwardKernelByRows(dq, p, size: Extent(k))
        == convolution2DBackwardKernel(dq, p, padding: 0))
  }

  @Test(arguments: 0..<30)
  func matrixProductsOverChannelsEqualTheConvolution(seed: Int) {
    var numbers = Numbers(seed: seed)
    let size = Extent(1 + seed % 4, 1 + seed % 3)
    let p: Volume<Int> = numbers.integers(
      numbers.integer(1...3), size.rows + numbers.integer(0...3),
      size.columns + numbers.integer(0...3))
    let w: Kernel<Int> = numbers.integers(
      numbers.integer(1...3), p.channels, size.rows, size.columns)
    let q = convolution(p, w, Vector(zeros: w.outputs))
    #expect(convolution2DByRows(p, w) == q)

    let dq: Volume<Int> = numbers.integers(q.channels, q.rows, q.columns)
    #expect(
      convolution2DBackwardInputByRows(dq, w)
        == convolutionBackwardInput(dq, w, extent: Extent(p.rows, p.columns)))
    #expect(
      convolution2DBackwardKernelByRows(dq, p, size: size)
        == convolutionBackwardKernel(dq, p, size: size))
  }

  /// O(W²H²) against O(WHk²).
  @Test func im2rowTakesFewerMultiplicationsThanTheDoublyCirculantMatrix() {
    let p = Matrix<CountingScalar>(zeros: 7, 8)
    let w = Matrix<CountingScalar>(zeros: 3, 3)
    #expect(
      multiplications { _ = convolution2DByDoublyCirculant(p, w) } == (5 * 6) * (7 * 8))
    #expect(multiplications { _ = convolution2DByRows(p, w) } == (5 * 6) * (3 * 3))
  }
}
