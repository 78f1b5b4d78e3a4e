import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

/// Convolutions with groups of channels.
@Suite struct GroupedConvolutionTests {
  /// A random grouped convolution that fits a random image.
  private struct Case: CustomStringConvertible {
    var shape: Shape = [1, 1, 1, 1]
    var (outputs, groups) = (1, 1)
    var (kernel, stride): (Extent2D, Extent2D) = (1, 1)
    var padding = Layers.Padding.valid
    var bias = false

    init(_ random: inout WholeNumbers, extents: Int) {
      while true {
        let size = random.one(from: 0, to: 3)
        let kernel = Extent2D(random.one(from: 1, to: 7), random.one(from: 1, to: 7))
        self.kernel = size == 0 ? kernel : size == 1 ? 5 : 3
        let strides = Extent2D(random.one(from: 1, to: 3), random.one(from: 1, to: 3))
        stride = random.one(from: 0, to: 1) == 0 ? 1 : strides
        padding =
          [.same, .valid, .explicit(Extent2D(self.kernel.height - 1, 0))][
            random.one(from: 0, to: 2)]
        // The channels of a group: blocks of several groups, one group a block, and depthwise.
        let (inputs, outputs) = [
          (1, 1), (1, 2), (1, 3), (2, 2), (2, 5), (4, 4), (8, 8), (3, 1), (16, 16), (17, 5),
          (8, 32), (5, 33), (2, 1), (14, 1),
        ][random.one(from: 0, to: 13)]
        groups = random.one(from: 2, to: 9)
        self.outputs = groups * outputs
        bias = random.one(from: 0, to: 1) == 1
        shape = [
          random.one(from: 1, to: 3), random.one(from: 1, to: extents),
          random.one(from: 1, to: extents), groups * inputs,
        ]
        if (try? layer().outputShape(for: shape)) != nil { return }
      }
    }

    func layer(_ algorithm: (any ConvolutionAlgorithm.Type)? = nil) -> Convolution2D {
      Convolution2D(
        "conv1", inputChannels: shape[3], outputChannels: outputs, kernel: kernel, stride: stride,
        padding: padding, groups: groups, bias: bias, algorithm: algorithm)
    }

    var textbook: (stride: Extent, padding: Textbook.Padding) {
      let rows = padding.zeros(kernel: kernel.height, \.height)
      let columns = padding.zeros(kernel: kernel.width, \.width)
      return (
        Extent(stride.height, stride.width),
        Textbook.Padding(
          top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
      )
    }

    var description: String {
      "\(shape) to \(outputs) in \(groups) groups, kernel \(kernel), stride \(stride), \(padding)"
    }
  }

  /// Two groups of two channels of a row: the second output reads the last two channels.
  @Test func formulaByHand() {
    let p = Volume(shape: [4, 1, 3], elements: [1, 2, 3, 0, 1, 0, 5, 0, 1, 2, 2, 2])
    let w = Kernel(shape: [2, 2, 1, 2], elements: [1, 10, 100, 0, 2, 0, 1, -1])
    let q = groupedConvolution(p, w, [0, 7], groups: 2)
    #expect(q.elements == [1 + 20 + 0, 2 + 30 + 100, 10 + 0 + 7, 0 + 0 + 7])
    let dq = Volume(shape: [2, 1, 2], elements: [1, 2, 3, 0])
    let (dp, dw, db) = groupedConvolutionBackward(dq, p, w, groups: 2)
    #expect(dp.elements == [1, 12, 20, 100, 200, 0, 6, 0, 0, 3, -3, 0])
    #expect(dw.elements == [5, 8, 2, 1, 15, 0, 6, 6])
    #expect(db.elements == [3, 3])
  }

  @Test func formulaHasItsGradient() {
    var random = WholeNumbers(seed: 421)
    func numbers(_ count: Int) -> [Double] { random.fractions(count).map(Double.init) }
    let p = Volume(shape: [6, 5, 4], elements: numbers(120))
    let w = Kernel(shape: [4, 3, 3, 2], elements: numbers(72))
    let b = Vector(numbers(4))
    let (stride, padding) = (Extent(2, 1), Textbook.Padding(top: 1, left: 0, bottom: 1, right: 1))
    let dq = Volume(shape: [4, 3, 4], elements: numbers(48))
    func loss(_ p: Volume<Double>, _ w: Kernel<Double>, _ b: Vector<Double>) -> Double {
      dot(groupedConvolution(p, w, b, groups: 2, stride: stride, padding: padding), dq)
    }
    let found = groupedConvolutionBackward(dq, p, w, groups: 2, stride: stride, padding: padding)
    func close(_ a: [Double], _ b: [Double]) -> Bool {
      zip(a, b).allSatisfy { abs($0 - $1) < 1e-8 }
    }
    #expect(close(found.dp.elements, finiteDifference(at: p) { loss($0, w, b) }.elements))
    #expect(close(found.dw.elements, finiteDifference(at: w) { loss(p, $0, b) }.elements))
    #expect(close(found.db.elements, finiteDifference(at: b) { loss(p, w, $0) }.elements))
  }

  /// One group is a convolution, and as many groups as channels a depthwise one.
  @Test func formulaContainsBothLimits() {
    var random = WholeNumbers(seed: 422)
    let p = Volume(shape: [3, 4, 5], elements: random.next(60))
    let w = Kernel(shape: [3, 3, 2, 2], elements: random.next(36))
    let b = Vector(random.next(3))
    #expect(groupedConvolution(p, w, b, groups: 1) == convolution(p, w, b))
    let filters = Kernel(shape: [3, 1, 2, 2], elements: random.next(12))
    #expect(groupedConvolution(p, filters, b, groups: 3) == depthwiseConvolution(p, filters, b))
  }

  // MARK: The layer

  /// Sums of products of whole numbers are exact in any order.
  @Test(arguments: KernelSet.available)
  func isExactlyTheTextbooks(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 423)
    let algorithms: [(any ConvolutionAlgorithm.Type)?] = [
      nil, DirectConvolution.self, Im2RowConvolution.self,
    ]
    for number in 0..<(set == .portable ? 60 : 240) {
      let c = Case(&random, extents: 12)
      let algorithm = algorithms[number % 3]
      let isDepthwise = DepthwiseAlgorithm.supports(c.layer().geometry(c.shape))
      let layer = c.layer(algorithm ?? (isDepthwise ? nil : DirectConvolution.self))
      let output = try layer.outputShape(for: c.shape)
      let x = random.next(c.shape.count).doubles
      let dy = random.next(output.count).doubles
      let w = random.next(layer.weight.layout.count).doubles
      let b = c.bias ? random.next(c.outputs).doubles : [Double](repeating: 0, count: c.outputs)
      layer.weight.setValues(stored: w.map(Float.init))
      layer.bias?.setValues(stored: b.map(Float.init))
      let run = try LayerRun(
        layer, x: x.map(Float.init), shape: c.shape, dy: dy.map(Float.init), kernelSet: set,
        threads: 2, rounds: 2)
      let (stride, padding) = c.textbook
      let inputs = volumes(x, c.shape)
      let kernel = Kernel(shape: layer.weight.layout.storedShape, elements: w)
      let y = inputs.map {
        groupedConvolution(
          $0, kernel, Vector(b), groups: c.groups, stride: stride, padding: padding)
      }
      #expect(run.y == elements(y).map(Float.init), "\(c)")
      let backward = zip(volumes(dy, output), inputs).map {
        groupedConvolutionBackward(
          $0, $1, kernel, groups: c.groups, stride: stride, padding: padding)
      }
      #expect(run.dx == elements(backward.map(\.dp)).map(Float.init), "\(c)")
      // Two passes add up.
      let dw = w.indices.map { i in Float(2 * backward.reduce(0) { $0 + $1.dw.elements[i] }) }
      #expect(run.gradients[0] == dw, "\(c)")
      if c.bias {
        let db = b.indices.map { i in Float(2 * backward.reduce(0) { $0 + $1.db[i] }) }
        #expect(run.gradients[1] == db, "\(c)")
      }
    }
  }

  /// Where rounding shows, every set and number of threads rounds alike, by whichever algorithm.
  @Test func setsAndThreadsGiveTheSameBits() throws {
    var random = WholeNumbers(seed: 424)
    var algorithms: Set<String> = []
    for _ in 0..<40 {
      let c = Case(&random, extents: 20)
      let shape = c.shape.with(examples: 19)
      let layer = c.layer()
      algorithms.insert(layer.algorithmName(for: shape))
      let output = try layer.outputShape(for: shape)
      let x = random.fractions(shape.count)
      let dy = random.fractions(output.count)
      layer.weight.setValues(stored: random.fractions(layer.weight.layout.count))
      layer.bias?.setValues(stored: random.fractions(c.outputs))
      let reference = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: .portable)
      for set in KernelSet.available {
        for threads in [1, 3] {
          let run = try LayerRun(
            layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: threads)
          #expect(run.y == reference.y && run.dx == reference.dx, "\(set): \(c)")
          #expect(run.gradients == reference.gradients, "\(set): \(c)")
        }
      }
    }
    #expect(algorithms.isSuperset(of: ["winograd", "depthwise", "direct"]))
  }

  /// Every algorithm that supports the groups gives nearly the same results.
  @Test func algorithmsAgree() throws {
    var random = WholeNumbers(seed: 425)
    for (inputs, outputs, groups) in [
      (64, 64, 8), (32, 96, 2), (6, 12, 6), (35, 7, 7), (64, 128, 4),
    ] {
      let layer = Convolution2D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: 3, padding: .same,
        groups: groups, bias: false)
      let shape: Shape = [3, 8, 9, inputs]
      let (x, dy) = (random.fractions(shape.count), random.fractions(3 * 72 * outputs))
      let weight = random.fractions(layer.weight.layout.count)
      var runs: [LayerRun] = []
      for name in layer.supportedAlgorithms(for: shape) {
        let layer = Convolution2D(
          "conv1", inputChannels: inputs, outputChannels: outputs, kernel: 3, padding: .same,
          groups: groups, bias: false)
        try layer.setAlgorithm(name, for: shape)
        #expect(layer.algorithmName(for: shape) == name)
        layer.weight.setValues(stored: weight)
        runs.append(try LayerRun(layer, x: x, shape: shape, dy: dy))
      }
      #expect(runs.count >= 3)
      for run in runs.dropFirst() {
        #expect(relativeDifference(run.y, runs[0].y) < 1e-5)
        #expect(relativeDifference(run.dx, runs[0].dx) < 1e-5)
        #expect(relativeDifference(run.gradients[0], runs[0].gradients[0]) < 1e-5)
      }
    }
  }

  /// As many groups as channels are the layer `dwconv`, bit by bit.
  @Test func oneChannelAGroupIsDepthwise() throws {
    var random = WholeNumbers(seed: 426)
    let grouped = Convolution2D(
      "conv1", inputChannels: 20, outputChannels: 20, kernel: 3, stride: 2, padding: .same,
      groups: 20)
    let depthwise = DepthwiseConvolution2D(
      "dwconv1", channels: 20, kernel: 3, stride: 2, padding: .same)
    #expect(grouped.weight.layout == depthwise.weight.layout)
    #expect(grouped.weight.fanIn == depthwise.weight.fanIn)
    let weight = random.fractions(grouped.weight.layout.count)
    let shape: Shape = [5, 9, 8, 20]
    let (x, dy) = (random.fractions(shape.count), random.fractions(5 * 5 * 4 * 20))
    let runs = try [grouped as any Layer, depthwise].map { layer in
      layer.parameters[0].setValues(stored: weight)
      return try LayerRun(layer, x: x, shape: shape, dy: dy)
    }
    #expect(runs[0].y == runs[1].y && runs[0].dx == runs[1].dx)
    #expect(runs[0].gradients == runs[1].gradients)
  }

  /// Only the bias has a gradient.
  @Test func frozenWeightsHaveNoGradient() throws {
    var random = WholeNumbers(seed: 427)
    for trained in [true, false] {
      let layer = Convolution2D(
        "conv1", inputChannels: 8, outputChannels: 12, kernel: 3, groups: 4, trainsWeight: trained)
      layer.weight.setValues(stored: random.fractions(layer.weight.layout.count))
      let run = try LayerRun(
        layer, x: random.fractions(2 * 36 * 8), shape: [2, 6, 6, 8],
        dy: random.fractions(2 * 16 * 12))
      #expect(run.gradients[0].isEmpty == !trained)
      #expect(run.gradients[1].contains { $0 != 0 } && run.dx.contains { $0 != 0 })
    }
  }

  // MARK: Extents

  @Test func blocksFillVectors() {
    func block(_ inputs: Int, _ outputs: Int, _ groups: Int) -> [Int] {
      let axis = ConvolutionAxis(input: 8, kernel: 3, stride: 1, zeros: (1, 1))
      let geometry = ConvolutionGeometry(
        rows: axis, columns: axis, inputChannels: inputs, outputChannels: outputs, groups: groups)
      let block = geometry.block
      return [geometry.blockCount, block.inputChannels, block.outputChannels, block.groups]
    }
    #expect(block(64, 64, 1) == [1, 64, 64, 1])
    #expect(block(64, 64, 8) == [4, 16, 16, 1])
    #expect(block(128, 128, 32) == [8, 16, 16, 1])
    #expect(block(96, 256, 2) == [2, 48, 128, 1])
    #expect(block(15, 15, 3) == [1, 15, 15, 1])
    #expect(block(20, 30, 10) == [2, 10, 15, 1])
    #expect(block(12, 36, 3) == [3, 4, 12, 1])
    #expect(block(142, 71, 71) == [9, 16, 8, 1], "eight blocks of eight groups, and one of seven")
  }

  @Test func costsAndExtentsAreThoseOfAGroup() throws {
    let layer = Convolution2D(
      "conv1", inputChannels: 12, outputChannels: 18, kernel: 3, groups: 3)
    #expect(layer.weight.layout.storedShape == [18, 4, 3, 3])
    #expect(layer.weight.fanIn == 36 && layer.bias?.fanIn == 36)
    #expect(layer.multiplyAdds(for: [1, 5, 6, 12]) == 3 * 4 * 18 * 36)
    #expect(try layer.outputShape(for: [2, 5, 6, 12]) == [2, 3, 4, 18])
    #expect(layer.supportedAlgorithms(for: [1, 5, 6, 12]).first != "depthwise")
    let signal = Convolution1D("conv1", inputChannels: 6, outputChannels: 4, kernel: 5, groups: 2)
    #expect(signal.weight.layout.storedShape == [4, 3, 5])
  }

  @Test func saysWhichAlgorithmDoesNotFit() throws {
    let layer = Convolution2D("conv3", inputChannels: 8, outputChannels: 12, kernel: 3, groups: 4)
    #expect(
      throws: ConvolutionChoiceError.unsupported(
        layer: "conv3",
        convolution: "8 to 12 channels in 4 groups, kernel 3×3, stride 1×1, over 6×6",
        algorithm: "depthwise", scope: "convolutions whose groups have one input or one output each"
      )
    ) { try layer.setAlgorithm("depthwise", for: [1, 6, 6, 8]) }
  }

  /// Filter i of each group passes on the group's channel i.
  @Test func diracPassesOnTheChannelsOfEachGroup() throws {
    let network = try Sequential(
      [Convolution2D("conv1", inputChannels: 4, outputChannels: 6, kernel: 1, groups: 2)],
      inputShape: [1, 2, 2, 4])
    network.initialize(seed: 3, by: .dirac)
    let values = network.layers[0].parameters[0].storedValues()
    #expect(Array(values[0..<4]) == [1, 0, 0, 1])
    #expect(Array(values[6..<10]) == [1, 0, 0, 1])
    #expect(values[4] != 0 && values[10] != 0)
  }
}
