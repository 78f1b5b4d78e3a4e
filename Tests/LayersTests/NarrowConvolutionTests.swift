import Tensors
import TestSupport
import Testing

@testable import Layers

/// Convolutions to or from few channels. ``ConvolutionTests`` compares their passes with the Textbook, on random
/// extents and all kernel sets.
@Suite struct NarrowConvolutionTests {
  private struct Case: CustomStringConvertible {
    let inputs: Int
    let outputs: Int
    let kernel: Extent2D
    var stride: Extent2D = 1
    var extent = 9
    /// The passes in vectors of terms: forward, weights, data.
    let passes: [Bool]

    var description: String { "\(inputs) to \(outputs) channels, \(kernel), stride \(stride)" }

    func layer(_ algorithm: any ConvolutionAlgorithm.Type) -> Convolution2D {
      Convolution2D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride,
        padding: .same, bias: true, algorithm: algorithm)
    }
  }

  private static let cases = [
    Case(inputs: 64, outputs: 4, kernel: 3, passes: [true, true, false]),
    Case(inputs: 5, outputs: 48, kernel: 3, passes: [false, false, true]),
    Case(inputs: 12, outputs: 12, kernel: 5, passes: [true, true, true]),
    // Terms that fill no whole vector, and a last panel of 7.
    Case(inputs: 13, outputs: 3, kernel: 3, passes: [true, true, false]),
    Case(inputs: 50, outputs: 6, kernel: Extent2D(2, 5), passes: [true, true, false]),
    Case(
      inputs: 6, outputs: 40, kernel: 5, stride: Extent2D(2, 3), extent: 11,
      passes: [false, false, true]),
    // Some inputs are under no tap.
    Case(inputs: 4, outputs: 32, kernel: 1, stride: 2, passes: [false, false, true]),
    Case(inputs: 96, outputs: 6, kernel: 1, extent: 5, passes: [true, true, false]),
  ]

  /// Whole numbers have no rounding errors, so the order of addition changes nothing.
  @Test(arguments: [(1, 1), (3, 1), (7, 4), (1, 3)])
  func sumsAreThoseOfTheDirectAlgorithm(_ examples: Int, _ threads: Int) throws {
    var random = WholeNumbers(seed: 451)
    for c in Self.cases {
      let shape: Shape = [examples, c.extent, c.extent, c.inputs]
      let geometry = c.layer(DirectConvolution.self).geometry(shape)
      let passes = NarrowPasses(geometry)
      #expect([passes.forward, passes.weights, passes.data] == c.passes, "\(c)")
      let x = random.next(shape.count).floats
      let dy = random.next(examples * geometry.outputCount).floats
      let w = random.next(c.outputs * c.inputs * c.kernel.height * c.kernel.width).floats
      let b = random.next(c.outputs).floats
      func run(_ algorithm: any ConvolutionAlgorithm.Type) throws -> LayerRun {
        let layer = c.layer(algorithm)
        layer.weight.setValues(stored: w)
        layer.bias?.setValues(stored: b)
        return try LayerRun(layer, x: x, shape: shape, dy: dy, threads: threads, rounds: 2)
      }
      let (narrow, direct) = try (run(NarrowConvolution.self), run(DirectConvolution.self))
      #expect(narrow.y == direct.y, "\(c)")
      #expect(narrow.dx == direct.dx, "\(c)")
      #expect(narrow.gradients == direct.gradients, "\(c)")
    }
  }

  /// An image that exceeds the cache goes through both algorithms in bands of rows; im2row knows no bands.
  @Test(arguments: [1, 3])
  func bandsOfALargeImageGiveTheSumsOfIm2Row(_ threads: Int) throws {
    let c = Case(
      inputs: 200, outputs: 4, kernel: 3, stride: Extent2D(2, 1), extent: 40, passes: [])
    let shape: Shape = [1, c.extent, c.extent, c.inputs]
    let geometry = c.layer(DirectConvolution.self).geometry(shape)
    var bands: [Range<Int>] = []
    geometry.forEachBand(of: 2..<20) { bands.append($0) }
    #expect(bands.count > 1 && bands.flatMap(Array.init) == Array(2..<20), "\(bands)")
    var random = WholeNumbers(seed: 452)
    let x = random.next(shape.count).floats
    let dy = random.next(geometry.outputCount).floats
    let w = random.next(c.outputs * c.inputs * 9).floats
    let b = random.next(c.outputs).floats
    let runs = try [
      Im2RowConvolution.self, DirectConvolution.self, NarrowConvolution.self,
    ].map { (algorithm: any ConvolutionAlgorithm.Type) in
      let layer = c.layer(algorithm)
      layer.weight.setValues(stored: w)
      layer.bias?.setValues(stored: b)
      return try LayerRun(layer, x: x, shape: shape, dy: dy, threads: threads, rounds: 2)
    }
    for run in runs.dropFirst() {
      #expect(run.y == runs[0].y && run.dx == runs[0].dx && run.gradients == runs[0].gradients)
    }
  }

  /// A value that is not finite reaches only the outputs whose taps read it.
  @Test func aNaNStaysUnderItsTaps() throws {
    let layer = Convolution2D(
      "conv1", inputChannels: 20, outputChannels: 4, kernel: 3, stride: 1, padding: .valid,
      bias: false,
      algorithm: NarrowConvolution.self)
    layer.weight.setValues(stored: [Float](repeating: 1, count: 4 * 20 * 9))
    let shape: Shape = [2, 6, 6, 20]
    var x = [Float](repeating: 1, count: shape.count)
    x[0] = .nan
    let dy = [Float](repeating: 1, count: 2 * 16 * 4)
    let run = try LayerRun(layer, x: x, shape: shape, dy: dy)
    #expect(run.y.prefix(4).allSatisfy { $0.isNaN })
    #expect(run.y.dropFirst(4).allSatisfy { $0 == 180 })
    // Channel 0 of the first tap alone reads it: [g, f, i, j] = [g, 0, 0, 0].
    for (i, gradient) in run.gradients[0].enumerated() {
      #expect(i % 180 == 0 ? gradient.isNaN : gradient == 32, "\(i)")
    }
  }

  @Test func isNoAlgorithmForManyOrSingleChannels() {
    func supported(_ inputs: Int, _ outputs: Int) -> Bool {
      Convolution2D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: 3, padding: .same
      ).supportedAlgorithms(for: [1, 12, 12, inputs]).contains("narrow")
    }
    #expect(!supported(32, 32) && !supported(64, 48) && !supported(1, 6) && !supported(3, 64))
    #expect(supported(64, 3) && supported(8, 64))
  }
}
