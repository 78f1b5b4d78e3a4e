import Tensors
import TestSupport
import Testing

@testable import Layers

/// Convolutions as one matrix product of all examples. Whole numbers have no rounding errors, so every element must equal
/// the direct algorithm's.
@Suite struct ConvolutionMatrixTests {
  struct Case: CustomStringConvertible {
    let extent: Extent2D
    let kernel: Extent2D
    var padding = Layers.Padding.valid
    var stride = 1
    /// False if lanes compute it: the taps that read pixels do not lie in one run of the weight's rows.
    var isOneMatrix = true
    /// False if the rows are copied from the image.
    var isTheImage = true
    var bias = true
    var inputs = 5
    var outputs = 37
    var description: String { "\(kernel) on \(extent), \(padding), stride \(stride)" }

    func layer(
      _ algorithm: (any ConvolutionAlgorithm.Type)?, trainsWeight: Bool = true
    ) -> Convolution2D {
      var random = WholeNumbers(seed: 61)
      let layer = Convolution2D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: kernel,
        stride: Extent2D(stride), padding: padding, bias: bias, trainsWeight: trainsWeight,
        algorithm: algorithm)
      layer.weight.setValues(stored: random.next(layer.weight.layout.count).floats)
      layer.bias?.setValues(stored: random.next(outputs).floats)
      return layer
    }

    func shape(_ examples: Int) -> Shape { [examples, extent.height, extent.width, inputs] }

    func run(
      _ layer: Convolution2D, examples: Int, threads: Int = 1, set: KernelSet = .best,
      rounds: Int = 1
    ) throws -> LayerRun {
      var random = WholeNumbers(seed: 62)
      let shape = shape(examples)
      return try LayerRun(
        layer, x: random.next(shape.count).floats, shape: shape,
        dy: random.next(examples * outputs).floats, kernelSet: set, threads: threads,
        rounds: rounds)
    }
  }

  /// Convolutions with one output that reads every pixel, for which this is the automatic choice.
  static let wholeImages = [
    Case(extent: 5, kernel: 5), Case(extent: 4, kernel: 4, bias: false),
    Case(extent: 2, kernel: 2, padding: .explicit(0), inputs: 33, outputs: 16),
    Case(extent: 1, kernel: 1, padding: .same), Case(extent: 1, kernel: 5, padding: .same),
    Case(extent: 1, kernel: 4, padding: .same, stride: 3, outputs: 70),
    Case(extent: Extent2D(1, 6), kernel: Extent2D(1, 6)),
    Case(extent: Extent2D(1, 3), kernel: 3, padding: .explicit(Extent2D(1, 0))),
    Case(extent: Extent2D(3, 2), kernel: Extent2D(3, 2), stride: 2),
    Case(extent: 3, kernel: 5, padding: .explicit(1), isOneMatrix: false),
  ]

  /// Others, with the algorithm by request.
  static let others = [
    Case(extent: Extent2D(3, 4), kernel: 1), Case(extent: 5, kernel: 3, isTheImage: false),
    Case(extent: 4, kernel: 3, padding: .same, stride: 2, isTheImage: false, outputs: 64),
    Case(
      extent: Extent2D(6, 7), kernel: Extent2D(2, 3), padding: .same, isTheImage: false, bias: false
    ),
    Case(extent: 5, kernel: 1, stride: 2, isTheImage: false),
    // Of five kernel rows, three reach the pixels.
    Case(extent: Extent2D(2, 6), kernel: Extent2D(5, 3), padding: .same, isTheImage: false),
    Case(extent: Extent2D(1, 2), kernel: 5, padding: .same, isTheImage: false),
    Case(extent: 2, kernel: 5, padding: .same, isOneMatrix: false),
  ]

  @Test(arguments: wholeImages) func wholeImagesAreTheConvolution(_ c: Case) throws {
    #expect(c.layer(nil).algorithmName(for: c.shape(1)) == "im2row")
    try compare(c, c.layer(nil))
  }

  @Test(arguments: others) func othersAreTheConvolution(_ c: Case) throws {
    #expect(c.layer(nil).algorithmName(for: c.shape(1)) != "im2row")
    try compare(c, c.layer(Im2RowConvolution.self))
  }

  private func compare(_ c: Case, _ layer: Convolution2D) throws {
    let parts = layer.asMatrix(for: c.shape(1))
    #expect((parts != nil) == c.isOneMatrix)
    if let parts { #expect((parts.rows == nil) == c.isTheImage) }
    #expect(c.layer(DirectConvolution.self).asMatrix(for: c.shape(1)) == nil)
    for examples in [1, 3, 70] {
      let expected = try c.run(c.layer(DirectConvolution.self), examples: examples, rounds: 2)
      for (threads, set) in [(1, KernelSet.portable), (1, .best), (2, .best), (3, .best)] {
        let run = try c.run(layer, examples: examples, threads: threads, set: set, rounds: 2)
        #expect(run.y == expected.y, "\(examples) examples")
        #expect(run.dx == expected.dx, "\(examples) examples")
        #expect(run.gradients == expected.gradients, "\(examples) examples")
      }
    }
  }

  @Test(arguments: wholeImages + others) func threadsAndSetsGiveTheSameBits(_ c: Case) throws {
    let layer = c.layer(Im2RowConvolution.self)
    var random = WholeNumbers(seed: 63)
    let shape = c.shape(37)
    let (x, count) = (random.fractions(shape.count), try layer.outputShape(for: shape).count)
    let dy = random.fractions(count)
    let expected = try LayerRun(layer, x: x, shape: shape, dy: dy)
    for set in KernelSet.available where set != .portable {
      for threads in [1, 2, 3] {
        let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: threads)
        #expect(run.y == expected.y && run.dx == expected.dx)
        #expect(run.gradients == expected.gradients)
      }
    }
  }

  /// A frozen weight with a trained bias leaves the layer as it is, and its passes are those of a few examples.
  @Test(arguments: (wholeImages + others).filter(\.bias))
  func frozenWeightsGiveTheSame(_ c: Case) throws {
    let frozen = c.layer(Im2RowConvolution.self, trainsWeight: false)
    #expect(frozen.asMatrix(for: c.shape(1)) == nil)
    let expected = try c.run(c.layer(DirectConvolution.self), examples: 41)
    let run = try c.run(frozen, examples: 41, threads: 2)
    #expect(run.y == expected.y && run.dx == expected.dx)
    #expect(run.gradients.last == expected.gradients[1])
  }

  /// The choice affects the results of every run.
  @Test func isARuleOfTheGeometryAndTheBatch() throws {
    func chosen(
      _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, extent: Int, batch: Int,
      isInference: Bool = false
    ) throws -> Bool {
      let layer = Convolution2D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: Extent2D(kernel),
        stride: Extent2D(stride), padding: .same)
      let shape: Shape = [1, extent, extent, inputs]
      try layer.setAlgorithm(nil, for: shape, batch: batch)
      let used = isInference ? Convolution2D(forInference: layer) : layer
      return used.algorithmName(for: shape) == "im2row"
    }
    // Few outputs of an example, and many weights.
    #expect(try chosen(256, 256, 3, stride: 2, extent: 4, batch: 256))
    #expect(try chosen(256, 256, 3, stride: 2, extent: 8, batch: 32))
    #expect(try !chosen(256, 256, 3, stride: 2, extent: 8, batch: 128))
    #expect(try chosen(128, 512, 1, extent: 4, batch: 32))
    #expect(try !chosen(128, 512, 1, extent: 8, batch: 32))
    #expect(try !chosen(128, 64, 1, extent: 4, batch: 1))
    // Winograd's method makes fewer products.
    #expect(try !chosen(128, 256, 3, extent: 4, batch: 32))
    #expect(try chosen(128, 64, 5, stride: 2, extent: 4, batch: 8))
    #expect(try !chosen(128, 64, 5, stride: 2, extent: 4, batch: 128))
    // Inference has no lanes.
    #expect(try chosen(256, 256, 3, stride: 2, extent: 4, batch: 8, isInference: true))
    #expect(try !chosen(256, 256, 3, stride: 2, extent: 8, batch: 32, isInference: true))
    #expect(try !chosen(128, 64, 3, stride: 2, extent: 4, batch: 32, isInference: true))
  }
}
