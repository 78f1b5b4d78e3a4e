import Testing
import Textbook

/// Lecture row L17.
struct StridedTransposedConvolutionTests {
  @Test func theForwardPassIsAsComputedByHand() {
    let x = volume([[1, 2]] as Matrix<Int>)
    let w = Kernel(shape: [1, 1, 1, 3], elements: [1, 2, 3])
    let stride = Extent(1, 2)
    #expect(
      transposedConvolution2D(x, w, [10], stride: stride) == volume([[11, 12, 15, 14, 16]]))
    #expect(
      transposedConvolution2D(x, w, [0], stride: stride, padding: Padding(rows: 0, columns: 1))
        == volume([[2, 5, 4]]))
    #expect(
      transposedConvolution2D(
        x, w, [1], stride: stride, padding: Padding(top: 0, left: 2, bottom: 0, right: 0),
        outputPadding: Extent(0, 1)) == volume([[6, 5, 7, 1]]))
  }

  /// A kernel `[G, F, k, l]` maps `G` channels to `F`.
  @Test func anOutputChannelSumsOverInputChannels() {
    let x = volume([[1]], [[10]] as Matrix<Int>)
    let w = Kernel(shape: [2, 3, 1, 1], elements: [1, 2, 3, 4, 5, 6])
    #expect(
      transposedConvolution2D(x, w, [0, 0, 100], stride: 3) == volume([[41]], [[52]], [[163]]))
  }

  @Test(arguments: ConvolutionCase.general, [0, 1])
  func gradientsAreFiniteDifferences(_ shape: ConvolutionCase, extra: Int) {
    var numbers = Numbers(seed: shape.kernel.columns)
    let (s, a) = (shape.stride, shape.padding)
    let output = Extent(min(extra, s.rows - 1), min(extra, s.columns - 1))
    let x: Volume<Double> = numbers.reals(shape.inputs, 3, 5)
    let w: Kernel<Double> = numbers.reals(
      shape.inputs, shape.outputs, shape.kernel.rows, shape.kernel.columns)
    let b: Vector<Double> = numbers.reals(shape.outputs)
    func forward(_ x: Volume<Double>, _ w: Kernel<Double>, _ b: Vector<Double>) -> Volume<Double> {
      transposedConvolution2D(x, w, b, stride: s, padding: a, outputPadding: output)
    }
    let q = forward(x, w, b)
    #expect(
      q.shape == [
        shape.outputs,
        2 * s.rows + shape.kernel.rows - a.top - a.bottom + output.rows,
        4 * s.columns + shape.kernel.columns - a.left - a.right + output.columns,
      ])
    let dq: Volume<Double> = numbers.reals(q.channels, q.rows, q.columns)
    expectGradient(
      transposedConvolution2DBackwardInput(dq, w, stride: s, padding: a), at: x
    ) { dot(forward($0, w, b), dq) }
    expectGradient(
      transposedConvolution2DBackwardKernel(dq, x, size: shape.kernel, stride: s, padding: a),
      at: w
    ) { dot(forward(x, $0, b), dq) }
    expectGradient(convolution2DBackwardBias(dq), at: b) { dot(forward(x, w, $0), dq) }
  }

  @Test(arguments: ConvolutionCase.general)
  func theTransposedConvolutionIsTheAdjoint(_ shape: ConvolutionCase) {
    var numbers = Numbers(seed: shape.kernel.rows)
    let (s, a) = (shape.stride, shape.padding)
    let p: Volume<Int> = numbers.integers(shape.inputs, shape.extent.rows, shape.extent.columns)
    let w: Kernel<Int> = numbers.integers(
      shape.outputs, shape.inputs, shape.kernel.rows, shape.kernel.columns)
    let q = convolution(p, w, Vector(zeros: shape.outputs), stride: s, padding: a)
    let x: Volume<Int> = numbers.integers(q.channels, q.rows, q.columns)
    // The rows and columns that the strided convolution does not read.
    let rest = Extent(
      (shape.extent.rows + a.top + a.bottom - shape.kernel.rows) % s.rows,
      (shape.extent.columns + a.left + a.right - shape.kernel.columns) % s.columns)
    let back = transposedConvolution2D(
      x, w, Vector(zeros: shape.inputs), stride: s, padding: a, outputPadding: rest)
    #expect(back.shape == p.shape)
    #expect(dot(q, x) == dot(p, back))
  }
}
