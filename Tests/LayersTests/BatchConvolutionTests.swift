import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Winograd's passes on the whole batch, for weights too large for a core's cache.
@Suite struct BatchConvolutionTests {
  struct Case: CustomStringConvertible {
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let extent: Extent2D
    let examples: Int
    var padding = Layers.Padding.same
    var stride = 1
    var shape: Shape { [examples, extent.height, extent.width, inputs] }
    var description: String {
      "\(examples) of \(extent)×\(inputs) to \(outputs), \(kernel)×\(kernel)"
    }

    func layer(_ algorithm: any ConvolutionAlgorithm.Type) -> Convolution2D {
      let layer = Convolution2D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: Extent2D(kernel),
        stride: Extent2D(stride), padding: padding, bias: true, algorithm: algorithm)
      layer.weight.initialize(seed: 1, index: 0, gain: 2)
      return layer
    }
  }

  /// The last case has more tiles than are stored at a time.
  static let cases = [
    Case(inputs: 64, outputs: 160, kernel: 3, extent: Extent2D(7, 10), examples: 19),
    Case(inputs: 128, outputs: 160, kernel: 3, extent: 2, examples: 33),
    Case(inputs: 72, outputs: 64, kernel: 5, extent: Extent2D(9, 5), examples: 3, padding: .valid),
    Case(inputs: 256, outputs: 32, kernel: 3, extent: 30, examples: 2),
    Case(inputs: 200, outputs: 64, kernel: 3, extent: 4, examples: 700),
    Case(inputs: 71, outputs: 117, kernel: 4, extent: Extent2D(9, 5), examples: 6),
    Case(inputs: 50, outputs: 100, kernel: 5, extent: 13, examples: 9, stride: 2),
    Case(inputs: 70, outputs: 100, kernel: 9, extent: 12, examples: 1),
    // The outer taps read only zeros.
    Case(inputs: 20, outputs: 40, kernel: 5, extent: 2, examples: 33),
    Case(inputs: 70, outputs: 33, kernel: 9, extent: 3, examples: 9),
    Case(inputs: 128, outputs: 160, kernel: 4, extent: 2, examples: 70),
    Case(inputs: 3, outputs: 5, kernel: 6, extent: 3, examples: 2),
  ]

  /// Images of any number of channels lie before the points, which kernels read and write in whole vectors.
  @Test(arguments: [1, 3, 17, 64, 130]) func pointsBeginAtCacheLines(_ channels: Int) {
    let c = Case(inputs: channels, outputs: 16, kernel: 5, extent: 12, examples: 1)
    let winograd = WinogradConvolution(c.layer(WinogradConvolution.self).geometry(c.shape))
    let scratch = WinogradScratch(at: Arena().floats(winograd.scratchCount), of: winograd)
    for region in [scratch.paddedInputs, scratch.paddedGradients, scratch.v, scratch.m] {
      #expect(UInt(bitPattern: region) % 64 == 0)
    }
  }

  private func run(
    _ c: Case, _ algorithm: any ConvolutionAlgorithm.Type, set: KernelSet = .best, threads: Int = 1
  ) throws -> LayerRun {
    let layer = c.layer(algorithm)
    var random = WholeNumbers(seed: 3)
    let output = try layer.outputShape(for: c.shape)
    return try LayerRun(
      layer, x: random.fractions(c.shape.count), shape: c.shape,
      dy: random.fractions(output.count), kernelSet: set, threads: threads)
  }

  /// The tolerances of `ConvolutionTests`, enlarged for sums over up to 256 channels.
  static let tolerance: [Int: Float] = [
    16: 5e-6, 36: 1e-5, 49: 1e-5, 60: 2e-5, 64: 2e-5, 81: 5e-5,
  ]

  @Test(arguments: cases) func isTheConvolution(_ c: Case) throws {
    let layer = c.layer(WinogradConvolution.self)
    #expect(layer.takesWholeBatch(of: c.shape))
    let tolerance = try #require(
      Self.tolerance[
        WinogradConvolution(layer.geometry(c.shape).cropped(for: WinogradConvolution.self)).points])
    let expected = try run(c, DirectConvolution.self)
    let found = try run(c, WinogradConvolution.self)
    #expect(relativeDifference(found.y, expected.y) < tolerance)
    #expect(relativeDifference(found.dx, expected.dx) < tolerance)
    #expect(relativeDifference(found.gradients[0], expected.gradients[0]) < tolerance)
    #expect(relativeDifference(found.gradients[1], expected.gradients[1]) < 1e-6)
  }

  @Test(arguments: cases) func setsAndThreadsGiveTheSameBits(_ c: Case) throws {
    let reference = try run(c, WinogradConvolution.self)
    for set in KernelSet.available where set != .portable {
      for threads in [1, 2, 3] {
        let found = try run(c, WinogradConvolution.self, set: set, threads: threads)
        #expect(found.y == reference.y && found.dx == reference.dx)
        #expect(found.gradients == reference.gradients)
      }
    }
  }

  /// A batch that is smaller than the memory's capacity may be split otherwise.
  @Test func smallerBatchesUseTheSameMemory() throws {
    let network = try Architecture("conv(160,3) relu conv(64,3) fc(classes)").network(
      input: [1, 8, 8, 64], classes: 3)
    network.initialize(seed: 2)
    let context = Context(threadCount: 2)
    func gradients(capacity: Int, count: Int) -> [[Float]] {
      let executor = Executor(network, capacity: capacity, training: true, context: context)
      var random = WholeNumbers(seed: 5)
      _ = executor.input.elements.update(
        fromContentsOf: random.fractions(count * network.inputShape.count))
      for parameter in network.parameters { parameter.zeroGradient() }
      _ = executor.forward(count: count)
      _ = executor.outputGradient(count: count).elements.update(
        fromContentsOf: random.fractions(count * 3))
      executor.backward(count: count)
      return network.parameters.map { $0.storedGradient() }
    }
    for count in [1, 64, 190, 250] {
      #expect(gradients(capacity: 400, count: count) == gradients(capacity: count, count: count))
    }
  }
}
