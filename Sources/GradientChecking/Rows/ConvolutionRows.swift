import Layers
import Textbook

/// A convolution of a shape that the lecture's formulas cover: a square kernel, or a signal's; one stride
/// for both axes; and the same padding of less than the kernel's size on all sides.
struct ConvolutionRows {
  let w: Kernel<Double>
  let b: Vector<Double>
  let hasBias: Bool
  let k: Int
  let stride: Int
  let padding: Int
  /// True for images of one row and a kernel of one row.
  let isSignal: Bool
  let input: Extent

  /// The most products of one example. The literal formulas would take minutes for more, and say nothing
  /// that they do not say about a smaller layer.
  private static let mostProducts = 1 << 20
  /// The most elements of a doubly circulant matrix.
  static let mostCirculantElements = 100_000

  /// Nil for a convolution that the lecture's formulas do not cover.
  init?(_ layer: Convolution2D, input: Extent) {
    let kernel = layer.kernel
    let rows = layer.padding.zeros(kernel: kernel.height, \.height)
    let columns = layer.padding.zeros(kernel: kernel.width, \.width)
    isSignal = input.rows == 1 && kernel.height == 1 && rows == (0, 0)
    guard layer.groups == 1, columns.before == columns.after,
      isSignal
        || kernel.height == kernel.width && rows == columns
          && layer.stride.height == layer.stride.width
    else { return nil }
    let products =
      layer.weight.layout.count * (input.rows + 2 * rows.before)
      * (input.columns + 2 * columns.before)
    guard products <= Self.mostProducts else { return nil }
    w = Kernel(shape: layer.weightShape, elements: layer.weight.exactValues)
    b = biasVector(layer.bias, layer.outputChannels)
    hasBias = layer.bias != nil
    k = kernel.width
    stride = layer.stride.width
    padding = columns.before
    self.input = input
  }

  /// The formulas of all rows that cover the convolution.
  var formulas: [RowFormula] {
    if isSignal { return signalFormulas }
    if stride > 1 { return stridedFormulas }
    return channelFormulas + planeFormulas + matrixFormulas + winogradFormulas
  }

  // MARK: Rows L5 and L6

  private var signalFormulas: [RowFormula] {
    guard stride == 1 else { return [] }
    if k == 1 {
      return [
        output("L5", "scalarConvolution") { line(scalarConvolution(vec($0), $1[0, 0])) },
        backwardInput("L5", "scalarConvolutionBackwardInput") {
          line(scalarConvolutionBackwardInput(vec($0), $1[0, 0]))
        },
        backwardKernel("L5", "scalarConvolutionBackwardKernel") {
          [[scalarConvolutionBackwardKernel(vec($0), vec($1))]]
        },
      ]
    }
    guard k % 2 == 1, padding == k / 2 else { return [] }
    return [
      output("L6", "convolution1D") { line(convolution1D(vec($0), vec($1))) },
      backwardInput("L6", "convolution1DBackwardInput") {
        line(convolution1DBackwardInput(vec($0), vec($1)))
      },
      backwardInput("L6", "convolution1DBackwardInputByCrop") {
        line(convolution1DBackwardInputByCrop(vec($0), vec($1)))
      },
      backwardKernel("L6", "convolution1DBackwardKernel") {
        line(convolution1DBackwardKernel(vec($0), vec($1), k: k))
      },
      backwardKernel("L6", "convolution1DBackwardKernelByShift") {
        line(convolution1DBackwardKernelByShift(vec($0), vec($1), k: k))
      },
    ]
  }

  // MARK: Rows L10, L11 and L13

  /// Over one channel. More channels are added up by pairs.
  private var planeFormulas: [RowFormula] {
    let formulas = [
      output("L10", "convolution2D") { convolution2D($0, $1, padding: padding) },
      backwardInput("L10", "convolution2DBackwardInput") {
        convolution2DBackwardInput($0, $1, padding: padding)
      },
      backwardInput("L11", "transposedConvolution2D") {
        transposedConvolution2D($0, $1, padding: padding)
      },
      backwardKernel("L10", "convolution2DBackwardKernel") {
        convolution2DBackwardKernel($0, $1, padding: padding)
      },
    ]
    guard k % 2 == 1, padding == k / 2 else { return formulas }
    return formulas + [
      output("L10", "convolution2DByCrop") { convolution2DByCrop($0, $1) },
      backwardKernel("L10", "convolution2DBackwardKernelByShift") {
        convolution2DBackwardKernelByShift($0, $1, k: k)
      },
    ]
  }

  private var channelFormulas: [RowFormula] {
    let bias: [RowFormula] = [
      .parameterGradient("L13", "convolution2DBackwardBias", .biasGradient) { dq, _ in
        convolution2DBackwardBias(dq)
      }
    ]
    return [
      .output("L13", "convolution2D") { convolution2D($0, w, b, padding: padding) },
      .inputGradient("L13", "convolution2DBackwardInput") { dq, _ in
        convolution2DBackwardInput(dq, w, padding: padding)
      },
      .inputGradient("L11", "transposedConvolution2D over channels") { dq, _ in
        transposedConvolution2D(dq, w, padding: padding)
      },
      .parameterGradient("L13", "convolution2DBackwardKernel") { dq, p in
        convolution2DBackwardKernel(dq, p, padding: padding)
      },
    ] + (hasBias ? bias : [])
  }

  // MARK: Rows L14 to L16

  private var stridedFormulas: [RowFormula] {
    [
      .output("L14", "stridedConvolution2D") {
        biased(stridedConvolution2D($0, w, stride: stride, padding: padding))
      },
      .inputGradient("L15", "stridedConvolution2DBackwardInputByChaining") { dq, _ in
        stridedConvolution2DBackwardInputByChaining(
          dq, w, stride: stride, padding: padding, extent: input)
      },
      .parameterGradient("L15", "stridedConvolution2DBackwardKernelByChaining") { dq, p in
        stridedConvolution2DBackwardKernelByChaining(
          dq, p, k: k, stride: stride, padding: padding)
      },
      .inputGradient("L16", "stridedConvolution2DBackwardInput") { dq, _ in
        stridedConvolution2DBackwardInput(
          dq, w, stride: stride, padding: padding, extent: input)
      },
    ]
  }
}
