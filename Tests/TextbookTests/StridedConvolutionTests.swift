import Testing
import Textbook

/// Lecture rows L14, L15 and L16.
struct StridedConvolutionTests {
  @Test func subsamplingIsAsComputedByHand() {
    let x = Matrix(rows: 3, columns: 5) { i, j in 10 * i + j }
    #expect(subsample(x, 2) == [[0, 2, 4], [20, 22, 24]])
    #expect(
      subsampleBackward([[1, 2]] as Matrix<Int>, 3, into: Extent(2, 5))
        == [[1, 0, 0, 2, 0], [0, 0, 0, 0, 0]])
  }

  @Test func allPassesAreAsComputedByHand() {
    let p = volume(Matrix(rows: 4, columns: 4) { i, j in 4 * i + j })
    let ones = Kernel(shape: [1, 1, 2, 2], elements: [1, 1, 1, 1])
    #expect(stridedConvolution2D(p, ones, stride: 2, padding: 0) == volume([[10, 18], [42, 50]]))
    let dq = volume([[1, 2], [3, 4]] as Matrix<Int>)
    let dp = volume([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]] as Matrix<Int>)
    #expect(
      stridedConvolution2DBackwardInput(dq, ones, stride: 2, padding: 0, extent: 4) == dp)
    #expect(
      stridedConvolution2DBackwardInputByChaining(dq, ones, stride: 2, padding: 0, extent: 4)
        == dp)
    // ∂w_00 = 1·0 + 2·2 + 3·8 + 4·10 = 68. A step in v adds Σ dq·1 = 10, a step in u adds Σ dq·4 = 40.
    #expect(
      stridedConvolution2DBackwardKernelByChaining(dq, p, k: 2, stride: 2, padding: 0).elements
        == [68, 78, 108, 118])
  }

  @Test(arguments: ConvolutionCase.square)
  func chainingAndTheDirectFormAgree(_ shape: ConvolutionCase) {
    var numbers = Numbers(seed: shape.stride.rows)
    let s = shape.stride.rows
    let a = shape.padding.top
    let p: Volume<Int> = numbers.integers(shape.inputs, shape.extent.rows, shape.extent.columns)
    let w: Kernel<Int> = numbers.integers(
      shape.outputs, shape.inputs, shape.kernel.rows, shape.kernel.columns)
    let q = stridedConvolution2D(p, w, stride: s, padding: a)
    let dq: Volume<Int> = numbers.integers(q.channels, q.rows, q.columns)
    let dp = stridedConvolution2DBackwardInput(
      dq, w, stride: s, padding: a, extent: shape.extent)
    #expect(
      dp
        == stridedConvolution2DBackwardInputByChaining(
          dq, w, stride: s, padding: a, extent: shape.extent))
    #expect(dot(q, dq) == dot(p, dp))
  }

  @Test(arguments: ConvolutionCase.square)
  func gradientsAreFiniteDifferences(_ shape: ConvolutionCase) {
    var numbers = Numbers(seed: shape.stride.rows)
    let s = shape.stride.rows
    let a = shape.padding.top
    let k = shape.kernel.rows
    let p: Volume<Double> = numbers.reals(
      shape.inputs, shape.extent.rows, shape.extent.columns)
    let w: Kernel<Double> = numbers.reals(shape.outputs, shape.inputs, k, k)
    let q = stridedConvolution2D(p, w, stride: s, padding: a)
    let dq: Volume<Double> = numbers.reals(q.channels, q.rows, q.columns)
    expectGradient(
      stridedConvolution2DBackwardInput(dq, w, stride: s, padding: a, extent: shape.extent),
      at: p
    ) { dot(stridedConvolution2D($0, w, stride: s, padding: a), dq) }
    expectGradient(
      stridedConvolution2DBackwardKernelByChaining(dq, p, k: k, stride: s, padding: a), at: w
    ) { dot(stridedConvolution2D(p, $0, stride: s, padding: a), dq) }
  }

  /// The direct form multiplies each output's gradient by the kernel. Chaining multiplies a kernel's worth of
  /// gradients, zeros included, for each input.
  @Test func theDirectFormMultipliesNoZeros() {
    let dq = Volume<CountingScalar>(zeros: 2, 3, 3)
    let w = Kernel<CountingScalar>(zeros: 2, 3, 2, 2)
    let extent = Extent(6)
    #expect(
      multiplications {
        _ = stridedConvolution2DBackwardInput(dq, w, stride: 2, padding: 0, extent: extent)
      } == (3 * 3) * (2 * 3) * (2 * 2))
    #expect(
      multiplications {
        _ = stridedConvolution2DBackwardInputByChaining(
          dq, w, stride: 2, padding: 0, extent: extent)
      } == (6 * 6) * (2 * 3) * (2 * 2))
  }
}
