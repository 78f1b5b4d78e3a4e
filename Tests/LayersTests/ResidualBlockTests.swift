import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Residual blocks within a network, with sums over the batch, layers of the whole batch and fused
/// layers inside. The executor's results must equal those of each layer in sequence with a plain
/// sum.
@Suite struct ResidualBlockTests {
  static let networks: [String: String] = [
    "behind a convolution": "conv(16,3) bn relu res(conv(16,3) bn relu conv(16,3) bn relu) pool(2)",
    "first": "res(conv(3,3) bn relu) conv(16,3) globalmax",
    "first, with sums first": "res(bn relu) conv(5,3)",
    "nested": "conv(16,3) res(relu res(conv(16,3) bn) gelu conv(16,3)) relu",
    "nested at both ends": "conv(4,3) res(res(res(conv(4,3) relu) bn)) globalavg",
    "sums at both ends": "conv(8,3) res(bn relu conv(8,3) bn) bn relu",
    "one after the other": "conv(8,3) res(relu conv(8,3)) res(relu) res(bn) res(scale(2))",
    "behind pooling": "conv(16,3) pool(2) res(relu conv(16,3)) relu pool(2)",
    "around pooling's fusion": "conv(8,3) relu res(pool(3,1,padding=1) relu conv(8,3)) pool(2)",
    "whole batch inside":
      "conv(128,3) bn relu res(conv(128,3) bn relu conv(128,3)) bn relu pool(2)",
    "whole batch beside": "conv(128,3) res(relu) conv(128,3) res(bn) conv(128,3) globalmax",
    "fully connected": "fc(12) relu res(fc(12) relu fc(12)) relu",
    "views": "conv(4,3) signal res(conv1d(4,9) relu) pool1d(4)",
    "smaller and larger":
      "conv(4,3,stride=2) relu res(convt(4,4,stride=2,padding=1) relu conv(4,4,stride=2,padding=1))",
    "behind what is not trained": "conv(8,3,bias=no,frozen=yes) res(conv(8,3) relu)",
    "nothing to train inside": "conv(8,3) res(gelu tanh) relu",
  ]

  private func network(_ name: String) throws -> Sequential {
    let network = try Architecture(try #require(Self.networks[name]) + " fc(classes)").network(
      input: [1, 8, 8, 3], classes: 7)
    network.initialize(seed: 5)
    return network
  }

  private func run(
    _ name: String, count: Int, threads: Int = 1, set: KernelSet = .best,
    chunkBytes: Int = ExecutionPlan.chunkBytes, evaluatesBetween: Bool = false
  ) throws -> StepOutcome {
    try StepOutcome(
      network(name), count: count, threads: threads, set: set, chunkBytes: chunkBytes,
      evaluatesBetween: evaluatesBetween)
  }

  @Test(arguments: networks.keys.sorted())
  func isOneLayerAfterTheOtherAndASum(_ name: String) throws {
    let count = 21
    let network = try network(name)
    var random = WholeNumbers(seed: 41)
    var x = random.fractions(count * network.inputShape.count)
    var dy = random.fractions(count * 7)
    func shape(_ index: Int) -> Shape { network.inputShape(ofLayer: index).with(examples: count) }
    var inputs: [[Float]] = []
    var kept: [[Float]] = []
    for (index, layer) in network.layers.enumerated() {
      inputs.append(x)
      switch layer {
      case is any ViewLayer: break
      case is ResidualBranch: kept.append(x)
      case is ResidualSum: x = zip(x, kept.removeLast()).map { $0 + $1 }
      default:
        let none = [Float](repeating: 0, count: network.outputShapes[index].count * count)
        x = try LayerRun(layer, x: x, shape: shape(index), dy: none).y
      }
    }
    let expected = StepOutcome(outputs: x, gradients: [], averages: StepOutcome.averages(network))
    var gradients: [[Float]] = []
    for (index, layer) in network.layers.enumerated().reversed() {
      switch layer {
      case is any ViewLayer: break
      case is ResidualSum: kept.append(dy)
      case is ResidualBranch: dy = zip(dy, kept.removeLast()).map { $0 + $1 }
      default:
        let run = try LayerRun(layer, x: inputs[index], shape: shape(index), dy: dy)
        gradients = run.gradients + gradients
        dy = run.dx
      }
    }
    let found = try run(name, count: count)
    #expect(found.outputs == expected.outputs)
    #expect(found.gradients == gradients)
    #expect(found.averages == expected.averages)
    #expect(gradients.joined().contains { $0 != 0 })
  }

  @Test func someConvolutionsTakeTheWholeBatch() throws {
    for name in ["whole batch inside", "whole batch beside"] {
      let network = try network(name)
      let plan = ExecutionPlan(network, capacity: 3, training: true, threads: 1, arena: Arena())
      let units = plan.units.filter { if case .batch = $0 { true } else { false } }
      #expect(units.count >= 3, "\(name)")
    }
  }

  @Test(arguments: networks.keys.sorted())
  func threadsSetsAndChunksDoNotChangeABit(_ name: String) throws {
    let reference = try run(name, count: 37)
    for set in KernelSet.available where set != .portable {
      #expect(try run(name, count: 37, threads: 3, set: set) == reference)
    }
    #expect(try run(name, count: 37, chunkBytes: 1) == reference)
    #expect(try run(name, count: 37, threads: 2, chunkBytes: 1 << 30) == reference)
  }

  @Test(arguments: networks.keys.sorted())
  func evaluationDoesNotDisturbTraining(_ name: String) throws {
    #expect(try run(name, count: 9, evaluatesBetween: true) == run(name, count: 9))
  }

  /// An evaluation gives the outputs of training if no layer differs between the two.
  @Test(arguments: ["behind pooling", "fully connected", "smaller and larger", "views"])
  func evaluationGivesTheSameOutputs(_ name: String) throws {
    let network = try network(name)
    let evaluator = Executor(
      network, capacity: 30, training: false, context: Context(threadCount: 2))
    var random = WholeNumbers(seed: 41)
    _ = evaluator.input.elements.update(
      fromContentsOf: random.fractions(21 * network.inputShape.count))
    let outputs = Array(evaluator.forward(count: 21).elements)
    #expect(try run(name, count: 21).outputs == outputs)
  }

  /// The output is three times the input, and so is the gradient; with a nested block, 4·3 + 1
  /// times.
  @Test(arguments: [false, true])
  func handComputed(_ nested: Bool) throws {
    let weight = FullyConnected("fc1", inputs: 2, outputs: 2, bias: false)
    let inner: [any Layer] =
      nested
      ? [ResidualBranch("branch2"), Scale("scale1", by: 2), ResidualSum("sum2")]
        + [Scale("scale2", by: 4)]
      : [Scale("scale1", by: 2)]
    let network = try Sequential(
      [weight, ResidualBranch("branch1")] + inner + [ResidualSum("sum1")], inputShape: [1, 2])
    weight.weight.setValues(stored: [1, 10, -1, 0])
    let executor = Executor(
      network, capacity: 3, training: true, context: Context(threadCount: 1))
    _ = executor.input.elements.update(fromContentsOf: [1, 2, 5, 7])
    let factor: Float = nested ? 13 : 3
    #expect(
      Array(executor.forward(count: 2).elements) == [21, -1, 75, -5].map { factor * $0 })
    _ = executor.outputGradient(count: 2).elements.update(fromContentsOf: [1, 0, 0, 100])
    executor.backward(count: 2)
    #expect(weight.weight.storedGradient() == [1, 2, 500, 700].map { factor * $0 })
  }

  @Test func shapesMustMatch() {
    #expect(
      throws: ShapeError(
        layer: "sum1", expected: "[1, 8, 8, 3], the block's input", found: [1, 4, 4, 3])
    ) {
      try Sequential(
        [ResidualBranch("branch1"), MaxPooling("pool1", size: 2), ResidualSum("sum1")],
        inputShape: [1, 8, 8, 3])
    }
  }
}
