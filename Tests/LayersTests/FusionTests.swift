import Tensors
import TestSupport
import Testing

@testable import Layers

/// A fused layer gives the same bits as its two layers in sequence.
@Suite struct FusionTests {
  /// The results of a pass as bits: a NaN equals itself, and zeros of different signs differ.
  struct Outcome: Equatable {
    let y: [UInt32]
    let dx: [UInt32]
    let gradients: [[UInt32]]

    init(_ y: [Float], _ dx: [Float], _ gradients: [[Float]] = []) {
      (self.y, self.dx) = (y.map(\.bitPattern), dx.map(\.bitPattern))
      self.gradients = gradients.map { $0.map(\.bitPattern) }
    }

    init(_ run: LayerRun) { self.init(run.y, run.dx, run.gradients) }
  }

  // MARK: Pooling and ReLU

  private enum Order: CaseIterable { case rectifierFirst, poolingFirst }

  private func layers(_ order: Order, _ pooling: MaxPooling) -> (any Layer, any Layer) {
    order == .rectifierFirst ? (ReLU("relu1"), pooling) : (pooling, ReLU("relu1"))
  }

  private func fusion(of layers: (any Layer, any Layer)) -> (any ExampleLayer)? {
    Fusion.fused(layers.0, layers.1)
  }

  private func apart(
    _ layers: (any Layer, any Layer), x: [Float], shape: Shape, dy: [Float], set: KernelSet = .best
  ) throws -> Outcome {
    let middle = try layers.0.outputShape(for: shape)
    let none = [Float](repeating: 0, count: middle.count)
    let first = try LayerRun(layers.0, x: x, shape: shape, dy: none, kernelSet: set)
    let second = try LayerRun(layers.1, x: first.y, shape: middle, dy: dy, kernelSet: set)
    let back = try LayerRun(layers.0, x: x, shape: shape, dy: second.dx, kernelSet: set)
    return Outcome(second.y, back.dx)
  }

  private func together(
    _ layers: (any Layer, any Layer), x: [Float], shape: Shape, dy: [Float], set: KernelSet = .best
  ) throws -> Outcome {
    let fused = try #require(Fusion.fused(layers.0, layers.1))
    return Outcome(try LayerRun(fused, x: x, shape: shape, dy: dy, kernelSet: set))
  }

  /// Windows of all kinds over whole numbers (with ties), fractions, and negative images; some
  /// contain NaN and −0.
  @Test(arguments: KernelSet.available)
  func poolingWithReLUIsBothLayers(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 61)
    var checked = 0
    while checked < (set == .portable ? 60 : 400) {
      let usual = random.one(from: 0, to: 2) == 0
      let size =
        usual
        ? Extent2D(random.one(from: 2, to: 3))
        : Extent2D(random.one(from: 1, to: 5), random.one(from: 1, to: 5))
      let pooling = MaxPooling(
        "pool1", size: size,
        stride: usual ? 2 : Extent2D(random.one(from: 1, to: 4), random.one(from: 1, to: 4)),
        padding: Extent2D(
          random.one(from: 0, to: size.height / 2), random.one(from: 0, to: size.width / 2)),
        ceilMode: random.one(from: 0, to: 1) == 1)
      let shape: Shape = [
        random.one(from: 1, to: 3), random.one(from: 1, to: 9), random.one(from: 1, to: 9),
        [1, 3, 8, 16, 21, 32, 48][random.one(from: 0, to: 6)],
      ]
      guard let output = try? pooling.outputShape(for: shape) else { continue }
      checked += 1
      var x: [Float]
      switch random.one(from: 0, to: 3) {
      case 0: x = random.next(shape.count, from: -1, to: 1).floats
      case 1: x = random.next(shape.count, from: -9, to: 1).floats
      case 2: x = random.next(shape.count, from: -9, to: -1).floats
      default: x = random.fractions(shape.count)
      }
      if random.one(from: 0, to: 2) == 0 {
        for index in x.indices where random.one(from: 0, to: 19) == 0 { x[index] = .nan }
      }
      for index in x.indices where x[index] == 0 && random.one(from: 0, to: 1) == 0 {
        x[index] = -0.0
      }
      let dy = random.fractions(output.count)
      for order in Order.allCases {
        let layers = layers(order, pooling)
        let what = "\(order), \(size) by \(pooling.stride), \(pooling.padding), over \(shape)"
        #expect(
          try together(layers, x: x, shape: shape, dy: dy, set: set)
            == apart(layers, x: x, shape: shape, dy: dy, set: set), "\(what)")
      }
    }
  }

  /// Windows of 3 at stride 2 over a row of 7. The last window has no positive element, and the
  /// first two share their maximum.
  @Test func handComputed() throws {
    let x: [Float] = [1, -2, 4, 3, -5, 0, -1]
    for order in Order.allCases {
      let pooling = MaxPooling("pool1", size: Extent2D(1, 3), stride: Extent2D(1, 2))
      let fused = try #require(fusion(of: layers(order, pooling)))
      let run = try LayerRun(fused, x: x, shape: [1, 1, 7, 1], dy: [10, 200, 3_000])
      #expect(run.y == [4, 4, 0])
      #expect(run.dx == [0, 0, 210, 0, 0, 0, 0])
    }
  }

  /// An image without positive elements gets no gradient, on every path through the kernels.
  @Test(arguments: KernelSet.available)
  func negativeImagesGetNoGradient(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 62)
    for (size, stride, padding) in [(2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 3, 0), (4, 2, 2)] {
      for channels in [1, 16, 20, 32] {
        let shape: Shape = [2, 8, 8, channels]
        let pooling = MaxPooling(
          "pool1", size: Extent2D(size), stride: Extent2D(stride), padding: Extent2D(padding))
        let x = random.next(shape.count, from: -3, to: 0).floats
        let output = try pooling.outputShape(for: shape)
        for order in Order.allCases {
          let (first, second) = layers(order, pooling)
          let run = try LayerRun(
            try #require(Fusion.fused(first, second)), x: x, shape: shape,
            dy: random.next(output.count, from: 1, to: 9).floats, kernelSet: set)
          #expect(run.y.allSatisfy { $0 == 0 })
          #expect(run.dx.allSatisfy { $0 == 0 })
        }
      }
    }
  }

  /// A NaN is the output of its window, and as with a separate ReLU it gets no gradient.
  @Test(arguments: KernelSet.available)
  func notANumberIsSeen(_ set: KernelSet) throws {
    for channels in [1, 16, 20] {
      for order in Order.allCases {
        // Pixels of a row, with the windows {−1, NaN}, {2, 3} and {NaN, 5}.
        let x = [-1, Float.nan, 2, 3, .nan, 5].flatMap { [Float](repeating: $0, count: channels) }
        let layers = layers(order, MaxPooling("pool1", size: Extent2D(1, 2)))
        let run = try LayerRun(
          try #require(Fusion.fused(layers.0, layers.1)), x: x, shape: [1, 1, 6, channels],
          dy: [Float](repeating: 7, count: 3 * channels), kernelSet: set)
        for c in 0..<channels {
          #expect(run.y[c].isNaN && run.y[channels + c] == 3 && run.y[2 * channels + c].isNaN)
          #expect((0..<6).map { run.dx[$0 * channels + c] } == [0, 0, 0, 7, 0, 0])
        }
      }
    }
  }

  /// With 255 positions one value of a byte is left for "none"; with 256 positions it is not.
  @Test func aFusedWindowHasAtMost255Elements() throws {
    for order in Order.allCases {
      let most = layers(order, MaxPooling("pool1", size: Extent2D(15, 17)))
      for place in [0, 127, 128, 254] {
        var x = [Float](repeating: -1, count: 255)
        x[place] = 3
        let fused = try #require(fusion(of: most))
        let run = try LayerRun(fused, x: x, shape: [1, 15, 17, 1], dy: [5])
        #expect(run.y == [3])
        #expect(run.dx.indices.filter { run.dx[$0] != 0 } == [place] && run.dx[place] == 5)
      }
      let tooMany = layers(order, MaxPooling("pool1", size: 16))
      #expect(fusion(of: tooMany) == nil)
    }
  }

  // MARK: Batch normalization and ReLU

  /// A layer with the same values each time, and γ of both signs. If there are several channels,
  /// the first has γ = β = 0, so its outputs are 0 and pass no gradient.
  private func normalization(channels: Int, scales: Bool) -> BatchNormalization {
    let layer = BatchNormalization("bn1", channels: channels, scales: scales)
    var random = WholeNumbers(seed: 63)
    func values() -> [Float] {
      let values = random.fractions(channels)
      return channels > 1 && scales ? [0] + values.dropFirst() : values
    }
    if scales { layer.weight.setValues(stored: values()) }
    layer.bias.setValues(stored: values())
    return layer
  }

  private func averages(_ layer: BatchNormalization) -> [[Float]] {
    [layer.runningMean.storedValues(), layer.runningVariance.storedValues()]
  }

  /// One pass, and two passes whose gradients are summed and which update the running averages.
  @Test(arguments: KernelSet.available, [1, 2])
  func normalization(_ set: KernelSet, rounds: Int) throws {
    var random = WholeNumbers(seed: 64)
    for channels in [1, 3, 8, 16, 17, 40] {
      for (scales, shape) in [
        (true, [19, 3, 4, channels]), (false, [5, 2, 2, channels]), (true, [33, channels]),
      ] as [(Bool, Shape)] {
        func layer() -> BatchNormalization { normalization(channels: channels, scales: scales) }
        let x = random.fractions(shape.count)
        let dy = random.fractions(shape.count)
        let y = try LayerRun(layer(), x: x, shape: shape, dy: dy, kernelSet: set).y
        let rectified = try LayerRun(ReLU("relu1"), x: y, shape: shape, dy: dy, kernelSet: set)
        let alone = layer()
        let back = try LayerRun(
          alone, x: x, shape: shape, dy: rectified.dx, kernelSet: set, rounds: rounds)

        let inner = layer()
        let fused = try #require(Fusion.fused(inner, ReLU("relu1")))
        for threads in [1, 3] {
          for (to, from) in zip(inner.parameters, layer().parameters) {
            to.setValues(stored: from.storedValues())
          }
          let run = try LayerRun(
            fused, x: x, shape: shape, dy: dy, kernelSet: set, threads: threads, rounds: rounds)
          #expect(Outcome(run) == Outcome(rectified.y, back.dx, back.gradients), "\(shape)")
          #expect(averages(inner) == averages(alone), "\(shape)")
          #expect(run.y.contains(0) && run.y.contains { $0 > 0 })
        }
      }
    }
  }

  /// The outputs of an evaluation, which needs no sums over the batch.
  private func evaluate(
    _ layer: any ExampleLayer, _ x: [Float], _ shape: Shape, set: KernelSet
  ) throws -> [UInt32] {
    let executor = Executor(
      try Sequential([layer], inputShape: shape), capacity: shape[0], training: false,
      context: Context(threadCount: 1, kernelSet: set))
    _ = executor.input.elements.update(fromContentsOf: x)
    return executor.forward(count: shape[0]).elements.map(\.bitPattern)
  }

  @Test(arguments: KernelSet.available)
  func rectifiedNormalizationIsBothLayersInEvaluation(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 65)
    for channels in [1, 8, 17, 40] {
      let shape: Shape = [4, 3, 3, channels]
      let layer = normalization(channels: channels, scales: true)
      layer.runningMean.setValues(stored: random.fractions(channels))
      layer.runningVariance.setValues(stored: random.fractions(channels).map { 1.5 + $0 })
      let x = random.fractions(shape.count)
      let fused = try #require(Fusion.fused(layer, ReLU("relu1")))
      let y = try evaluate(layer, x, shape, set: set).map { Float(bitPattern: $0) }
      #expect(
        try evaluate(fused, x, shape, set: set) == evaluate(ReLU("relu1"), y, shape, set: set))
    }
  }
}
