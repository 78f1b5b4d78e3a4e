import Testing
import Textbook

/// Lecture rows L5 and L6.
struct Convolution1DTests {
  @Test func convolutionWithANumberIsAsComputedByHand() {
    let p: Vector<Int> = [1, -2, 3]
    let dq: Vector<Int> = [4, 5, 6]
    #expect(scalarConvolution(p, 2) == [2, -4, 6])
    #expect(scalarConvolutionBackwardInput(dq, 2) == [8, 10, 12])
    #expect(scalarConvolutionBackwardKernel(dq, p) == 12)
  }

  @Test(arguments: 1...20)
  func gradientsWithANumberAreFiniteDifferences(length: Int) {
    var numbers = Numbers(seed: length)
    let p: Vector<Double> = numbers.reals(length)
    let dq: Vector<Double> = numbers.reals(length)
    let w = numbers.uniform()
    expectGradient(scalarConvolutionBackwardInput(dq, w), at: p) {
      dot(scalarConvolution($0, w), dq)
    }
    expectGradient([scalarConvolutionBackwardKernel(dq, p)], at: [w] as Vector<Double>) {
      dot(scalarConvolution(p, $0[0]), dq)
    }
  }

  @Test func allPassesAreAsComputedByHand() {
    let p: Vector<Int> = [1, 2, 3, 4]
    let w: Vector<Int> = [1, 0, -1]
    let dq: Vector<Int> = [1, 0, 0, 2]
    #expect(convolution1D(p, w) == [-2, -2, -2, 3])
    #expect(convolution1DBackwardKernel(dq, p, k: 3) == [6, 9, 2])
    #expect(convolution1DBackwardInput(dq, w) == [0, -1, 2, 0])
  }

  static let lengths: [(n: Int, k: Int)] = [1, 2, 3, 4, 5, 8, 11].flatMap { n in
    [1, 3, 5, 7].map { k in (n, k) }
  }

  @Test(arguments: lengths)
  func theFormsOfEachPassAgree(n: Int, k: Int) {
    var numbers = Numbers(seed: 100 * n + k)
    let p: Vector<Int> = numbers.integers(n)
    let w: Vector<Int> = numbers.integers(k)
    let dq: Vector<Int> = numbers.integers(n)
    #expect(convolution1D(p, w) == (w ⋆ pad(p, k / 2)))
    #expect(
      convolution1DBackwardKernelByShift(dq, p, k: k) == convolution1DBackwardKernel(dq, p, k: k))
    #expect(convolution1DBackwardInputByCrop(dq, w) == convolution1DBackwardInput(dq, w))
    #expect(dot(convolution1D(p, w), dq) == dot(p, convolution1DBackwardInput(dq, w)))
  }

  @Test(arguments: lengths)
  func gradientsAreFiniteDifferences(n: Int, k: Int) {
    var numbers = Numbers(seed: 100 * n + k)
    let p: Vector<Double> = numbers.reals(n)
    let w: Vector<Double> = numbers.reals(k)
    let dq: Vector<Double> = numbers.reals(n)
    expectGradient(convolution1DBackwardInput(dq, w), at: p) { dot(convolution1D($0, w), dq) }
    expectGradient(convolution1DBackwardKernel(dq, p, k: k), at: w) {
      dot(convolution1D(p, $0), dq)
    }
  }
}
