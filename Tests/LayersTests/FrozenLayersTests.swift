import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Networks with frozen layers: the other layers must learn as if nothing were frozen.
@Suite struct FrozenLayersTests {
  private struct Outcome: Equatable {
    var outputs: [Float]
    /// The gradient of each trained parameter.
    var gradients: [String: [Float]]
    /// The contents of the frozen parameters' gradient memory.
    var untouched: [String: [Float]]
  }

  /// - Parameter frozen: names of layers, or of parameters.
  private func network(_ notation: String, frozen: [String]) throws -> Sequential {
    let network = try Architecture(notation).network(input: [1, 9, 8, 16], classes: 5)
    network.initialize(seed: 4)
    for layer in network.layers {
      for parameter in layer.parameters
      where frozen.contains(layer.name) || frozen.contains(parameter.name) { parameter.freeze() }
    }
    return network
  }

  private func run(_ network: Sequential, count: Int = 19, threads: Int = 2) -> Outcome {
    let executor = Executor(
      network, capacity: count, training: true, context: Context(threadCount: threads))
    var random = WholeNumbers(seed: 51)
    _ = executor.input.elements.update(
      fromContentsOf: random.fractions(count * network.inputShape.count))
    for parameter in network.parameters { parameter.zeroGradient() }
    let outputs = Array(executor.forward(count: count).elements)
    _ = executor.outputGradient(count: count).elements.update(
      fromContentsOf: random.fractions(count * 5))
    executor.backward(count: count)
    var outcome = Outcome(outputs: outputs, gradients: [:], untouched: [:])
    for parameter in network.parameters where parameter.role != .running {
      if parameter.isTrained {
        outcome.gradients[parameter.name] = parameter.storedGradient()
      } else {
        outcome.untouched[parameter.name] = parameter.stored(parameter.gradient)
      }
    }
    return outcome
  }

  /// Layers with weights of every kind, at the beginning, in the middle and at the end.
  @Test(arguments: [
    ("conv(16,3) relu conv(32,3) relu fc(7) relu fc(classes)", ["conv1"]),
    ("conv(16,3) relu conv(32,3) relu fc(7) relu fc(classes)", ["conv1", "conv2", "fc1"]),
    ("conv(16,3) relu conv(32,3) relu fc(7) relu fc(classes)", ["conv2", "fc1"]),
    ("conv(16,3) relu conv(32,3) relu fc(7) relu fc(classes)", ["fc2"]),
    ("conv(16,3) relu convt(7,2,stride=2) relu fc(classes)", ["convt1"]),
    ("conv(16,3) relu convt(7,2,stride=2) relu fc(classes)", ["conv1", "convt1"]),
    ("conv(16,3) relu convt(7,2,stride=2) relu fc(classes)", ["conv1"]),
    ("signal conv1d(16,3) relu pool1d(4) fc(classes)", ["conv1"]),
    ("conv(16,3) relu res(conv(16,3) relu conv(16,3)) relu fc(classes)", ["conv2"]),
    ("conv(128,3) relu conv(256,3,bias=no) relu conv(128,3) fc(classes)", ["conv2"]),
    ("conv(128,3) relu conv(256,3) relu conv(128,3) fc(classes)", ["conv1", "conv2"]),
    ("conv(16,3) dwconv(3) relu fc(classes)", ["dwconv1"]),
    ("conv(16,3) gn(4) relu fc(classes)", ["gn1"]),
    ("conv(16,3) dwconv(3) gn(4) conv(32,3,groups=4) fc(classes)", ["dwconv1", "gn1", "conv2"]),
    // A single parameter of a layer.
    ("conv(16,3) dwconv(3) gn(4) bn fc(7) relu fc(classes)", ["dwconv1.weight", "gn1.bias"]),
    ("conv(16,3) dwconv(3) gn(4) bn fc(7) relu fc(classes)", ["dwconv1.bias", "gn1.weight"]),
    ("conv(16,3) bn convt(7,2,stride=2) fc(7) relu fc(classes)", ["bn1.bias", "fc1.bias"]),
    ("conv(16,3) bn convt(7,2,stride=2) fc(7) relu fc(classes)", ["conv1.weight", "convt1.bias"]),
    ("conv(16,3) bn convt(7,2,stride=2) fc(7) relu fc(classes)", ["conv1.bias", "convt1.weight"]),
  ])
  func trainedLayersHaveTheSameGradients(_ notation: String, _ frozen: [String]) throws {
    let all = run(try network(notation, frozen: []))
    let some = run(try network(notation, frozen: frozen))
    #expect(some.outputs == all.outputs)
    #expect(!some.untouched.isEmpty)
    for (name, gradient) in all.gradients {
      if let untouched = some.untouched[name] {
        #expect(untouched.allSatisfy { $0 == 0 }, "\(name) is frozen and got a gradient")
        #expect(gradient.contains { $0 != 0 })
      } else {
        #expect(some.gradients[name] == gradient, "\(name)")
      }
    }
    #expect(run(try network(notation, frozen: frozen), threads: 3) == some)
  }

  // MARK: Batch normalization

  private static let normalized = "conv(16,3,bias=no) bn relu conv(32,3,bias=no) bn fc(classes)"

  /// Sets running averages that differ from those of every batch.
  private func setAverages(of network: Sequential) throws {
    var random = WholeNumbers(seed: 8)
    for case let layer as BatchNormalization in network.layers {
      layer.runningMean.setValues(stored: random.fractions(layer.channels))
      layer.runningVariance.setValues(
        stored: random.fractions(layer.channels).map { 1 + $0 * $0 })
    }
  }

  private func averages(_ network: Sequential) -> [[Float]] {
    network.parameters.filter { $0.role == .running }.map { $0.storedValues() }
  }

  @Test(arguments: [1, 3])
  func frozenBatchNormalizationTrainsAsItEvaluates(threads: Int) throws {
    let network = try network(Self.normalized, frozen: ["bn1", "bn2"])
    try setAverages(of: network)
    let before = averages(network)
    let outcome = run(network, threads: threads)
    #expect(averages(network) == before)

    let evaluation = Executor(
      network, capacity: 19, training: false, context: Context(threadCount: 1))
    var random = WholeNumbers(seed: 51)
    _ = evaluation.input.elements.update(
      fromContentsOf: random.fractions(19 * network.inputShape.count))
    #expect(Array(evaluation.forward(count: 19).elements) == outcome.outputs)
    #expect(outcome.untouched.count == 4)
    #expect(outcome.untouched.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  /// A trained batch normalization still follows the batches when another one is frozen.
  @Test func trainedNormalizationFollowsTheBatches() throws {
    let network = try network(Self.normalized, frozen: ["conv1", "bn1"])
    try setAverages(of: network)
    let before = averages(network)
    _ = run(network)
    let after = averages(network)
    #expect(after[0] == before[0] && after[1] == before[1])
    #expect(after[2] != before[2] && after[3] != before[3])
  }

  /// Batch normalization that scales by exactly 2 and does not shift doubles the gradient in front
  /// of it.
  @Test func theGradientPassesThroughTheScale() throws {
    let unscaled = try network("conv(16,3) relu conv(8,3) fc(classes)", frozen: [])
    let scaled = try network("conv(16,3) relu conv(8,3) bn fc(classes)", frozen: ["bn1"])
    let bn = try #require(scaled.layers.compactMap { $0 as? BatchNormalization }.first)
    bn.weight.setValues(stored: [Float](repeating: 2, count: 8))
    bn.runningVariance.setValues(stored: [Float](repeating: Float(1 - bn.epsilon), count: 8))
    for parameter in unscaled.parameters {
      let same = try #require(scaled.parameters.first { $0.name == parameter.name })
      parameter.setValues(stored: same.storedValues())
    }
    let plain = run(unscaled)
    let outcome = run(scaled)
    #expect(plain.gradients.count == 6)
    for (name, gradient) in plain.gradients where name != "fc1.bias" {
      #expect(outcome.gradients[name] == gradient.map { 2 * $0 }, "\(name)")
    }
  }

  @Test func onlyBothParametersTogetherFreezeIt() throws {
    let layer = BatchNormalization("bn1", channels: 2, scales: false)
    #expect(!layer.isFrozen)
    layer.bias.freeze()
    #expect(layer.isFrozen && layer.bias.role == .frozen)
    layer.runningMean.freeze()
    #expect(layer.runningMean.role == .running)
  }
}
