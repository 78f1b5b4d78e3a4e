import Layers
import Tensors
import Testing
import Training

@Suite struct LayerFixtureTests {
  /// What a layer alone made of a case.
  private struct Run {
    let y: [Float]
    let gradients: [[Float]]
  }

  private func run(_ layer: any Layer, x: StoredTensor, dy: StoredTensor) throws -> Run {
    let shape = x.channelsLastShape
    let network = try Sequential([layer], inputShape: shape)
    let executor = Executor(
      network, capacity: shape[0], training: true, context: Context(threadCount: 2))
    _ = executor.input.elements.update(fromContentsOf: x.channelsLast)
    let y = Array(executor.forward(count: shape[0]).elements)
    for parameter in network.parameters { parameter.zeroGradient() }
    _ = executor.outputGradient(count: shape[0]).elements.update(fromContentsOf: dy.channelsLast)
    executor.backward(count: shape[0])
    return Run(y: y, gradients: network.parameters.map { $0.storedGradient() })
  }

  private func pair(_ text: String?) -> Extent2D {
    let numbers = (text ?? "1").split(separator: ",").compactMap { Int($0) }
    return Extent2D(numbers[0], numbers.count > 1 ? numbers[1] : numbers[0])
  }

  @Test(arguments: ["convolution", "convolution_same"])
  func convolutions(_ file: String) throws {
    let fixture = try Fixture(file)
    #expect(fixture.cases.count >= 7)
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let x = try fixture.tensor("\(name).x")
      let weight = try fixture.tensor("\(name).weight")
      let layer = Convolution2D(
        "conv1", inputs: weight.shape[1], outputs: weight.shape[0],
        kernel: Extent2D(weight.shape[2], weight.shape[3]), stride: pair(settings["stride"]),
        padding: settings["padding"] == "same" ? .same : .explicit(pair(settings["padding"])),
        bias: fixture.tensors["\(name).bias"] != nil)
      layer.weight.setValues(stored: weight.values)
      if let bias = layer.bias { bias.setValues(stored: try fixture.values("\(name).bias")) }
      let run = try run(layer, x: x, dy: try fixture.tensor("\(name).dy"))
      let y = try fixture.tensor("\(name).y").channelsLast
      #expect(relativeDifference(run.y, y) <= 1e-5, "\(name) y")
      let dweight = try fixture.values("\(name).dweight")
      #expect(relativeDifference(run.gradients[0], dweight) <= 1e-5, "\(name) dweight")
      if layer.bias != nil {
        let dbias = try fixture.values("\(name).dbias")
        #expect(relativeDifference(run.gradients[1], dbias) <= 1e-5, "\(name) dbias")
      }
      try checkInputGradient(layer, fixture, name)
    }
  }

  @Test func fullyConnected() throws {
    let fixture = try Fixture("fully_connected")
    for name in fixture.cases {
      let x = try fixture.tensor("\(name).x")
      let weight = try fixture.tensor("\(name).weight")
      let shape = x.channelsLastShape
      let layer = FullyConnected(
        "fc1", inputs: weight.shape[1], outputs: weight.shape[0],
        image: shape.rank == 4
          ? .init(height: shape[1], width: shape[2], channels: shape[3]) : nil,
        bias: fixture.tensors["\(name).bias"] != nil)
      layer.weight.setValues(stored: weight.values)
      if let bias = layer.bias { bias.setValues(stored: try fixture.values("\(name).bias")) }
      let run = try run(layer, x: x, dy: try fixture.tensor("\(name).dy"))
      #expect(relativeDifference(run.y, try fixture.values("\(name).y")) <= 1e-6, "\(name) y")
      let dweight = try fixture.values("\(name).dweight")
      #expect(relativeDifference(run.gradients[0], dweight) <= 1e-6, "\(name) dweight")
      if layer.bias != nil {
        let dbias = try fixture.values("\(name).dbias")
        #expect(relativeDifference(run.gradients[1], dbias) <= 1e-6, "\(name) dbias")
      }
      try checkInputGradient(layer, fixture, name)
    }
  }

  /// Holds a layer's gradient by its input to PyTorch's: a convolution with the identity in front of it
  /// has that gradient's sums over pixels as its bias's gradient, and its products with the input as
  /// its weight's.
  private func checkInputGradient(
    _ layer: any Layer, _ fixture: Fixture, _ name: String
  ) throws {
    let x = try fixture.tensor("\(name).x")
    let shape = x.channelsLastShape
    let image: Shape = shape.rank == 4 ? shape : [shape[0], 1, 1, shape[1]]
    let channels = image[3]
    let identity = Convolution2D("conv0", inputs: channels, outputs: channels, kernel: 1)
    identity.weight.setValues(
      stored: (0..<channels * channels).map { $0 / channels == $0 % channels ? 1 : 0 })
    let network = try Sequential([identity, layer], inputShape: image)
    let executor = Executor(
      network, capacity: image[0], training: true, context: Context(threadCount: 1))
    _ = executor.input.elements.update(fromContentsOf: x.channelsLast)
    _ = executor.forward(count: image[0])
    for parameter in network.parameters { parameter.zeroGradient() }
    let dy = try fixture.tensor("\(name).dy").channelsLast
    _ = executor.outputGradient(count: image[0]).elements.update(fromContentsOf: dy)
    executor.backward(count: image[0])

    let dx = try fixture.tensor("\(name).dx").channelsLast
    let input = x.channelsLast
    var sums = [Float](repeating: 0, count: channels)
    var products = [Float](repeating: 0, count: channels * channels)
    for pixel in 0..<dx.count / channels {
      for o in 0..<channels {
        sums[o] += dx[pixel * channels + o]
        for i in 0..<channels {
          products[o * channels + i] += dx[pixel * channels + o] * input[pixel * channels + i]
        }
      }
    }
    // Sums over all pixels cancel, so they are held to their parts' size, not to their own.
    let parts = Float(dx.count / channels).squareRoot()
    let greatest = dx.reduce(0) { max($0, abs($1)) } * parts
    for (found, expected) in zip(identity.bias!.storedGradient(), sums) {
      #expect(abs(found - expected) <= 1e-5 * greatest, "\(name) dx")
    }
    let inputs = input.reduce(1) { max($0, abs($1)) }
    for (found, expected) in zip(identity.weight.storedGradient(), products) {
      #expect(abs(found - expected) <= 1e-5 * greatest * inputs, "\(name) dx·x")
    }
  }

  @Test func pooling() throws {
    let fixture = try Fixture("pooling")
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let x = try fixture.tensor("\(name).x")
      let shape = x.channelsLastShape
      let layer = MaxPooling(
        "pool1", size: pair(settings["size"]), stride: pair(settings["stride"]),
        padding: pair(settings["padding"]), ceilMode: settings["ceil"] == "true")
      let y = try fixture.tensor("\(name).y")
      #expect(try layer.outputShape(for: shape) == y.channelsLastShape, "\(name)")
      let network = try Sequential([layer], inputShape: shape)
      let executor = Executor(
        network, capacity: shape[0], training: false, context: Context(threadCount: 2))
      _ = executor.input.elements.update(fromContentsOf: x.channelsLast)
      #expect(
        Array(executor.forward(count: shape[0]).elements) == y.channelsLast, "\(name)")
      try checkInputGradient(layer, fixture, name)
    }
  }

  @Test func relu() throws {
    let fixture = try Fixture("relu")
    #expect(!fixture.cases.isEmpty)
    for name in fixture.cases {
      let x = try fixture.tensor("\(name).x")
      let layer = ReLU("relu1")
      let run = try run(layer, x: x, dy: try fixture.tensor("\(name).dy"))
      #expect(run.y == (try fixture.tensor("\(name).y")).channelsLast, "\(name)")
    }
  }

  @Test func softmaxCrossEntropy() throws {
    let fixture = try Fixture("softmax_cross_entropy")
    let context = Context(threadCount: 2)
    for name in fixture.cases {
      let logits = try fixture.tensor("\(name).logits")
      let labels = try fixture.values("\(name).labels").map { Int32($0) }
      let arena = Arena()
      let z = arena.tensor(Shape(logits.shape))
      _ = z.elements.update(fromContentsOf: logits.values)
      let dz = arena.tensor(z.shape)
      let losses = arena.values(of: Double.self, labels.count)
      labels.withUnsafeBufferPointer {
        SoftmaxCrossEntropy.evaluate(
          z, labels: $0.baseAddress!, batchSize: labels.count, losses: losses, dz: dz, in: context)
      }
      let found = (0..<labels.count).map { Float(losses[$0]) }
      #expect(relativeDifference(found, try fixture.values("\(name).losses")) <= 1e-6, "\(name)")
      let dlogits = try fixture.values("\(name).dlogits")
      #expect(relativeDifference(Array(dz.elements), dlogits) <= 1e-6, "\(name)")
    }
  }
}
