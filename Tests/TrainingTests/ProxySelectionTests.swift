import Foundation
import Layers
import Networks
import Tensors
import Testing

@testable import Datasets
@testable import Training

@Suite struct ProxySelectionTests {
  @Test func theGreatestLossesAreKept() throws {
    let losses = [0.5, 2, 1, 2, 0.25, 2, 3]
    func places(_ keep: Int) -> [Int] {
      losses.withUnsafeBufferPointer { HardestExamples(keep: keep).places(of: $0) }
    }
    #expect(places(2) == [1, 6])
    // Of the three losses of 2, the first two.
    #expect(places(3) == [1, 3, 6])
    #expect(places(5) == [1, 2, 3, 5, 6])
    #expect(places(9) == Array(0..<7))
  }

  private static let proxy = "conv(2,5) pool(4) relu fc(classes)"

  private func run(_ settings: (key: String, value: String)...) throws -> SmallRun {
    var run = try SmallRun(("proxy", Self.proxy), ("hardest", "keep=2"))
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    return run
  }

  /// The losses of `network` for the images at `indices`, one at a time, by the formula.
  private func losses(
    _ network: Sequential, _ trainer: Trainer, _ indices: ArraySlice<Int>
  ) throws -> [Double] {
    let images = trainer.data.images
    let executor = Executor(network, capacity: 1, training: false, context: trainer.context)
    let loader = BatchLoader(
      images, trainer.data.normalization, into: executor, task: .classification)
    return indices.map { index in
      _ = loader.load(MiniBatch([index]))
      let scores = executor.forward(count: 1)
      let label = Int(images.labels[index])
      let shifted = (0..<10).map { Double(scores.base[$0] - scores.base[label]) }
      return log(shifted.reduce(0) { $0 + exp($1) })
    }
  }

  /// The step trains on the examples with the greatest losses of the proxy, and on no others.
  @Test func aStepIsThatOfTheHardestExamples() throws {
    let selecting = try run(("momentum", "0")).trainer()
    let proxy = try #require(selecting.selection).network
    let batch = EpochOrder(
      examples: selecting.data.training, seed: selecting.configuration.seed, shuffles: true
    ).indices(epoch: 0)[..<4]
    let losses = try losses(proxy, selecting, batch)
    let hardest = losses.indices.sorted { losses[$0] > losses[$1] }.prefix(2).sorted()

    // A plain trainer takes the same step on these two examples.
    var plain = try SmallRun(("momentum", "0"), ("batch-size", "2"))
    plain.configuration.seed = selecting.configuration.seed
    let other = try plain.trainer()
    _ = try other.step.takeStep(
      MiniBatch(ArraySlice(hardest.map { batch[$0] })),
      OptimizerStep(number: 1, learningRate: Float(selecting.learningRate)))
    let report = try selecting.takeSteps(1)[0]
    #expect(report.examples == 2)
    #expect(
      selecting.network.parameters.map { $0.storedValues() }
        == other.network.parameters.map { $0.storedValues() })
  }

  /// The proxy's own step is plain SGD on the examples that it selects.
  @Test(arguments: ["mean", "sum"]) func theProxyTrainsOnWhatItSelects(_ reduction: String) throws {
    let trainer = try run(
      ("momentum", "0"), ("loss-reduction", reduction), ("lr", "0.5")
    ).trainer()
    let proxy = try #require(trainer.selection).network
    let before = proxy.parameters.map { $0.storedValues() }
    let batch = EpochOrder(
      examples: trainer.data.training, seed: trainer.configuration.seed, shuffles: true
    ).indices(epoch: 0)[..<4]
    let losses = try losses(proxy, trainer, batch)
    let hardest = losses.indices.sorted { losses[$0] > losses[$1] }.prefix(2).sorted()

    var plain = try SmallRun(
      ("arch", Self.proxy), ("momentum", "0"), ("batch-size", "2"),
      ("loss-reduction", reduction))
    plain.configuration.seed = trainer.configuration.seed
    let other = try plain.trainer()
    for (parameter, values) in zip(other.network.parameters, before) {
      parameter.setValues(stored: values)
    }
    _ = try other.step.takeStep(
      MiniBatch(ArraySlice(hardest.map { batch[$0] })),
      OptimizerStep(number: 1, learningRate: Float(trainer.learningRate)))
    _ = try trainer.takeSteps(1)
    for (index, parameter) in proxy.parameters.enumerated() {
      let expected = other.network.parameters[index].storedValues()
      #expect(expected != before[index])
      for (value, expected) in zip(parameter.storedValues(), expected) {
        // Sums over four rows, two of them 0, take another order.
        #expect(abs(value - expected) <= 1e-6, "\(parameter.name)")
      }
    }
  }

  /// The proxy changes in steps 1, 4 and 7 only, and its initial values are not the network's.
  @Test func theProxyIsTrainedInSomeSteps() throws {
    let trainer = try run(("hardest", "keep=3,every=3")).trainer()
    let proxy = try #require(trainer.selection).network
    func values() -> [[Float]] { proxy.trainedParameters.map { $0.storedValues() } }
    var changes: [Bool] = []
    for _ in 0..<8 {
      let before = values()
      _ = try trainer.takeSteps(1)
      changes.append(values() != before)
    }
    #expect(changes == [true, false, false, true, false, false, true, false])
    let same = try run(("arch", Self.proxy)).trainer()
    let own = try #require(same.selection).network
    #expect(
      own.parameters.map { $0.storedValues() } != same.network.parameters.map { $0.storedValues() })
  }

  /// A loss of the proxy that is not finite ends the run, and nothing has changed.
  @Test func aLossThatIsNotFiniteIsTold() throws {
    let trainer = try run(("arch", "conv(2,3) bn pool(4) relu fc(classes)")).trainer()
    let proxy = try #require(trainer.selection).network
    proxy.parameters.last?.values[0] = .nan
    let before = trainer.state
    #expect(throws: NotFiniteError(.step(1), tensor: "the proxy's loss")) {
      try trainer.takeSteps(1)
    }
    #expect(trainer.state == before)
  }

  @Test(arguments: [
    ([("hardest", "keep=4")], "hardest", "a batch has 4 examples"),
    ([("accumulate", "2")], "hardest", "it selects from one batch a step"),
    ([("proxy", "conv(2,40,padding=valid) fc(classes)")], "proxy", ""),
    ([("groups", "gn bias: lr=0.1")], "groups", ""),
  ])
  func whatDoesNotFitIsRefused(
    _ settings: [(String, String)], _ key: String, _ problem: String
  ) throws {
    var run = try run()
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    let error = #expect(throws: SettingError.self) { try run.trainer() }
    #expect(error?.key == key)
    if !problem.isEmpty { #expect(error?.problem == problem) }
  }
}
