import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite struct TransposedConvolutionTests {
  /// Whole numbers have no rounding errors, so every element must equal the Textbook's.
  @Test(arguments: 0..<10)
  func sumsAreExactOnWholeNumbers(_ part: Int) throws {
    var random = WholeNumbers(seed: 300 + part)
    for number in 0..<50 {
      let c = TransposedConvolutionCase(unitStride: number % 4 == 0, &random)
      let output = try c.layer().outputShape(for: c.shape)
      let x = random.next(c.shape.count)
      let w = random.next(c.weightCount)
      let b = c.bias ? random.next(c.outputs) : [Int](repeating: 0, count: c.outputs)
      let dy = random.next(output.count)
      let oracle = try TransposedConvolutionOracle(
        c, x: x.doubles, w: w.doubles, b: b.doubles, dy: dy.doubles)
      for algorithm in c.exactAlgorithms {
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

  /// `⟨conv(p), x⟩ = ⟨p, convᵀ(x)⟩` with the same weight, stored in the same order in both layers.
  @Test func isTheAdjointOfTheConvolution() throws {
    var random = WholeNumbers(seed: 31)
    for number in 0..<200 {
      let c = TransposedConvolutionCase(unitStride: number % 4 == 0, &random)
      let w = random.next(c.weightCount).floats
      let (transposed, convolution) = c.adjoints(DirectConvolution.self, weight: w)
      let large = try transposed.outputShape(for: c.shape)
      #expect(try convolution.outputShape(for: large) == c.shape, "\(c)")
      let x = random.next(c.shape.count)
      let p = random.next(large.count)
      let up = try LayerRun(transposed, x: x.floats, shape: c.shape, dy: p.floats)
      let down = try LayerRun(convolution, x: p.floats, shape: large, dy: x.floats)
      func inner(_ a: [Float], _ b: [Int]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      #expect(inner(down.y, x) == inner(up.y, p), "\(c)")
    }
  }

  /// The backward data of each layer is the forward pass of the other, and their weight gradients
  /// are equal, to the bit. The known errors of an algorithm therefore apply here too. Only a convolution that
  /// takes the whole batch sums its weight gradient in another order.
  @Test(arguments: ConvolutionAlgorithms.all.map { $0.name })
  func passesAreTheConvolutions(_ name: String) throws {
    let algorithm = try #require(ConvolutionAlgorithms.named(name))
    var random = WholeNumbers(seed: 32)
    var (checked, wholeBatches) = (0, 0)
    for number in 0..<4_000 where checked < 40 {
      let c = TransposedConvolutionCase(unitStride: number % 2 == 0, &random)
      let geometry = c.layer().geometry(c.shape)
      guard algorithm.supports(geometry), geometry.inputCount * geometry.outputCount < 1 << 22
      else { continue }
      checked += 1
      let (transposed, convolution) = c.adjoints(
        algorithm, weight: random.fractions(c.weightCount))
      let large = try transposed.outputShape(for: c.shape)
      let x = random.fractions(c.shape.count)
      let p = random.fractions(large.count)
      let up = try LayerRun(transposed, x: x, shape: c.shape, dy: p)
      let down = try LayerRun(convolution, x: p, shape: large, dy: x)
      #expect(up.y == down.dx && up.dx == down.y, "\(c)")
      guard !convolution.takesWholeBatch(of: large),
        c.shape[0] == 1 || convolution.asMatrix(for: large) == nil
      else {
        wholeBatches += 1
        continue
      }
      #expect(up.gradients == down.gradients, "\(c)")
    }
    #expect(checked == 40 && wholeBatches < (name == "im2row" ? 38 : 5))
  }

  /// Two pixels, three taps, stride 2: both pixels reach the middle output.
  @Test func handComputed() throws {
    func run(
      padding: Extent2D, outputPadding: Extent2D = 0, bias: Float, dy: [Float]
    ) throws -> LayerRun {
      let layer = TransposedConvolution2D(
        "convt1", inputChannels: 1, outputChannels: 1, kernel: Extent2D(1, 3),
        stride: Extent2D(1, 2),
        padding: padding, outputPadding: outputPadding)
      layer.weight.setValues(stored: [1, 2, 3])
      layer.bias?.setValues(stored: [bias])
      return try LayerRun(layer, x: [1, 2], shape: [1, 1, 2, 1], dy: dy)
    }
    let whole = try run(padding: 0, bias: 10, dy: [1, 10, 100, 1_000, 10_000])
    #expect(whole.y == [11, 12, 15, 14, 16])
    #expect(whole.dx == [321, 32_100])
    #expect(whole.gradients == [[201, 2_010, 20_100], [11_111]])
    let cut = try run(
      padding: Extent2D(0, 1), outputPadding: Extent2D(0, 1), bias: 0, dy: [1, 10, 100, 1_000])
    #expect(cut.y == [2, 5, 4, 6])
    #expect(cut.dx == [32, 3_210])
  }

  /// If the kernel is as large as its stride, each input fills one tile, from the columns
  /// `[outputs]` of `W`.
  @Test func aKernelAsLargeAsItsStrideFillsTiles() throws {
    let layer = TransposedConvolution2D(
      "convt1", inputChannels: 2, outputChannels: 3, kernel: 1, stride: 2, outputPadding: 1)
    // [inputs, outputs, 1, 1]
    layer.weight.setValues(stored: [1, 2, 3, 4, 5, 6])
    layer.bias?.setValues(stored: [0, 0, 100])
    let run = try LayerRun(
      layer, x: [1, 10], shape: [1, 1, 1, 2], dy: [Float](repeating: 1, count: 12))
    #expect(run.y == [41, 52, 163, 0, 0, 100, 0, 0, 100, 0, 0, 100])
    #expect(run.dx == [6, 15])
    #expect(run.gradients == [[1, 1, 1, 10, 10, 10], [4, 4, 4]])
  }

  @Test func setsAndThreadsGiveTheSameBits() throws {
    var random = WholeNumbers(seed: 34)
    for number in 0..<16 {
      let c = TransposedConvolutionCase(unitStride: number % 2 == 0, &random)
      let shape = c.shape.with(examples: 19)
      let layer = c.layer()
      layer.weight.setValues(stored: random.fractions(c.weightCount))
      let x = random.fractions(shape.count)
      let dy = random.fractions(try layer.outputShape(for: shape).count)
      let reference = try LayerRun(layer, x: x, shape: shape, dy: dy)
      for set in KernelSet.available where set != .portable || number < 4 {
        for threads in set == .portable ? 2...2 : 1...4 {
          let run = try LayerRun(
            layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: threads)
          #expect(run.y == reference.y, "\(set), \(threads) threads, \(c)")
          #expect(run.dx == reference.dx, "\(set), \(threads) threads, \(c)")
          #expect(run.gradients == reference.gradients, "\(set), \(threads) threads, \(c)")
        }
      }
    }
  }

  @Test func gradientsAccumulate() throws {
    var random = WholeNumbers(seed: 35)
    let layer = TransposedConvolution2D(
      "convt1", inputChannels: 3, outputChannels: 5, kernel: 4, stride: 2)
    layer.weight.setValues(stored: random.next(3 * 5 * 16).floats)
    let x = random.next(2 * 4 * 4 * 3).floats
    let dy = random.next(2 * 10 * 10 * 5).floats
    let once = try LayerRun(layer, x: x, shape: [2, 4, 4, 3], dy: dy)
    let twice = try LayerRun(layer, x: x, shape: [2, 4, 4, 3], dy: dy, rounds: 2)
    #expect(once.gradients[0].contains { $0 != 0 })
    #expect(twice.gradients == once.gradients.map { $0.map { 2 * $0 } })
  }

  /// The automatic choice for the adjoint convolution, with all weights in a core's cache.
  @Test func theAdjointsAlgorithmIsChosen() throws {
    func chosen(_ inputs: Int, _ outputs: Int, _ kernel: Extent2D, stride: Extent2D = 1) -> String {
      TransposedConvolution2D(
        "convt1", inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride
      ).algorithmName(for: [1, 8, 8, inputs])
    }
    #expect(chosen(64, 64, 3) == "winograd" && chosen(50, 60, 3) == "winograd")
    #expect(chosen(128, 128, 3) == "direct")
    #expect(chosen(16, 8, Extent2D(3, 5)) == "direct" && chosen(16, 3, Extent2D(3, 5)) == "direct")
    #expect(chosen(16, 16, 4, stride: 2) == "direct")
    #expect(chosen(32, 32, 4, stride: 2) == "winograd")

    let network = try Sequential(
      [
        Convolution2D("conv1", inputChannels: 1, outputChannels: 16, kernel: 3, stride: 2),
        TransposedConvolution2D(
          "convt1", inputChannels: 16, outputChannels: 1, kernel: Extent2D(4, 2), stride: 2),
      ], inputShape: [1, 9, 9, 1])
    #expect(
      throws: ConvolutionChoiceError.unsupported(
        layer: "convt1",
        convolution: "the transpose of 1 to 16 channels, kernel 4×2, stride 2×2, over 10×8",
        algorithm: "winograd", scope: WinogradConvolution.scope)
    ) { try network.setConvolutionAlgorithms(ConvolutionChoice("convt1=winograd")) }
    try network.setConvolutionAlgorithms(ConvolutionChoice("convt1=circulant"))
    let layer = try #require(network.layers[1] as? TransposedConvolution2D)
    #expect(layer.algorithmName(for: [1, 4, 4, 16]) == "circulant")
    #expect(layer.supportedAlgorithms(for: [1, 4, 4, 16]) == ["direct", "im2row", "circulant"])
  }

  /// `U(−1/√fan, 1/√fan)`, or He's `U(−√(6/fan), √(6/fan))`, with PyTorch's fanIn for such a
  /// weight.
  @Test(arguments: [(Initialization.pytorch, Float(1)), (.he, 6)])
  func initialValuesHavePyTorchsBound(_ initialization: Initialization, _ square: Float) throws {
    let layer = TransposedConvolution2D(
      "convt1", inputChannels: 40, outputChannels: 7, kernel: Extent2D(3, 5))
    let network = try Sequential(
      [layer, FullyConnected("fc1", inputs: 6 * 8 * 7, outputs: 3)], inputShape: [1, 4, 4, 40])
    network.initialize(seed: 3, by: initialization)
    let values = layer.weight.storedValues()
    let bound = (square / Float(7 * 3 * 5)).squareRoot()
    #expect(values.allSatisfy { abs($0) <= bound })
    #expect(values.map(abs).max()! > 0.99 * bound)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    #expect(abs(variance / (bound * bound / 3) - 1) < 0.05)
    let biases = try #require(layer.bias).storedValues()
    #expect(biases.allSatisfy { abs($0) <= (initialization == .pytorch ? bound : 0) })
    #expect(biases.contains { $0 != 0 } == (initialization == .pytorch))
  }

  @Test func multipliesEveryInputWithEveryTap() throws {
    let layer = TransposedConvolution2D(
      "convt3", inputChannels: 16, outputChannels: 4, kernel: 4, stride: 2, padding: 1)
    #expect(layer.parameters.map(\.name) == ["convt3.weight", "convt3.bias"])
    #expect(layer.weight.layout.storedShape == [16, 4, 4, 4])
    #expect(try layer.outputShape(for: [3, 7, 5, 16]) == [3, 14, 10, 4])
    #expect(layer.multiplyAdds(for: [1, 7, 5, 16]) == 7 * 5 * 16 * 4 * 4 * 4)
  }

  @Test func saysWhatDoesNotFit() {
    let layer = TransposedConvolution2D(
      "convt7", inputChannels: 3, outputChannels: 5, kernel: 4, padding: 3)
    #expect(
      throws: ShapeError(layer: "convt7", expected: "[n, h, w, 3]", found: [1, 8, 8, 1])
    ) { try layer.outputShape(for: [1, 8, 8, 1]) }
    #expect(
      throws: ShapeError(
        layer: "convt7", expected: "an image of which the padding 3×3 leaves something",
        found: [1, 3, 8, 3])
    ) { try layer.outputShape(for: [1, 3, 8, 3]) }
    #expect(
      TransposedConvolution2D.problem(kernel: 3, stride: 2, padding: 3, outputPadding: 0)
        == "a padding of 3×3 (expected less than the kernel of 3×3)")
    #expect(
      TransposedConvolution2D.problem(
        kernel: 3, stride: 2, padding: 1, outputPadding: Extent2D(0, 2))
        == "an output padding of 0×2 (expected less than the stride of 2×2)")
    #expect(
      TransposedConvolution2D.problem(kernel: 3, stride: 2, padding: 1, outputPadding: 1) == nil)
  }
}
