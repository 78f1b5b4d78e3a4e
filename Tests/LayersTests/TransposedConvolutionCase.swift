import Tensors
import TestSupport
import Textbook

@testable import Layers

/// A random transposed convolution with extents that users may choose.
struct TransposedConvolutionCase: CustomStringConvertible {
  let shape: Shape
  let outputs: Int
  let kernel: Extent2D
  let stride: Extent2D
  let padding: Extent2D
  let outputPadding: Extent2D
  let bias: Bool

  /// - Parameter unitStride: true for stride 1.
  init(unitStride: Bool = false, _ random: inout WholeNumbers) {
    let isSquare = random.one(from: 0, to: 2) > 0
    let kernel = Extent2D(random.one(from: 1, to: 6), random.one(from: 1, to: 6))
    self.kernel = isSquare ? Extent2D(kernel.height) : kernel
    stride =
      unitStride ? 1 : Extent2D(random.one(from: 1, to: 4), random.one(from: 1, to: 4))
    padding = Extent2D(
      random.one(from: 0, to: self.kernel.height - 1),
      random.one(from: 0, to: self.kernel.width - 1)
    )
    outputPadding = Extent2D(
      random.one(from: 0, to: stride.height - 1), random.one(from: 0, to: stride.width - 1))
    // The smallest images are those of which the padding leaves one pixel.
    func least(_ kernel: Int, _ stride: Int, _ padding: Int, _ outputPadding: Int) -> Int {
      let rest = kernel - 2 * padding + outputPadding
      return rest > 0 ? 1 : 1 + (stride - rest) / stride
    }
    let height = least(
      self.kernel.height, stride.height, padding.height, outputPadding.height)
    let width = least(self.kernel.width, stride.width, padding.width, outputPadding.width)
    let channels = [1, 2, 3, 5, 8, 16, 17, 32, 33, 40]
    shape = [
      random.one(from: 1, to: 3), height + random.one(from: 0, to: 6),
      width + random.one(from: 0, to: 6),
      channels[random.one(from: 0, to: channels.count - 1)],
    ]
    outputs = channels[random.one(from: 0, to: channels.count - 1)]
    bias = random.one(from: 0, to: 1) == 1
  }

  var description: String {
    "\(shape) to \(outputs), kernel \(kernel), stride \(stride), padding \(padding), output "
      + "padding \(outputPadding)"
  }

  var weightCount: Int { shape[3] * outputs * kernel.height * kernel.width }

  func layer(_ algorithm: (any ConvolutionAlgorithm.Type)? = nil) -> TransposedConvolution2D {
    TransposedConvolution2D(
      "convt1", inputChannels: shape[3], outputChannels: outputs, kernel: kernel, stride: stride,
      padding: padding, outputPadding: outputPadding, bias: bias, algorithm: algorithm)
  }

  /// The layer without a bias, and the convolution whose adjoint it is, with the same weight.
  func adjoints(
    _ algorithm: any ConvolutionAlgorithm.Type, weight: [Float]
  ) -> (TransposedConvolution2D, Convolution2D) {
    let transposed = TransposedConvolution2D(
      "convt1", inputChannels: shape[3], outputChannels: outputs, kernel: kernel, stride: stride,
      padding: padding, outputPadding: outputPadding, bias: false, algorithm: algorithm)
    let convolution = Convolution2D(
      "conv1", inputChannels: outputs, outputChannels: shape[3], kernel: kernel, stride: stride,
      padding: .explicit(padding), bias: false, algorithm: algorithm)
    transposed.weight.setValues(stored: weight)
    convolution.weight.setValues(stored: weight)
    return (transposed, convolution)
  }

  /// The algorithms that compute plain sums of products, fast enough for tests.
  var exactAlgorithms: [any ConvolutionAlgorithm.Type] {
    let g = layer().geometry(shape)
    return ConvolutionAlgorithms.all.filter {
      switch $0 {
      case is WinogradConvolution.Type, is WinogradRowConvolution.Type: false
      case is CirculantConvolution.Type: g.inputCount * g.outputCount < 1 << 17
      default: $0.supports(g)
      }
    }
  }
}

/// The Textbook's results for a case, in the layer's memory layout.
struct TransposedConvolutionOracle {
  let y: [Double]
  let dx: [Double]
  let dw: [Double]
  let db: [Double]

  init(
    _ c: TransposedConvolutionCase, x: [Double], w: [Double], b: [Double], dy: [Double]
  ) throws {
    let stride = Extent(c.stride.height, c.stride.width)
    let padding = Textbook.Padding(rows: c.padding.height, columns: c.padding.width)
    let size = Extent(c.kernel.height, c.kernel.width)
    let kernel = Kernel(
      shape: [c.shape[3], c.outputs, c.kernel.height, c.kernel.width], elements: w)
    let inputs = volumes(x, c.shape)
    let gradients = volumes(dy, try c.layer().outputShape(for: c.shape))
    y = elements(
      inputs.map {
        transposedConvolution2D(
          $0, kernel, Vector(shape: [c.outputs], elements: b), stride: stride, padding: padding,
          outputPadding: Extent(c.outputPadding.height, c.outputPadding.width))
      })
    dx = elements(
      gradients.map {
        transposedConvolution2DBackwardInput($0, kernel, stride: stride, padding: padding)
      })
    var dw = [Double](repeating: 0, count: w.count)
    var db = [Double](repeating: 0, count: b.count)
    for (input, gradient) in zip(inputs, gradients) {
      let kernelGradient = transposedConvolution2DBackwardKernel(
        gradient, input, size: size, stride: stride, padding: padding)
      for i in dw.indices { dw[i] += kernelGradient.elements[i] }
      let biasGradient = convolution2DBackwardBias(gradient)
      for i in db.indices { db[i] += biasGradient.elements[i] }
    }
    self.dw = dw
    self.db = db
  }
}
