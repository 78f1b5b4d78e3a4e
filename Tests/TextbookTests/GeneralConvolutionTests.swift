import Testing
import Textbook

/// The convolution that the tests of the fast layers compare with.
struct GeneralConvolutionTests {
  @Test func allPassesAreAsComputedByHand() {
    // The padding is two rows above and one column on the right. The stride is 2 along the columns only.
    let p = volume([[1, 2, 3], [4, 5, 6]] as Matrix<Int>)
    let w = Kernel(shape: [1, 1, 3, 2], elements: [1, 2, 3, 4, 5, 6])
    let padding = Padding(top: 2, left: 0, bottom: 0, right: 1)
    let stride = Extent(1, 2)
    #expect(
      convolution(p, w, [100], stride: stride, padding: padding)
        == volume([[117, 115], [161, 139]]))
    let dq = volume([[1, 0], [0, 1]] as Matrix<Int>)
    // Output (0, 0) reads row 0 by the kernel's last row. Output (1, 1) reads the last column by the kernel's
    // first column.
    #expect(
      convolutionBackwardInput(dq, w, stride: stride, padding: padding, extent: Extent(2, 3))
        == volume([[5, 6, 3], [0, 0, 5]]))
    #expect(
      convolutionBackwardKernel(dq, p, size: Extent(3, 2), stride: stride, padding: padding)
        .elements == [0, 0, 3, 0, 7, 2])
  }

  @Test(arguments: ConvolutionCase.general)
  func gradientsAreFiniteDifferences(_ shape: ConvolutionCase) {
    var numbers = Numbers(seed: shape.kernel.rows)
    let (s, a) = (shape.stride, shape.padding)
    let p: Volume<Double> = numbers.reals(
      shape.inputs, shape.extent.rows, shape.extent.columns)
    let w: Kernel<Double> = numbers.reals(
      shape.outputs, shape.inputs, shape.kernel.rows, shape.kernel.columns)
    let b: Vector<Double> = numbers.reals(shape.outputs)
    let q = convolution(p, w, b, stride: s, padding: a)
    let dq: Volume<Double> = numbers.reals(q.channels, q.rows, q.columns)
    expectGradient(
      convolutionBackwardInput(dq, w, stride: s, padding: a, extent: shape.extent), at: p
    ) { dot(convolution($0, w, b, stride: s, padding: a), dq) }
    expectGradient(
      convolutionBackwardKernel(dq, p, size: shape.kernel, stride: s, padding: a), at: w
    ) { dot(convolution(p, $0, b, stride: s, padding: a), dq) }
    expectGradient(convolution2DBackwardBias(dq), at: b) {
      dot(convolution(p, w, $0, stride: s, padding: a), dq)
    }
  }

  @Test(arguments: ConvolutionCase.square)
  func squareCasesEqualTheLecturesFormulas(_ shape: ConvolutionCase) {
    var numbers = Numbers(seed: shape.stride.rows)
    let (s, a) = (shape.stride, shape.padding)
    let p: Volume<Int> = numbers.integers(shape.inputs, shape.extent.rows, shape.extent.columns)
    let w: Kernel<Int> = numbers.integers(
      shape.outputs, shape.inputs, shape.kernel.rows, shape.kernel.columns)
    let b: Vector<Int> = numbers.integers(shape.outputs)
    let q = convolution(p, w, Vector(zeros: shape.outputs), stride: s, padding: a)
    #expect(q == stridedConvolution2D(p, w, stride: s.rows, padding: a.top))
    if s == 1 {
      #expect(convolution(p, w, b, padding: a) == convolution2D(p, w, b, padding: a.top))
    }
    let dq: Volume<Int> = numbers.integers(q.channels, q.rows, q.columns)
    #expect(
      convolutionBackwardInput(dq, w, stride: s, padding: a, extent: shape.extent)
        == stridedConvolution2DBackwardInput(
          dq, w, stride: s.rows, padding: a.top, extent: shape.extent))
    #expect(
      convolutionBackwardKernel(dq, p, size: shape.kernel, stride: s, padding: a)
        == stridedConvolution2DBackwardKernelByChaining(
          dq, p, k: shape.kernel.rows, stride: s.rows, padding: a.top))
  }

  @Test func floatAndDoubleAgreeOnIntegers() {
    var numbers = Numbers(seed: 7)
    let p: Volume<Int> = numbers.integers(2, 5, 6)
    let w: Kernel<Int> = numbers.integers(3, 2, 3, 3)
    let exact = convolution(p, w, [1, 2, 3], stride: 2, padding: 1)
    let double = convolution(
      Volume(shape: p.shape, elements: p.elements.map(Double.init)),
      Kernel(shape: w.shape, elements: w.elements.map(Double.init)), [1, 2, 3],
      stride: 2, padding: 1)
    let float = convolution(
      Volume(shape: p.shape, elements: p.elements.map(Float.init)),
      Kernel(shape: w.shape, elements: w.elements.map(Float.init)), [1, 2, 3],
      stride: 2, padding: 1)
    #expect(double.elements == exact.elements.map(Double.init))
    #expect(float.elements == exact.elements.map(Float.init))
  }
}
