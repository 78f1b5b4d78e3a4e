import Testing
import Textbook

/// Vectors, matrices, volumes and kernels, and the operations of all four types.
struct GridTests {
  @Test func elementsAreInRowMajorOrder() {
    let matrix = Matrix(rows: 2, columns: 3) { i, j in 10 * i + j }
    #expect(matrix == [[0, 1, 2], [10, 11, 12]])
    #expect(matrix.elements == [0, 1, 2, 10, 11, 12])
    #expect(matrix[1, 2] == 12)
    #expect(matrix.row(1) == [10, 11, 12])

    let volume = Volume(channels: 2, rows: 2, columns: 3) { f, i, j in 100 * f + 10 * i + j }
    #expect(volume[1, 0, 2] == 102)
    #expect(volume[1] == [[100, 101, 102], [110, 111, 112]])
    #expect(volume == Volume([volume[0], volume[1]]))

    let kernel = Kernel(outputs: 2, inputs: 3) { g, f in [[g, f]] as Matrix<Int> }
    #expect(kernel.shape == [2, 3, 1, 2])
    #expect(kernel[1, 2] == [[1, 2]])
    #expect(kernel[0, 2, 0, 1] == 2)
    #expect(kernel.elements == [0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2])
  }

  @Test func matrixProductsAreAsComputedByHand() {
    let a: Matrix<Int> = [[1, 2, 3], [4, 5, 6]]
    let b: Matrix<Int> = [[1, 0], [0, 1], [1, -1]]
    #expect(a * b == [[4, -1], [10, -1]])
    #expect(a * [1, 0, -1] as Vector<Int> == [-2, -2])
    #expect([1, -1] as Vector<Int> * a == [-3, -3, -3])
    #expect(a * .identity(3) == a)
    #expect(a.transposed == [[1, 4], [2, 5], [3, 6]])
    #expect(outer([1, 2], [3, 4, 5] as Vector<Int>) == [[3, 4, 5], [6, 8, 10]])
    #expect(vec(a) == [1, 2, 3, 4, 5, 6])
    #expect(reshape(vec(a), rows: 3, columns: 2) == [[1, 2], [3, 4], [5, 6]])
  }

  @Test func elementwiseOperationsAreAsComputedByHand() {
    let x: Vector<Int> = [1, -2, 3]
    let y: Vector<Int> = [4, 5, -6]
    #expect(x + y == [5, 3, -3])
    #expect(x - y == [-3, -7, 9])
    #expect(x ⊙ y == [4, -10, -18])
    #expect(2 * x == [2, -4, 6])
    #expect(sum(x) == 2)
    #expect(dot(x, y) == -24)
    #expect(Vector(zerosLike: x) == [0, 0, 0])
  }

  @Test func argmaxIsTheFirstOfEqualElements() {
    #expect(argmax([1, 3, 3, 2] as Vector<Int>) == 1)
    #expect(argmax([-5, -2, -9] as Vector<Double>) == 1)
    let place = argmax([[0, 1], [7, 7]] as Matrix<Int>)
    #expect(place.row == 1 && place.column == 0)
  }

  @Test func fractionsAreExact() {
    let third = Rational(1, over: 3)
    #expect(third + third + third == 1)
    #expect(third - Rational(1, over: 2) == Rational(-1, over: 6))
    #expect(Rational(6, over: -4) == Rational(-3, over: 2))
    #expect(Rational(3, over: 4) * Rational(-2, over: 9) == Rational(-1, over: 6))
    #expect(Rational(1, over: 2) / Rational(-3, over: 4) == Rational(-2, over: 3))
    #expect(Rational(-1, over: 2) < third)
    #expect(Rational(-7, over: 3).magnitude == Rational(7, over: 3))
    #expect("\(Rational(2, over: 4)) \(Rational(8, over: 2))" == "1/2 4")
    #expect(
      Matrix<Double>([[Rational(1, over: 4), Rational(-3, over: 1)]]) == [[0.25, -3]])
  }
}
