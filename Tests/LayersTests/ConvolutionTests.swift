import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

/// A random convolution with extents that users may choose.
struct ConvolutionCase: CustomStringConvertible {
  let shape: Shape
  let outputs: Int
  let kernel: Extent2D
  let stride: Extent2D
  let padding: Layers.Padding
  let bias: Bool

  init(number: Int, _ random: inout WholeNumbers) {
    let isSquare = random.one(from: 0, to: 2) > 0
    let kernel = Extent2D(random.one(from: 1, to: 7), random.one(from: 1, to: 7))
    self.kernel = isSquare ? Extent2D(kernel.height) : kernel
    let stride = Extent2D(random.one(from: 1, to: 3), random.one(from: 1, to: 3))
    self.stride = number % 2 == 0 ? 1 : stride
    padding =
      switch random.one(from: 0, to: 2) {
      case 0: .valid
      case 1: .same
      default:
        .explicit(
          Extent2D(
            random.one(from: 0, to: self.kernel.height + 1),
            random.one(from: 0, to: self.kernel.width + 1)))
      }
    // The smallest images are as large as the kernel only with their padding.
    let rowZeros = padding.zeros(kernel: self.kernel.height, \.height)
    let columnZeros = padding.zeros(kernel: self.kernel.width, \.width)
    let least = Extent2D(
      max(1, self.kernel.height - rowZeros.before - rowZeros.after),
      max(1, self.kernel.width - columnZeros.before - columnZeros.after))
    let channels = [1, 2, 3, 5, 8, 16, 17, 32, 33, 40]
    shape = [
      random.one(from: 1, to: 3), least.height + random.one(from: 0, to: 11),
      least.width + random.one(from: 0, to: 11),
      channels[random.one(from: 0, to: channels.count - 1)],
    ]
    outputs = channels[random.one(from: 0, to: channels.count - 1)]
    bias = random.one(from: 0, to: 1) == 1
  }

  /// A batch of two square images whose outputs have the same size.
  init(kernel: Int, extent: Int, inputs: Int = 16, outputs: Int = 32, stride: Int = 1) {
    shape = [2, extent, extent, inputs]
    self.outputs = outputs
    self.kernel = Extent2D(kernel)
    self.stride = Extent2D(stride)
    padding = .same
    bias = true
  }

  var description: String {
    "\(shape) to \(outputs), kernel \(kernel), stride \(stride), padding \(padding)"
  }

  var geometry: ConvolutionGeometry {
    ConvolutionGeometry(
      rows: ConvolutionAxis(
        input: shape[1], kernel: kernel.height, stride: stride.height,
        zeros: padding.zeros(kernel: kernel.height, \.height)),
      columns: ConvolutionAxis(
        input: shape[2], kernel: kernel.width, stride: stride.width,
        zeros: padding.zeros(kernel: kernel.width, \.width)),
      inputChannels: shape[3], outputChannels: outputs)
  }

  /// True if `algorithm` computes the case as plain sums of products, fast enough for tests.
  func isExact(_ algorithm: any ConvolutionAlgorithm.Type) -> Bool {
    switch algorithm {
    case is WinogradConvolution.Type, is WinogradRowConvolution.Type: false
    case is CirculantConvolution.Type:
      algorithm.supports(geometry) && geometry.inputCount * geometry.outputCount < 1 << 19
    default: algorithm.supports(geometry)
    }
  }

  /// The layer with the given `algorithm`.
  func layer(_ algorithm: any ConvolutionAlgorithm.Type) -> Convolution2D {
    Convolution2D(
      "conv1", inputChannels: shape[3], outputChannels: outputs, kernel: kernel, stride: stride,
      padding: padding, bias: bias, algorithm: algorithm)
  }
}

/// The Textbook's results for a case, in the layer's memory layout.
struct ConvolutionOracle<Scalar: Numeric> {
  let y: [Scalar]
  let dx: [Scalar]
  let dw: [Scalar]
  let db: [Scalar]

  init(_ c: ConvolutionCase, x: [Scalar], w: [Scalar], b: [Scalar], dy: [Scalar]) {
    let g = c.geometry
    let stride = Extent(c.stride.height, c.stride.width)
    let padding = Textbook.Padding(
      top: g.rows.before, left: g.columns.before, bottom: g.rows.after, right: g.columns.after)
    let size = Extent(c.kernel.height, c.kernel.width)
    let kernel = Kernel(
      shape: [c.outputs, c.shape[3], c.kernel.height, c.kernel.width], elements: w)
    let inputs = volumes(x, c.shape)
    let gradients = volumes(dy, [c.shape[0], g.rows.output, g.columns.output, c.outputs])
    y = elements(
      inputs.map {
        convolution(
          $0, kernel, Vector(shape: [c.outputs], elements: b), stride: stride, padding: padding)
      })
    dx = elements(
      gradients.map {
        convolutionBackwardInput(
          $0, kernel, stride: stride, padding: padding, extent: Extent(c.shape[1], c.shape[2]))
      })
    var dw = [Scalar](repeating: 0, count: w.count)
    var db = [Scalar](repeating: 0, count: b.count)
    for (input, gradient) in zip(inputs, gradients) {
      let kernelGradient = convolutionBackwardKernel(
        gradient, input, size: size, stride: stride, padding: padding)
      for i in dw.indices { dw[i] += kernelGradient.elements[i] }
      let biasGradient = convolution2DBackwardBias(gradient)
      for i in db.indices { db[i] += biasGradient.elements[i] }
    }
    self.dw = dw
    self.db = db
  }
}

@Suite struct ConvolutionTests {
  /// Whole numbers have no rounding errors, so every element must equal the Textbook's.
  @Test(arguments: 0..<10)
  func sumsAreExactOnWholeNumbers(_ part: Int) throws {
    var random = WholeNumbers(seed: 100 + part)
    for number in 0..<50 {
      let c = ConvolutionCase(number: number, &random)
      let x = random.next(c.shape.count)
      let w = random.next(c.outputs * c.shape[3] * c.kernel.height * c.kernel.width)
      let b = c.bias ? random.next(c.outputs) : [Int](repeating: 0, count: c.outputs)
      let dy = random.next(c.shape[0] * c.geometry.outputCount)
      // The oracle computes in Double, where whole numbers are as exact as in Int, and for which
      // the Textbook is specialized.
      let oracle = ConvolutionOracle(c, x: x.doubles, w: w.doubles, b: b.doubles, dy: dy.doubles)
      for algorithm in ConvolutionAlgorithms.all where c.isExact(algorithm) {
        let layer = c.layer(algorithm)
        layer.weight.setValues(stored: w.floats)
        layer.bias?.setValues(stored: b.floats)
        for set in KernelSet.available {
          let run = try LayerRun(
            layer, x: x.floats, shape: c.shape, dy: dy.floats, kernelSet: set)
          let what = "\(algorithm.name), \(c), \(set)"
          #expect(run.y == oracle.y.map(Float.init), "y by \(what)")
          #expect(run.dx == oracle.dx.map(Float.init), "∂x by \(what)")
          #expect(run.gradients[0] == oracle.dw.map(Float.init), "∂w by \(what)")
          if c.bias { #expect(run.gradients[1] == oracle.db.map(Float.init), "∂b by \(what)") }
        }
      }
    }
  }

  /// The terms of y are added in the same order whether the matrix is implicit, explicit or
  /// circulant, whose zeros change nothing. The same holds for ∂w of one example: the circulant
  /// algorithm, and one matrix of all examples, sum over examples first.
  @Test func layoutsOfOneSumGiveTheSameBits() throws {
    var random = WholeNumbers(seed: 7)
    var (circulants, ones) = (0, 0)
    for number in 0..<60 {
      let c = ConvolutionCase(number: number, &random)
      let x = random.fractions(c.shape.count)
      let w = random.fractions(c.outputs * c.shape[3] * c.kernel.height * c.kernel.width)
      let dy = random.fractions(c.shape[0] * c.geometry.outputCount)
      func run(_ algorithm: any ConvolutionAlgorithm.Type) throws -> LayerRun {
        let layer = c.layer(algorithm)
        layer.weight.setValues(stored: w)
        layer.bias?.setValues(stored: (0..<c.outputs).map { 0.3 - 0.1 * Float($0) })
        return try LayerRun(layer, x: x, shape: c.shape, dy: dy)
      }
      let direct = try run(DirectConvolution.self)
      let rows = try run(Im2RowConvolution.self)
      #expect(rows.y == direct.y, "\(c)")
      // One matrix of all examples sums in another order than lanes.
      if c.shape[0] == 1 || c.layer(Im2RowConvolution.self).asMatrix(for: c.shape) == nil {
        ones += 1
        #expect(rows.gradients == direct.gradients, "\(c)")
      }
      guard c.isExact(CirculantConvolution.self) else { continue }
      circulants += 1
      #expect(try run(CirculantConvolution.self).y == direct.y, "\(c)")
    }
    #expect(circulants >= 20 && ones >= 20)
  }

  @Test(arguments: ConvolutionAlgorithms.all.map { $0.name })
  func setsAndThreadsGiveTheSameBits(_ name: String) throws {
    let algorithm = try #require(ConvolutionAlgorithms.named(name))
    var random = WholeNumbers(seed: 4)
    var cases = Self.winogradCases.prefix(8).filter { algorithm.supports($0.geometry) }
    var number = 1
    while cases.count < 14 {
      let c = ConvolutionCase(number: number, &random)
      number += 1
      let isOneOfThese =
        name.hasPrefix("winograd") ? algorithm.supports(c.geometry) : c.isExact(algorithm)
      if isOneOfThese { cases.append(c) }
    }
    // Threads share the work of one example, and eight threads that of two.
    for (c, examples) in cases.flatMap({ [($0, 19), ($0, 1), ($0, 2)] }) {
      let shape = c.shape.with(examples: examples)
      let layer = c.layer(algorithm)
      layer.weight.setValues(stored: random.fractions(layer.weight.layout.count))
      let x = random.fractions(shape.count)
      let dy = random.fractions(examples * c.geometry.outputCount)
      let reference = try LayerRun(layer, x: x, shape: shape, dy: dy)
      for set in KernelSet.available where set != .portable {
        for threads in [1, 2, 3, 4, 8] {
          let run = try LayerRun(
            layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: threads)
          #expect(run.y == reference.y, "\(set), \(threads) threads, \(c)")
          #expect(run.dx == reference.dx, "\(set), \(threads) threads, \(c)")
          #expect(run.gradients == reference.gradients, "\(set), \(threads) threads, \(c)")
        }
      }
    }
  }

  /// The numbers of lecture row L12: the kernel has −1 left of its center and 1 in the center, and
  /// the image has a diagonal of two ones.
  @Test func handComputed() throws {
    let layer = Convolution2D("conv1", inputChannels: 1, outputChannels: 1, kernel: 3, bias: false)
    layer.weight.setValues(stored: [0, 0, 0, -1, 1, 0, 0, 0, 0])
    let x: [Float] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    let run = try LayerRun(layer, x: x, shape: [1, 4, 4, 1], dy: [1, 0, 0, 0])
    #expect(run.y == [1, -1, 0, 1])
    #expect(run.dx == [0, 0, 0, 0, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(run.gradients[0] == [0, 0, 0, 0, 1, 0, 0, 0, 1])
  }

  @Test func gradientsAccumulate() throws {
    var random = WholeNumbers(seed: 5)
    let layer = Convolution2D("conv1", inputChannels: 3, outputChannels: 5, kernel: 3)
    let x = random.next(2 * 6 * 6 * 3).floats
    let dy = random.next(2 * 4 * 4 * 5).floats
    let once = try LayerRun(layer, x: x, shape: [2, 6, 6, 3], dy: dy)
    let twice = try LayerRun(layer, x: x, shape: [2, 6, 6, 3], dy: dy, rounds: 2)
    #expect(twice.gradients == once.gradients.map { $0.map { 2 * $0 } })
  }

  @Test func saysWhatDoesNotFit() {
    let layer = Convolution2D("conv7", inputChannels: 3, outputChannels: 5, kernel: 5)
    #expect(
      throws: ShapeError(layer: "conv7", expected: "[n, h, w, 3]", found: [1, 8, 8, 1])
    ) { try layer.outputShape(for: [1, 8, 8, 1]) }
    #expect(
      throws: ShapeError(
        layer: "conv7", expected: "an image of at least the kernel 5×5, padding valid",
        found: [1, 4, 8, 3])
    ) { try layer.outputShape(for: [1, 4, 8, 3]) }
  }
}
