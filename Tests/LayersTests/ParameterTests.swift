import Tensors
import Testing

@testable import Layers
@testable import Networks

@Suite struct ParameterTests {
  static let layouts: [ParameterLayout] = [
    .vector(count: 5),
    .convolution(kernelHeight: 2, kernelWidth: 3, inputChannels: 4, outputChannels: 5),
    .convolution(kernelHeight: 1, kernelWidth: 1, inputChannels: 1, outputChannels: 65),
    .fullyConnected(inputs: 12, outputs: 40),
    .fullyConnected(
      inputs: 24, outputs: 3, image: .init(height: 2, width: 3, channels: 4)),
  ]

  @Test(arguments: layouts)
  func whatIsSetIsRead(_ layout: ParameterLayout) {
    let parameter = Parameter("p", layout, fanIn: 1)
    let stored = (0..<layout.count).map { Float($0 + 1) }
    parameter.setValues(stored: stored)
    #expect(parameter.storedValues() == stored)
    #expect(parameter.storedGradient().allSatisfy { $0 == 0 })
    parameter.set(parameter.gradient, stored: stored.map { -$0 })
    #expect(parameter.storedGradient() == stored.map { -$0 })
    #expect(parameter.storedValues() == stored)

    // Every element has an index of its own, and the padding stays 0.
    let memory = UnsafeBufferPointer(start: parameter.values, count: parameter.memoryCount)
    #expect(memory.filter { $0 != 0 }.sorted() == stored)
    parameter.zeroGradient()
    #expect(parameter.storedGradient().allSatisfy { $0 == 0 })
  }

  /// `[cout, cin, kh, kw]` in files is row (kh, kw, cin) and column cout in memory.
  @Test func convolutionsArePermuted() {
    let parameter = Parameter("conv1.weight", Self.layouts[1], fanIn: 24)
    parameter.setValues(stored: (0..<120).map(Float.init))
    for cout in 0..<5 {
      for cin in 0..<4 {
        for kh in 0..<2 {
          for kw in 0..<3 {
            #expect(
              parameter.matrix[(kh * 3 + kw) * 4 + cin, cout]
                == Float(((cout * 4 + cin) * 2 + kh) * 3 + kw))
          }
        }
      }
    }
  }

  /// `[out, (c, h, w)]` in files is row (h, w, c) and column out in memory.
  @Test func flattenedImagesArePermuted() {
    let parameter = Parameter("fc1.weight", Self.layouts[4], fanIn: 24)
    parameter.setValues(stored: (0..<72).map(Float.init))
    for out in 0..<3 {
      for c in 0..<4 {
        for h in 0..<2 {
          for w in 0..<3 {
            #expect(
              parameter.matrix[(h * 3 + w) * 4 + c, out]
                == Float(out * 24 + (c * 2 + h) * 3 + w))
          }
        }
      }
    }
  }

  /// The initial values are the stream's numbers, in stored order, for every layout in memory.
  @Test(arguments: layouts.dropFirst())
  func initialValuesAreTheStreams(_ layout: ParameterLayout) {
    let parameter = Parameter("p", layout, fanIn: 24)
    parameter.initialize(seed: 9, index: 4, gain: 2)
    var random = Random(seed: 9, domain: .initialization, index: 4)
    // √(3·2/24) = ½
    let expected = (0..<layout.count).map { _ in (2 * random.uniform() - 1) * 0.5 }
    #expect(parameter.storedValues() == expected)
  }

  @Test func vectorsStartAtZero() {
    let parameter = Parameter("p", .vector(count: 3), fanIn: 24)
    parameter.setValues(stored: [1, 2, 3])
    parameter.initialize(seed: 9, index: 4, gain: 2)
    #expect(parameter.storedValues() == [0, 0, 0])
  }

  /// All layers have He's variance 2/fanIn, except the last, which has 1/(3·fanIn); the bound is √3
  /// times the std. No two parameters share a stream, and another seed gives other numbers.
  @Test func networksStartWithHesVariance() throws {
    let architecture = try Architecture(
      "conv(24,5) relu conv(24,5) relu pool(2) fc(50) relu fc(60)")
    let network = try architecture.network(input: [1, 8, 8, 24], classes: 60)
    network.initialize(seed: 7)
    let gains: [String: Double] = [
      "conv1.weight": 2, "conv2.weight": 2, "fc1.weight": 2, "fc2.weight": 1.0 / 3,
    ]
    for parameter in network.parameters {
      let values = parameter.storedValues().map(Double.init)
      guard let gain = gains[parameter.name] else {
        #expect(parameter.name.hasSuffix(".bias") && values.allSatisfy { $0 == 0 })
        continue
      }
      let variance = gain / Double(parameter.fanIn)
      let found = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      #expect(abs(found / variance - 1) < 0.05, "\(parameter.name)")
      let bound = (3 * variance).squareRoot()
      let greatest = values.map(abs).max()!
      #expect(greatest <= bound * (1 + 1e-6) && greatest > 0.99 * bound, "\(parameter.name)")
    }
    let first = network.parameters.map { $0.storedValues() }
    // The two convolutions have the same shape, so only their streams make them different.
    #expect(first[0] != first[2] && first[0].count == first[2].count)
    network.initialize(seed: 8)
    #expect(network.parameters[0].storedValues() != first[0])
    network.initialize(seed: 7)
    #expect(network.parameters.map { $0.storedValues() } == first)
  }

  /// Weights and biases are drawn from U(±1/√fanIn). Batch normalization starts with 1 and 0.
  @Test func networksStartAsPyTorchs() throws {
    let network = try Architecture("conv(24,5) bn relu conv(200,3) relu fc(300)").network(
      input: [1, 4, 4, 24], classes: 300)
    network.initialize(seed: 7, by: .pytorch)
    let fanIns = ["conv1": 600.0, "conv2": 216, "fc1": 3200]
    for parameter in network.parameters {
      let values = parameter.storedValues().map(Double.init)
      guard let fanIn = fanIns[String(parameter.name.prefix { $0 != "." })] else {
        let start: Double =
          parameter.name == "bn1.weight" || parameter.name.hasSuffix("var") ? 1 : 0
        #expect(values.allSatisfy { $0 == start }, "\(parameter.name)")
        continue
      }
      let bound = 1 / fanIn.squareRoot()
      let greatest = values.map(abs).max()!
      #expect(greatest <= bound * (1 + 1e-6) && greatest > 0.8 * bound, "\(parameter.name)")
      // Five standard deviations of the sum.
      #expect(abs(values.reduce(0, +)) < 5 * bound * (Double(values.count) / 3).squareRoot())
    }
    let biases = network.parameters.filter { $0.name.hasSuffix("bias") && $0.name != "bn1.bias" }
    #expect(biases.count == 3 && Set(biases.map { $0.storedValues()[0] }).count == 3)
    let drawn = network.parameters[0].storedValues()
    network.initialize(seed: 7)
    #expect(network.parameters[0].storedValues() != drawn)
  }

  @Test func fanInIsOfTheWholeLayer() throws {
    let network = try Architecture("conv(2,3) fc(classes)").network(
      input: [1, 4, 4, 1], classes: 3)
    #expect(network.parameters.map(\.fanIn) == [9, 9, 32, 32])
  }
}
