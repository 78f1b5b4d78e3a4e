import Testing
import Textbook

/// Lecture row L13, and row L11 over channels.
struct ChannelConvolutionTests {
  @Test func allPassesAreAsComputedByHand() {
    let p = volume([[1, 2], [3, 4]], [[0, 1], [1, 0]] as Matrix<Int>)
    let w = Kernel(shape: [2, 2, 1, 1], elements: [2, -1, 0, 3])
    #expect(
      convolution2D(p, w, [1, -1], padding: 0) == volume([[3, 4], [6, 9]], [[-1, 2], [2, -1]]))
    let dq = volume([[1, 0], [0, 1]], [[0, 1], [1, 1]] as Matrix<Int>)
    #expect(convolution2DBackwardBias(dq) == [2, 3])
    #expect(
      convolution2DBackwardInput(dq, w, padding: 0)
        == volume([[2, 0], [0, 2]], [[-1, 3], [3, 2]]))
    #expect(convolution2DBackwardKernel(dq, p, padding: 0).elements == [5, 0, 9, 2])
  }

  @Test(arguments: ConvolutionCase.square.filter { $0.stride == 1 }, [3, 4])
  func gradientsAreFiniteDifferences(_ shape: ConvolutionCase, seed: Int) {
    var numbers = Numbers(seed: seed)
    let a = shape.padding.top
    let p: Volume<Double> = numbers.reals(shape.inputs, seed, 3)
    let w: Kernel<Double> = numbers.reals(
      shape.outputs, shape.inputs, shape.kernel.rows, shape.kernel.columns)
    let b: Vector<Double> = numbers.reals(shape.outputs)
    let q = convolution2D(p, w, b, padding: a)
    let dq: Volume<Double> = numbers.reals(q.channels, q.rows, q.columns)
    expectGradient(convolution2DBackwardInput(dq, w, padding: a), at: p) {
      dot(convolution2D($0, w, b, padding: a), dq)
    }
    expectGradient(convolution2DBackwardKernel(dq, p, padding: a), at: w) {
      dot(convolution2D(p, $0, b, padding: a), dq)
    }
    expectGradient(convolution2DBackwardBias(dq), at: b) {
      dot(convolution2D(p, w, $0, padding: a), dq)
    }
  }

  @Test(arguments: 0..<20)
  func theTransposedConvolutionIsTheAdjoint(seed: Int) {
    var numbers = Numbers(seed: seed)
    let k = 1 + seed % 4
    let a = numbers.integer(0...k - 1)
    let p: Volume<Int> = numbers.integers(1 + seed % 3, 4 + seed % 2, 5)
    let w: Kernel<Int> = numbers.integers(1 + seed % 2, p.channels, k, k)
    let q = convolution2D(p, w, Vector(zeros: w.outputs), padding: a)
    let x: Volume<Int> = numbers.integers(q.channels, q.rows, q.columns)
    #expect(dot(q, x) == dot(p, transposedConvolution2D(x, w, padding: a)))
  }
}
