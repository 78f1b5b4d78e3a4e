import Datasets
import GradientChecking
import Layers
import Networks
import Tensors
import Testing

@testable import Export

/// Graphs, computed by a small interpreter, give the outputs of the networks.
@Suite struct ONNXValueTests {
  private let context = Context(threadCount: 2)

  /// Each layer in every shape that gradcheck draws, with random parameters.
  @Test(arguments: CheckedWord.all.map(\.name))
  func everyLayerGivesItsOutputs(_ name: String) throws {
    let word = try #require(CheckedWord.all.first { $0.name == name })
    for number in 0..<20 {
      let (specimen, network) = word.specimen(number, seed: 5)
      try check(network, examples: specimen.input[0], "\(specimen)")
    }
  }

  @Test(
    arguments: [
      ("conv(4,3) bn relu pool(2) flatten gelu fc(5) gn(1) scale(1/9)", [3, 5, 6, 2]),
      (
        "signal conv1d(4,3,stride=2) silu res(conv1d(4,3) droppath(0.5)) pool1d(2) fc(4)",
        [2, 4, 4, 3]
      ),
      ("conv(4,3) relu flatten tanh", [2, 3, 2, 2]),
      ("conv(2,3,stride=2) convt(3,3,stride=2,outpad=1) dropout(0.5) globalmax bn", [2, 4, 6, 3]),
    ] as [(String, Shape)])
  func networksGiveTheirOutputs(_ notation: String, _ input: Shape) throws {
    try check(
      Architecture(notation).stack(input: input, classes: 3), examples: input[0], notation)
  }

  private func check(_ network: Sequential, examples: Int, _ comment: String) throws {
    var random = Random(seed: 9, domain: .gradientCheck)
    for parameter in network.parameters {
      let isVariance = parameter.name.hasSuffix("running_var")
      parameter.setValues(
        stored: (0..<parameter.layout.count).map { _ in
          isVariance ? random.uniform() + 0.5 : 2 * random.uniform() - 1
        })
    }
    let executor = Executor(network, capacity: examples, training: false, context: context)
    for index in 0..<executor.input.count {
      executor.input.base[index] = 2 * random.uniform() - 1
    }
    let output = executor.forward(count: examples)
    let value = try ONNXInterpreter.run(
      LayerFormTests.graph(network), on: Self.value(of: executor.input))
    let expected = Self.value(of: output)
    #expect(value.shape == expected.shape, "\(comment)")
    let greatest = expected.elements.reduce(1e-3) { max($0, abs($1)) }
    for (found, expected) in zip(value.elements, expected.elements) {
      // The graph's ε and factors are in single precision.
      #expect(abs(found - expected) <= 1e-5 * greatest, "\(comment): \(found), \(expected)")
    }
  }

  /// The elements in PyTorch's order.
  private static func value(of tensor: Tensor) -> ONNXInterpreter.Value {
    let shape = tensor.shape.array
    let elements = tensor.elements.map(Double.init)
    guard shape.count == 4 else { return .init(shape: shape, elements: elements) }
    let (n, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    var sorted: [Double] = []
    for example in 0..<n {
      for channel in 0..<c {
        for pixel in 0..<h * w { sorted.append(elements[(example * h * w + pixel) * c + channel]) }
      }
    }
    return .init(shape: [n, c, h, w], elements: sorted)
  }

  /// Graphs with pixels as input give the outputs for the normalized images, and probabilities.
  @Test func pixelsAreNormalized() throws {
    let network = try Architecture("conv(2,3) relu globalavg").stack(
      input: [1, 4, 3, 2], classes: 2)
    network.initialize(seed: 1)
    let normalization = try Normalization(mean: [0.25, 0.5], std: [0.5, 2], channels: 2)
    func graph(_ pixels: ONNXExport.Pixels?, _ output: String) throws -> ONNXGraph {
      try ONNXGraph(
        network, name: "test", inputName: "x", pixels: pixels, normalization: normalization,
        outputName: output)
    }
    let pixels = (0..<24).map { Double($0 * 10) }
    let images = pixels.enumerated().map { place, pixel in
      Double(normalization.value(of: UInt8(pixel), channel: place / 12))
    }
    let logits = try ONNXInterpreter.run(
      graph(nil, "logits"), on: .init(shape: [1, 2, 4, 3], elements: images))
    for type in ONNXExport.Pixels.allCases {
      let found = try ONNXInterpreter.run(
        graph(type, "logits"), on: .init(shape: [1, 2, 4, 3], elements: pixels))
      for (a, b) in zip(found.elements, logits.elements) { #expect(abs(a - b) < 1e-6) }
    }
    let shares = try ONNXInterpreter.run(
      graph(.uint8, "probabilities"), on: .init(shape: [1, 2, 4, 3], elements: pixels))
    #expect(abs(shares.elements.reduce(0, +) - 1) < 1e-12)
    #expect((shares.elements[0] > 0.5) == (logits.elements[0] > logits.elements[1]))
  }
}
