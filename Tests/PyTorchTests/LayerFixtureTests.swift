import Layers
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Every layer, alone, against PyTorch's results in double: the outputs, and the gradients with
/// respect to inputs and parameters. Differences are relative to the tensor's maximum.
@Suite struct LayerFixtureTests {
  /// The files whose cases name a layer in the notation. A layer with such a file needs no test of
  /// its own.
  static let namedLayers = Fixture.names.filter { name in
    guard let fixture = try? Fixture(name), let first = fixture.cases.first else { return false }
    return fixture.settings(first)["notation"] != nil
  }

  @Test(arguments: namedLayers, KernelSet.available)
  func layersOfTheNotationArePyTorchs(_ file: String, _ set: KernelSet) throws {
    let fixture = try Fixture(file)
    let context = Context(threadCount: 2, kernelSet: set)
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let network = try Architecture(try #require(settings["notation"])).stack(
        input: try fixture.examples("\(name).x").shape, classes: 10)
      #expect(network.layers.count == 1)
      let within = try #require(settings["within"].flatMap(Float.init))
      try check(
        network.layers[0], name, of: fixture, context, within: within,
        gradientsWithin: try settings["gradients"].map { try #require(Float($0)) })
    }
  }

  /// Every layer of the notation is compared with PyTorch, by a file that names it or by a test of
  /// its own. The exceptions are listed here: layers that compute nothing or draw random numbers.
  @Test func everyLayerIsCompared() throws {
    var compared: Set = [
      "conv", "convt", "bn", "gelu", "sigmoid", "tanh", "dropout", "droppath", "flatten", "signal",
      "res",
      "pool1d",
    ]
    var cases = 0
    for file in Self.namedLayers {
      let fixture = try Fixture(file)
      cases += fixture.cases.count
      for name in fixture.cases {
        let notation = try #require(fixture.settings(name)["notation"])
        compared.insert(String(notation.prefix { $0 != "(" }))
      }
    }
    #expect(Set(LayerRegistry.words.map(\.name)).subtracting(compared).isEmpty)
    #expect(Self.namedLayers.count >= 8 && cases >= 112)
  }

  @Test(arguments: [("convolution", 49), ("convolution_same", 7)], KernelSet.available)
  func convolutionsArePyTorchs(_ file: (name: String, cases: Int), _ set: KernelSet) throws {
    let fixture = try Fixture(file.name)
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == file.cases)
    for name in fixture.cases {
      let isSame = fixture.settings(name)["padding"] == "same"
      let weight = try fixture.tensor("\(name).weight")
      let layer = Convolution2D(
        "conv1", inputChannels: weight.shape[1], outputChannels: weight.shape[0],
        kernel: Extent2D(weight.shape[2], weight.shape[3]),
        stride: try fixture.pair("stride", of: name),
        padding: isSame ? .same : .explicit(try fixture.pair("padding", of: name)),
        bias: fixture.tensors["\(name).bias"] != nil)
      let algorithm = layer.algorithmName(for: try fixture.examples("\(name).x").shape)
      let tolerance: Float =
        if name.hasPrefix("exact-") {
          0
        } else {
          // Less exact than plain sums; docs/numerics.md lists the errors.
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
  func transposedConvolutionsArePyTorchs(_ set: KernelSet) throws {
    let fixture = try Fixture("transposed_convolution")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 25)
    for name in fixture.cases {
      let weight = try fixture.tensor("\(name).weight")
      let layer = TransposedConvolution2D(
        "convt1", inputChannels: weight.shape[0], outputChannels: weight.shape[1],
        kernel: Extent2D(weight.shape[2], weight.shape[3]),
        stride: try fixture.pair("stride", of: name),
        padding: try fixture.pair("padding", of: name),
        outputPadding: try fixture.pair("outpad", of: name),
        bias: fixture.tensors["\(name).bias"] != nil)
      #expect(layer.weight.layout.storedShape == weight.shape)
      let algorithm = layer.algorithmName(for: try fixture.examples("\(name).x").shape)
      if algorithm == "winograd" {
        // Tiles of up to nine points, less exact than plain sums; docs/numerics.md lists the
        // errors.
        try check(layer, name, of: fixture, context, within: 1e-5, gradientsWithin: 2e-5)
      } else {
        try check(
          layer, name, of: fixture, context, within: name.hasPrefix("exact-") ? 0 : 1e-6)
      }
    }
  }

  /// Compares element by element: outputs in units of the last place, gradients relative to ∂y.
  @Test(arguments: ["sigmoid", "tanh"], KernelSet.available)
  func sigmoidAndTanhAreWithinTheirErrors(_ function: String, _ set: KernelSet) throws {
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
        // The fixture's values are rounded too.
        #expect(abs(found.y[i] - y[i]) <= 2.5 * y[i].ulp, "y of \(place)")
        #expect(abs(found.dx[i] - dx[i]) <= 2.5e-7 * abs(dy.values[i]), "∂x of \(place)")
      }
    }
  }

  /// Compares element by element, relative to the input or the gradient, or to 1 if they are
  /// smaller.
  @Test(arguments: KernelSet.available)
  func geluIsWithinItsError(_ set: KernelSet) throws {
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
  func softmaxCrossEntropyIsPyTorchs(_ set: KernelSet) throws {
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

  /// Sets the layer's parameters from a case, and compares all results.
  private func check(
    _ layer: any Layer, _ name: String, of fixture: Fixture, _ context: Context,
    within tolerance: Float, gradientsWithin gradientTolerance: Float? = nil
  ) throws {
    // The parameter `conv1.weight` is `weight` in the file.
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
