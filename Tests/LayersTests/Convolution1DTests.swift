import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers
@testable import Networks

@Suite struct Convolution1DTests {
  /// With one channel and a kernel of odd length, every element equals the Textbook's (lecture rows
  /// L5 and L6).
  @Test(arguments: KernelSet.available)
  func isTheLectures(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 91)
    for number in 0..<120 {
      let k = [1, 3, 5, 7, 9, 11][number % 6]
      let n = random.one(from: 1, to: 60)
      let p = random.next(n)
      let w = random.next(k)
      let dq = random.next(n)
      let layer = Convolution1D(
        "conv1", inputChannels: 1, outputChannels: 1, kernel: k, padding: .same, bias: false)
      layer.weight.setValues(stored: w.floats)
      let run = try LayerRun(
        layer, x: p.floats, shape: [1, 1, n, 1], dy: dq.floats, kernelSet: set)
      let (signal, kernel) = (Vector(p), Vector(w))
      #expect(run.y == convolution1D(signal, kernel).elements.floats, "\(n) under \(k)")
      #expect(run.dx == convolution1DBackwardInput(Vector(dq), kernel).elements.floats)
      #expect(
        run.gradients
          == [convolution1DBackwardKernel(Vector(dq), signal, k: k).elements.floats])
      guard k == 1 else { continue }
      #expect(run.y == scalarConvolution(signal, w[0]).elements.floats)
      #expect(run.dx == scalarConvolutionBackwardInput(Vector(dq), w[0]).elements.floats)
      #expect(
        run.gradients == [[Float(scalarConvolutionBackwardKernel(Vector(dq), signal))]])
    }
  }

  /// Channels, strides and padding, with every algorithm that computes plain sums of products.
  @Test(arguments: 0..<5)
  func sumsAreExactOnWholeNumbers(_ part: Int) throws {
    var random = WholeNumbers(seed: 920 + part)
    for number in 0..<40 {
      let k = random.one(from: 1, to: 11)
      let stride = random.one(from: 1, to: 4)
      let zeros = random.one(from: 0, to: k - 1)
      let channels = [1, 2, 3, 16, 17, 32, 40]
      let inputs = channels[random.one(from: 0, to: 6)]
      let outputs = channels[random.one(from: 0, to: 6)]
      let shape: Shape = [
        random.one(from: 1, to: 3), 1, max(1, k - 2 * zeros) + random.one(from: 0, to: 40), inputs,
      ]
      let layer = Convolution1D(
        "conv1", inputChannels: inputs, outputChannels: outputs, kernel: k, stride: stride,
        padding: .explicit(Extent2D(0, zeros)))
      let output = try layer.outputShape(for: shape)
      let (x, dy) = (random.next(shape.count), random.next(output.count))
      let w = random.next(outputs * inputs * k)
      let b = random.next(outputs)
      layer.weight.setValues(stored: w.floats)
      layer.bias?.setValues(stored: b.floats)
      let kernel = Kernel(shape: [outputs, inputs, 1, k], elements: w.doubles)
      let padding = Textbook.Padding(rows: 0, columns: zeros)
      let by = Extent(1, stride)
      let signals = volumes(x.doubles, shape)
      let gradients = volumes(dy.doubles, output)
      let y = elements(
        signals.map {
          convolution($0, kernel, Vector(b.doubles), stride: by, padding: padding)
        })
      let dx = elements(
        gradients.map {
          convolutionBackwardInput(
            $0, kernel, stride: by, padding: padding, extent: Extent(1, shape[2]))
        })
      var dw = [Double](repeating: 0, count: w.count)
      for (signal, gradient) in zip(signals, gradients) {
        let part = convolutionBackwardKernel(
          gradient, signal, size: Extent(1, k), stride: by, padding: padding)
        for i in dw.indices { dw[i] += part.elements[i] }
      }
      let name = ["direct", "im2row", "circulant"][number % 3]
      // Circulant only for small problems, since its matrix is large.
      let isSmall = shape.countPerExample * output.countPerExample < 1 << 17
      try layer.setAlgorithm(name == "circulant" && !isSmall ? nil : name, for: shape)
      for set in KernelSet.available {
        let run = try LayerRun(layer, x: x.floats, shape: shape, dy: dy.floats, kernelSet: set)
        let what = "\(name), \(shape) to \(outputs), kernel \(k), stride \(stride), \(set)"
        #expect(run.y == y.map(Float.init), "y by \(what)")
        #expect(run.dx == dx.map(Float.init), "∂x by \(what)")
        #expect(run.gradients[0] == dw.map(Float.init), "∂w by \(what)")
      }
    }
  }

  /// An edge detector with stride 2: q = −p₋₁ + p₊₁ at every second position.
  @Test func handComputed() throws {
    let layer = Convolution1D(
      "conv1", inputChannels: 1, outputChannels: 1, kernel: 3, stride: 2,
      padding: .explicit(Extent2D(0, 1)))
    layer.weight.setValues(stored: [-1, 0, 1])
    layer.bias?.setValues(stored: [100])
    let run = try LayerRun(
      layer, x: [1, 2, 4, 8, 16], shape: [1, 1, 5, 1], dy: [1, 10, 100])
    #expect(run.y == [102, 106, 92])
    #expect(run.dx == [0, 1 - 10, 0, 10 - 100, 0])
    #expect(run.gradients == [[820, 1_641, 82], [111]])
  }

  /// The weight is stored as PyTorch's `Conv1d` stores it. Otherwise the layer equals the
  /// two-dimensional one with a kernel of one row.
  @Test func theWeightIsStoredAsConv1d() throws {
    let layer = Convolution1D(
      "conv2", inputChannels: 3, outputChannels: 5, kernel: 4, padding: .same)
    #expect(layer.weight.layout.storedShape == [5, 3, 4])
    #expect(layer.parameters.map(\.name) == ["conv2.weight", "conv2.bias"])
    let image = Convolution2D(
      "conv2", inputChannels: 3, outputChannels: 5, kernel: Extent2D(1, 4), padding: .same)
    for (a, b) in zip(layer.parameters, image.parameters) {
      a.initialize(seed: 7, index: 1, gain: 2)
      b.initialize(seed: 7, index: 1, gain: 2)
      #expect(a.storedValues() == b.storedValues())
    }
    var random = WholeNumbers(seed: 93)
    let (x, dy) = (random.fractions(2 * 9 * 3), random.fractions(2 * 9 * 5))
    let found = try LayerRun(layer, x: x, shape: [2, 1, 9, 3], dy: dy)
    let expected = try LayerRun(image, x: x, shape: [2, 1, 9, 3], dy: dy)
    #expect(found.y == expected.y && found.dx == expected.dx)
    #expect(found.gradients == expected.gradients)
  }

  @Test func saysWhatDoesNotFit() {
    let layer = Convolution1D("conv3", inputChannels: 2, outputChannels: 5, kernel: 9)
    #expect(
      throws: ShapeError(layer: "conv3", expected: "[n, 1, w, 2]", found: [1, 28, 28, 2])
    ) { try layer.outputShape(for: [1, 28, 28, 2]) }
    #expect(
      throws: ShapeError(
        layer: "conv3", expected: "an image of at least the kernel 1×9, padding valid",
        found: [1, 1, 8, 2])
    ) { try layer.outputShape(for: [1, 1, 8, 2]) }
  }

  /// A signal has the image's rows one after the other. The executor handles the passes and pooling
  /// over a row.
  @Test func aSignalHasTheImagesRowsInOrder() throws {
    #expect(try Signal("signal1").outputShape(for: [3, 4, 5, 2]) == [3, 1, 20, 2])
    #expect(throws: ShapeError(layer: "signal1", expected: "[n, h, w, c]", found: [1, 7])) {
      try Signal("signal1").outputShape(for: [1, 7])
    }
    let network = try Architecture("signal pool1d(3,2) fc(1,bias=no)").network(
      input: [1, 2, 3, 1], classes: 1)
    #expect(network.outputShapes.map(\.array) == [[1, 1, 6, 1], [1, 1, 2, 1], [1, 1]])
    network.parameters[0].setValues(stored: [1, 100])
    let executor = Executor(
      network, capacity: 1, training: true, context: Context(threadCount: 1))
    _ = executor.input.elements.update(fromContentsOf: [3, 1, 2, 5, 4, 9])
    #expect(Array(executor.forward(count: 1).elements) == [503])
    executor.outputGradient(count: 1).base[0] = 2
    executor.backward(count: 1)
    #expect(network.parameters[0].storedGradient() == [6, 10])
  }
}
