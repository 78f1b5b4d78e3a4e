import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct FullyConnectedTests {
  @Test(arguments: KernelSet.available)
  func isExactOnWholeNumbers(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 21)
    for number in 0..<(set == .portable ? 15 : 120) {
      let n = random.one(from: 1, to: 70)
      let inputs = random.one(from: 1, to: number % 10 == 0 ? 600 : 60)
      let outputs = random.one(from: 1, to: 70)
      let x = random.next(n * inputs)
      let w = random.next(outputs * inputs)
      let b = random.next(outputs)
      let dy = random.next(n * outputs)
      let layer = FullyConnected("fc1", inputs: inputs, outputs: outputs)
      layer.weight.setValues(stored: w.floats)
      layer.bias!.setValues(stored: b.floats)
      let run = try LayerRun(
        layer, x: x.floats, shape: [n, inputs], dy: dy.floats, kernelSet: set,
        threads: 1 + number % 4)

      // The matrix products of lecture row L4, in integers: y = x·Wᵀ + b, ∂x = ∂y·W, ∂W = ∂yᵀ·x.
      let p = Matrix(shape: [n, inputs], elements: x)
      let weights = Matrix(shape: [outputs, inputs], elements: w)
      let dq = Matrix(shape: [n, outputs], elements: dy)
      let y = (p * weights.transposed).elements.enumerated().map { $1 + b[$0 % outputs] }
      let db = (0..<outputs).map { o in (0..<n).reduce(0) { $0 + dy[$1 * outputs + o] } }
      #expect(run.y == y.floats, "[\(n), \(inputs)] to \(outputs)")
      #expect(run.dx == (dq * weights).elements.floats, "[\(n), \(inputs)] to \(outputs)")
      #expect(
        run.gradients[0] == (dq.transposed * p).elements.floats, "[\(n), \(inputs)] to \(outputs)")
      #expect(run.gradients[1] == db.floats)
    }
  }

  @Test func handComputed() throws {
    let layer = FullyConnected("fc1", inputs: 2, outputs: 3)
    layer.weight.setValues(stored: [1, 2, 3, 4, 5, 6])
    layer.bias!.setValues(stored: [0.5, -0.5, 0])
    let run = try LayerRun(layer, x: [1, -1, 2, 0], shape: [2, 2], dy: [1, 0, 0, 0, 1, -1])
    #expect(run.y == [-0.5, -1.5, -1, 2.5, 5.5, 10])
    #expect(run.dx == [1, 2, -2, -2])
    #expect(run.gradients[0] == [1, -1, 2, 0, -2, 0])
    #expect(run.gradients[1] == [1, 1, -1])
  }

  @Test func gradientsAccumulate() throws {
    var random = WholeNumbers(seed: 22)
    let layer = FullyConnected("fc1", inputs: 9, outputs: 35)
    layer.weight.setValues(stored: random.next(9 * 35).floats)
    let x = random.next(6 * 9).floats
    let dy = random.next(6 * 35).floats
    let once = try LayerRun(layer, x: x, shape: [6, 9], dy: dy)
    let twice = try LayerRun(layer, x: x, shape: [6, 9], dy: dy, rounds: 2)
    #expect(twice.gradients == once.gradients.map { $0.map { 2 * $0 } })
    #expect(twice.y == once.y && twice.dx == once.dx)
  }

  @Test func withoutABiasThereIsOneParameter() throws {
    let layer = FullyConnected("fc1", inputs: 2, outputs: 1, bias: false)
    #expect(layer.parameters.map(\.name) == ["fc1.weight"])
    layer.weight.setValues(stored: [3, -2])
    let run = try LayerRun(layer, x: [5, 7], shape: [1, 2], dy: [10])
    #expect(run.y == [1])
    #expect(run.dx == [30, -20])
    #expect(run.gradients == [[50, 70]])
  }

  /// For an image [h, w, c] of 1 × 2 pixels and 3 channels, files store the columns in (c, h, w)
  /// order.
  @Test func storedColumnsFollowPyTorch() {
    let parameter = Parameter(
      "fc1.weight",
      .fullyConnected(
        inputs: 6, outputs: 1, image: .init(height: 1, width: 2, channels: 3)),
      fanIn: 6)
    parameter.setValues(stored: [1, 2, 3, 4, 5, 6])
    // The rows in memory are pixel by pixel: (w0: c0 c1 c2) (w1: c0 c1 c2).
    #expect((0..<6).map { parameter.matrix[$0, 0] } == [1, 3, 5, 2, 4, 6])
    #expect(parameter.storedValues() == [1, 2, 3, 4, 5, 6])
  }

  @Test func convolutionWeightsFollowPyTorch() {
    let parameter = Parameter(
      "conv1.weight",
      .convolution(kernelHeight: 1, kernelWidth: 2, inputChannels: 2, outputChannels: 33), fanIn: 4)
    let stored = (0..<33 * 4).map(Float.init)
    parameter.setValues(stored: stored)
    // [cout, cin, kh, kw] = [32, 1, 0, 1] is row (kw 1, cin 1) of column 32.
    #expect(parameter.matrix[3, 32] == stored[32 * 4 + 1 * 2 + 1])
    #expect(parameter.storedValues() == stored)
  }

  @Test func saysWhatDoesNotFit() {
    let layer = FullyConnected("fc2", inputs: 5, outputs: 1)
    #expect(throws: ShapeError(layer: "fc2", expected: "[n, 5]", found: [2, 2, 2])) {
      try layer.outputShape(for: [2, 2, 2])
    }
  }

  /// A gradient that is zeroed later gets the bits of one that is zeroed at once, however often it is added to, and
  /// reads as zeros before.
  @Test func theGradientIsZeroedWhenItIsNeeded() {
    let (n, inputs, outputs) = (5, 700, 70)
    let layer = FullyConnected("fc1", inputs: inputs, outputs: outputs)
    let context = Context(threadCount: 3)
    context.reserveScratch(layer.scratchCount(for: [n, inputs]))
    let arena = Arena()
    let shared = arena.floats(layer.sharedScratchCount(for: [n, inputs], threads: 3))
    let (x, dy) = (arena.tensor([n, inputs]), arena.tensor([n, outputs]))
    var random = WholeNumbers(seed: 33)
    _ = x.elements.update(fromContentsOf: random.fractions(x.count))
    _ = dy.elements.update(fromContentsOf: random.fractions(dy.count))
    func gradient(rounds: Int, _ zero: () -> Void) -> [Float] {
      // NaN in all elements, and zeros in the columns that fill the last panel.
      layer.weight.set(
        layer.weight.gradient, stored: [Float](repeating: .nan, count: inputs * outputs))
      zero()
      for _ in 0..<rounds {
        layer.backward(dy, into: nil, of: Pass(x: x, y: nil), sharedScratch: shared, in: context)
      }
      return Array(
        UnsafeBufferPointer(start: layer.weight.gradient, count: layer.weight.memoryCount))
    }
    for rounds in 0...2 {
      #expect(
        gradient(rounds: rounds) { layer.weight.zeroGradientLater() }
          == gradient(rounds: rounds) { layer.weight.zeroGradient() })
    }
  }
}

@Suite struct SoftmaxCrossEntropyTests {
  private func evaluate(
    _ z: [Float], classes: Int, labels: [Int32], set: KernelSet = .best
  ) -> (losses: [Double], dz: [Float]) {
    let arena = Arena()
    let n = labels.count
    let logits = arena.tensor([n, classes])
    _ = logits.elements.update(fromContentsOf: z)
    let gradient = arena.tensor([n, classes])
    let losses = arena.values(of: Double.self, n)
    labels.withUnsafeBufferPointer {
      SoftmaxCrossEntropy.evaluate(
        logits, labels: $0.baseAddress!, batchSize: n, losses: losses, dz: gradient,
        in: Context(threadCount: 2, kernelSet: set))
    }
    return (Array(UnsafeBufferPointer(start: losses, count: n)), Array(gradient.elements))
  }

  @Test(arguments: KernelSet.available)
  func isCloseToTheTextbook(_ set: KernelSet) {
    var random = WholeNumbers(seed: 31)
    for classes in [1, 2, 10, 100] {
      let n = 21
      let z = random.fractions(n * classes).map { 20 * $0 }
      let labels = (0..<n).map { Int32($0 * 7 % classes) }
      let (losses, dz) = evaluate(z, classes: classes, labels: labels, set: set)
      for i in 0..<n {
        let row = Vector(
          shape: [classes], elements: z[i * classes..<(i + 1) * classes].map(Double.init))
        let loss = softmaxCrossEntropy(row, Int(labels[i]))
        #expect(abs(losses[i] - loss) <= 1e-6 * max(1, loss))
        let gradient = softmaxCrossEntropyGradient(row, Int(labels[i])).elements.map {
          Float($0 / Double(n))
        }
        #expect(relativeDifference(Array(dz[i * classes..<(i + 1) * classes]), gradient) < 1e-6)
      }
    }
  }

  @Test func extremeLogitsStayFinite() {
    let (losses, dz) = evaluate([1e4, -1e4, 0, -1e4, 1e4, 0], classes: 3, labels: [0, 0])
    #expect(losses == [0, 2e4])
    #expect(dz == [0, 0, 0, -0.5, 0.5, 0])
  }

  /// Every row of ∂z is (softmax − onehot)/N with the given N, for any part of the mini-batch. The
  /// losses are the same with and without gradients.
  @Test func partsOfABatchTakeTheWholesN() {
    let arena = Arena()
    let context = Context(threadCount: 2)
    let z = arena.tensor([2, 2])
    _ = z.elements.update(fromContentsOf: [0, 0, 0, 0])
    let labels: [Int32] = [0, 1]
    let losses = arena.values(of: Double.self, 2)
    let dz = arena.tensor([2, 2])
    SoftmaxCrossEntropy.evaluate(
      z, labels: labels, batchSize: 8, losses: losses, dz: dz, in: context)
    #expect(Array(dz.elements) == [-0.0625, 0.0625, 0.0625, -0.0625])
    let found = [losses[0], losses[1]]
    // ln 2 in single precision
    #expect(found == [Double(Float(0.6931471805599453)), Double(Float(0.6931471805599453))])
    SoftmaxCrossEntropy.evaluate(
      z, labels: labels, batchSize: 8, losses: losses, dz: nil, in: context)
    #expect([losses[0], losses[1]] == found)
  }

  @Test func setsGiveTheSameBits() {
    var random = WholeNumbers(seed: 32)
    let z = random.fractions(30 * 11).map { 9 * $0 }
    let labels = (0..<30).map { Int32($0 % 11) }
    let reference = evaluate(z, classes: 11, labels: labels)
    for set in KernelSet.available {
      let found = evaluate(z, classes: 11, labels: labels, set: set)
      #expect(found.losses == reference.losses && found.dz == reference.dz, "\(set)")
    }
  }

  @Test func notANumberIsSeen() {
    let (losses, _) = evaluate([1, .nan, 0], classes: 3, labels: [0])
    #expect(losses[0].isNaN)
  }
}
