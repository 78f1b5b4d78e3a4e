import Layers
import Tensors
import TestSupport
import Testing
import Training

/// Every layer, alone, against what PyTorch computed in double: outputs, and the gradients by inputs
/// and parameters. Differences are parts of the greatest element of the tensor.
@Suite struct LayerFixtureTests {
  @Test(arguments: [("convolution", 49), ("convolution_same", 7)], KernelSet.available)
  func convolutions(_ file: (name: String, cases: Int), _ set: KernelSet) throws {
    let fixture = try Fixture(file.name)
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == file.cases)
    for name in fixture.cases {
      let isSame = fixture.settings(name)["padding"] == "same"
      let weight = try fixture.tensor("\(name).weight")
      let layer = Convolution2D(
        "conv1", inputs: weight.shape[1], outputs: weight.shape[0],
        kernel: Extent2D(weight.shape[2], weight.shape[3]),
        stride: try fixture.pair("stride", of: name),
        padding: isSame ? .same : .explicit(try fixture.pair("padding", of: name)),
        bias: fixture.tensors["\(name).bias"] != nil)
      let algorithm = layer.algorithmName(for: try fixture.examples("\(name).x").shape)
      let tolerance: Float =
        if name.hasPrefix("exact-") {
          0
        } else {
          // Less exact than plain sums; docs/numerics.md says how much.
          switch algorithm {
          case "winograd": 5e-6
          case "winograd-rows": 2e-6
          default: 1e-6
          }
        }
      try check(layer, name, of: fixture, context, within: tolerance)
    }
  }

  @Test(arguments: KernelSet.available)
  func transposedConvolutions(_ set: KernelSet) throws {
    let fixture = try Fixture("transposed_convolution")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 25)
    for name in fixture.cases {
      let weight = try fixture.tensor("\(name).weight")
      let layer = TransposedConvolution2D(
        "convt1", inputs: weight.shape[0], outputs: weight.shape[1],
        kernel: Extent2D(weight.shape[2], weight.shape[3]),
        stride: try fixture.pair("stride", of: name),
        padding: try fixture.pair("padding", of: name),
        outputPadding: try fixture.pair("outpad", of: name),
        bias: fixture.tensors["\(name).bias"] != nil)
      #expect(layer.weight.layout.storedShape == weight.shape)
      let algorithm = layer.algorithmName(for: try fixture.examples("\(name).x").shape)
      if algorithm == "winograd" {
        // Tiles of up to nine points, less exact than plain sums; docs/numerics.md says how much.
        try check(layer, name, of: fixture, context, within: 1e-5, gradientsWithin: 2e-5)
      } else {
        try check(
          layer, name, of: fixture, context, within: name.hasPrefix("exact-") ? 0 : 1e-6)
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func convolutionsOfSignals(_ set: KernelSet) throws {
    let fixture = try Fixture("convolution_1d")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 9)
    for name in fixture.cases {
      let weight = try fixture.tensor("\(name).weight")
      let settings = fixture.settings(name)
      let layer = Convolution1D(
        "conv1", inputs: weight.shape[1], outputs: weight.shape[0], kernel: weight.shape[2],
        stride: try #require(Int(settings["stride"] ?? "")),
        padding: .explicit(Extent2D(0, try #require(Int(settings["padding"] ?? "")))),
        bias: fixture.tensors["\(name).bias"] != nil)
      #expect(layer.weight.layout.storedShape == weight.shape)
      try check(layer, name, of: fixture, context, within: 1e-6)
    }
  }

  @Test(arguments: KernelSet.available)
  func fullyConnected(_ set: KernelSet) throws {
    let fixture = try Fixture("fully_connected")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 14)
    for name in fixture.cases {
      let weight = try fixture.tensor("\(name).weight")
      let shape = try fixture.examples("\(name).x").shape
      let layer = FullyConnected(
        "fc1", inputs: weight.shape[1], outputs: weight.shape[0],
        image: shape.rank == 4
          ? .init(height: shape[1], width: shape[2], channels: shape[3]) : nil,
        bias: fixture.tensors["\(name).bias"] != nil)
      try check(layer, name, of: fixture, context, within: 1e-6)
    }
  }

  @Test(arguments: KernelSet.available)
  func pooling(_ set: KernelSet) throws {
    let fixture = try Fixture("pooling")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 25)
    for name in fixture.cases {
      let layer = MaxPooling(
        "pool1", size: try fixture.pair("size", of: name),
        stride: try fixture.pair("stride", of: name),
        padding: try fixture.pair("padding", of: name),
        ceilMode: fixture.settings(name)["ceil"] == "true")
      // Outputs are copies of inputs; gradients may be sums where windows overlap.
      try check(layer, name, of: fixture, context, within: 0, gradientsWithin: 1e-6)
    }
  }

  @Test(arguments: KernelSet.available)
  func rectifiers(_ set: KernelSet) throws {
    let fixture = try Fixture("relu")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 6)
    for name in fixture.cases { try check(ReLU("relu1"), name, of: fixture, context, within: 0) }
  }

  @Test(arguments: KernelSet.available)
  func globalPooling(_ set: KernelSet) throws {
    let fixture = try Fixture("global_pooling")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 15)
    for name in fixture.cases {
      let isMaximum = fixture.settings(name)["mode"] == "max"
      let layer = GlobalPooling("global1", isMaximum ? .maximum : .average)
      try check(layer, name, of: fixture, context, within: isMaximum ? 0 : 3e-7)
    }
  }

  @Test(arguments: KernelSet.available)
  func averagePooling(_ set: KernelSet) throws {
    let fixture = try Fixture("average_pooling")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 20)
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let layer = AveragePooling(
        "avgpool1", size: try fixture.pair("size", of: name),
        stride: try fixture.pair("stride", of: name),
        padding: try fixture.pair("padding", of: name), ceilMode: settings["ceil"] == "true",
        countsPadding: settings["counts_padding"] == "true")
      try check(layer, name, of: fixture, context, within: 3e-7)
    }
  }

  @Test(arguments: KernelSet.available)
  func upsampling(_ set: KernelSet) throws {
    let fixture = try Fixture("upsampling")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 20)
    for name in fixture.cases {
      let mode = try #require(Upsampling.Mode(rawValue: fixture.settings(name)["mode"] ?? ""))
      let layer = Upsampling("upsample1", by: try fixture.pair("factor", of: name), mode)
      // The nearest mode copies inputs, and sums gradients.
      try check(
        layer, name, of: fixture, context, within: mode == .nearest ? 0 : 3e-7,
        gradientsWithin: 1e-6)
    }
  }

  /// Element by element: outputs in units of the last place, gradients as parts of ∂y.
  @Test(arguments: ["sigmoid", "tanh"], KernelSet.available)
  func saturating(_ function: String, _ set: KernelSet) throws {
    let fixture = try Fixture(function)
    let layer: any Layer = function == "tanh" ? Tanh("tanh1") : Sigmoid("sigmoid1")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 6)
    for name in fixture.cases {
      let x = try fixture.examples("\(name).x")
      let dy = try fixture.examples("\(name).dy")
      let found = try ProbedLayer(layer, x: x, dy: dy, context)
      let y = try fixture.examples("\(name).y").values
      let dx = try fixture.examples("\(name).dx").values
      #expect(found.y.count == x.values.count && found.dx.count == x.values.count)
      for i in x.values.indices {
        let place = "\(name) at \(x.values[i])"
        // The fixture is rounded too.
        #expect(abs(found.y[i] - y[i]) <= 2.5 * y[i].ulp, "y of \(place)")
        #expect(abs(found.dx[i] - dx[i]) <= 2.5e-7 * abs(dy.values[i]), "∂x of \(place)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func scales(_ set: KernelSet) throws {
    let fixture = try Fixture("scale")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 3)
    for name in fixture.cases {
      let factor = try #require(Float(fixture.settings(name)["factor"] ?? ""))
      try check(Scale("scale1", by: factor), name, of: fixture, context, within: 1.5e-7)
    }
  }

  /// Element by element, as parts of the input or of the gradient, or of 1 where they are smaller.
  @Test(arguments: KernelSet.available)
  func gelus(_ set: KernelSet) throws {
    let fixture = try Fixture("gelu")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 6)
    for name in fixture.cases {
      let x = try fixture.examples("\(name).x")
      let dy = try fixture.examples("\(name).dy")
      let found = try ProbedLayer(GELU("gelu1"), x: x, dy: dy, context)
      let expected = (
        y: try fixture.examples("\(name).y").values, dx: try fixture.examples("\(name).dx").values
      )
      #expect(found.y.count == x.values.count && found.dx.count == x.values.count)
      for i in x.values.indices {
        let place = "\(name) at \(x.values[i])"
        #expect(
          abs(found.y[i] - expected.y[i]) <= 2e-7 * max(1, abs(x.values[i])), "y of \(place)")
        #expect(
          abs(found.dx[i] - expected.dx[i]) <= 6e-7 * max(1, abs(dy.values[i])), "∂x of \(place)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func softmaxCrossEntropy(_ set: KernelSet) throws {
    let fixture = try Fixture("softmax_cross_entropy")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 18)
    for name in fixture.cases {
      let logits = try fixture.tensor("\(name).logits")
      let labels = try fixture.values("\(name).labels").map { Int32($0) }
      let arena = Arena()
      let z = arena.tensor(Shape(logits.shape))
      _ = z.elements.update(fromContentsOf: logits.values)
      let dz = arena.tensor(z.shape)
      let losses = arena.values(of: Double.self, labels.count)
      SoftmaxCrossEntropy.evaluate(
        z, labels: labels, batchSize: labels.count, losses: losses, dz: dz, in: context)
      let found = (0..<labels.count).map { losses[$0] }
      let mean = Float(found.reduce(0, +) / Double(labels.count))
      expect(found.map { Float($0) }, try fixture.values("\(name).losses"), 1e-6, name)
      expect([mean], try fixture.values("\(name).mean_loss"), 1e-6, "\(name) mean")
      expect(Array(dz.elements), try fixture.values("\(name).dlogits"), 1e-6, "\(name) ∂")
    }
  }

  /// Sets the layer's parameters from a case and compares all that comes out of it.
  private func check(
    _ layer: any Layer, _ name: String, of fixture: Fixture, _ context: Context,
    within tolerance: Float, gradientsWithin gradientTolerance: Float? = nil
  ) throws {
    // `conv1.weight` is `weight` in the file.
    let names = layer.parameters.map { String($0.name.split(separator: ".")[1]) }
    for (parameter, tensor) in zip(layer.parameters, names) {
      parameter.setValues(stored: try fixture.values("\(name).\(tensor)"))
    }
    let found = try ProbedLayer(
      layer, x: try fixture.examples("\(name).x"), dy: try fixture.examples("\(name).dy"),
      context)
    let y = try fixture.examples("\(name).y")
    #expect(found.shape == y.shape, "\(name)")
    expect(found.y, y.values, tolerance, "\(name).y")
    let gradientTolerance = gradientTolerance ?? tolerance
    expect(found.dx, try fixture.examples("\(name).dx").values, gradientTolerance, "\(name).dx")
    for (gradient, tensor) in zip(found.gradients, names) {
      let expected = try fixture.values("\(name).d\(tensor)")
      expect(gradient, expected, gradientTolerance, "\(name).d\(tensor)")
    }
  }

  private func expect(
    _ found: [Float], _ expected: [Float], _ tolerance: Float, _ name: String
  ) {
    let difference = relativeDifference(found, expected)
    #expect(difference <= tolerance, "\(name)")
  }
}
