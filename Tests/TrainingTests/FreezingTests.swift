import Layers
import Networks
import Testing

@testable import Training

/// `--freeze` selects layers, whose parameters training does not change by a bit.
@Suite struct FreezingTests {
  private static let arch = "conv(4,3,bias=no) bn relu pool(4) fc(6) relu fc(classes)"

  private func small(_ settings: (key: String, value: String)...) throws -> SmallRun {
    var run = try SmallRun()
    try run.configuration.set("arch", to: Self.arch)
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    return run
  }

  @Test(arguments: [
    ("all-but-head", ["fc2.weight", "fc2.bias"]),
    ("conv1,bn1", ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]),
    ("fc2", ["conv1.weight", "bn1.weight", "bn1.bias", "fc1.weight", "fc1.bias"]),
    ("bn1", ["conv1.weight", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]),
  ])
  func onlyTheOthersAreTrained(freeze: String, trained: [String]) throws {
    let trainer = try small(
      ("freeze", freeze), ("weight-decay", "0.1"), ("weight-decay-on", "all")
    ).trainer()
    let before = trainer.values
    _ = try trainer.takeSteps(7)
    for (name, values) in trainer.values {
      let isRunning = name.contains("running") && freeze == "fc2"
      let isTrained = trained.contains(name) || isRunning
      #expect((values != before[name]) == isTrained, "\(name)")
    }
    #expect(
      trainer.checkpoint(metrics: .empty).tensors.filter { $0.name.hasPrefix("optim.") }.count
        == trained.count)
  }

  /// Stopped and restored, with the settings in the checkpoint.
  @Test(arguments: ["all-but-head", "conv1,bn1", "bn1"])
  func resumesToTheBit(freeze: String) throws {
    let run = try small(("freeze", freeze))
    let whole = try run.trainer()
    _ = try whole.takeSteps(9)
    let first = try run.trainer()
    _ = try first.takeSteps(4)
    let checkpoint = first.checkpoint(metrics: .empty)
    var second = run
    second.configuration = try checkpoint.configuration()
    #expect(second.configuration.frozenLayers == run.configuration.frozenLayers)
    let resumed = try second.trainer(threads: 2)
    _ = try resumed.restore(checkpoint)
    _ = try resumed.takeSteps(5)
    #expect(resumed.state == whole.state)
  }

  @Test(arguments: [
    (
      "cnv1",
      "--freeze: there is no layer “cnv1” with parameters, did you mean “conv1”? (expected"
        + " all-but-head, or some of conv1, bn1, fc1, fc2)."
    ),
    (
      "conv1,relu1",
      "--freeze: there is no layer “relu1” with parameters (expected all-but-head, or some of"
        + " conv1, bn1, fc1, fc2)."
    ),
    (
      "conv1,bn1,fc1,fc2",
      "--freeze: nothing is left to train (found “conv1,bn1,fc1,fc2”, expected a layer with"
        + " parameters that is not named)."
    ),
  ])
  func namesMustBeLayers(freeze: String, message: String) throws {
    let run = try small(("freeze", freeze))
    do {
      _ = try run.trainer()
      Issue.record("\(freeze) was taken")
    } catch { #expect("\(error)" == message) }
  }

  @Test(arguments: ["", "conv1,", ",", "conv1,,bn1"])
  func emptyNamesAreRefused(freeze: String) throws {
    var configuration = Configuration()
    #expect(throws: SettingError.self) { try configuration.set("freeze", to: freeze) }
    #expect(configuration.frozenLayers == nil)
  }

  /// `hidden` means all weights except the last layer's, whether that weight is trained or not.
  @Test func decayOnHiddenLayersDoesNotDependOnFreezing() throws {
    let run = try small(
      ("freeze", "fc2"), ("weight-decay", "0.1"), ("weight-decay-on", "hidden"))
    let network = try run.trainer().network
    let entries = OptimizedParameters(
      network, groups: try run.configuration.parameterGroups(of: network)
    ).entries
    #expect(
      entries.filter { $0.hyperparameters.weightDecay != 0 }.map(\.parameter.name) == [
        "conv1.weight", "fc1.weight",
      ])
  }

  // MARK: Factors of the learning rate

  /// After one step without momentum, the changes are proportional to the factors, including 0.
  @Test func layersMultiplyTheLearningRate() throws {
    let plain = try small(("momentum", "0")).trainer()
    let factors = try small(("momentum", "0"), ("lr-factor", "conv1=0,fc1=0.5,fc2=2")).trainer()
    let before = plain.values
    #expect(factors.values == before)
    _ = try plain.takeSteps(1)
    _ = try factors.takeSteps(1)
    for (name, start) in before {
      let factor: Float = name.hasPrefix("conv1") ? 0 : name.hasPrefix("fc1") ? 0.5 : 2
      let (once, scaled) = (try #require(plain.values[name]), try #require(factors.values[name]))
      guard name.hasPrefix("conv1") || name.hasPrefix("fc") else {
        #expect(once == scaled, "\(name)")
        continue
      }
      for i in start.indices {
        let change = once[i] - start[i]
        #expect(abs(scaled[i] - start[i] - factor * change) <= 1e-6, "\(name) \(i)")
      }
      #expect((scaled == start) == (factor == 0), "\(name)")
    }
  }

  @Test(
    arguments: [
      (
        "fc3=1", nil,
        "--lr-factor: there is no layer “fc3” with parameters, did you mean “fc1”? (expected some of"
          + " conv1, bn1, fc1, fc2)."
      ),
      (
        "fc1=2", "all-but-head",
        "--lr-factor: fc1 is not trained (found “fc1=2.0”, expected layers that are)."
      ),
    ] as [(String, String?, String)])
  func factorsMustBeOfTrainedLayers(factors: String, freeze: String?, message: String) throws {
    var run = try small(("lr-factor", factors))
    if let freeze { try run.configuration.set("freeze", to: freeze) }
    do {
      _ = try run.trainer()
      Issue.record("\(factors) was taken")
    } catch { #expect("\(error)" == message) }
  }

  @Test(arguments: [
    "", "conv1", "conv1=", "=1", "conv1=-1", "conv1=x", "conv1=1,conv1=2", "conv1=1e99",
  ])
  func factorsMustBeNumbers(text: String) throws {
    var configuration = Configuration()
    #expect(throws: SettingError.self) { try configuration.set("lr-factor", to: text) }
  }

  @Test func recipesAndCheckpointsCarryTheSettings() throws {
    var configuration = Configuration()
    try configuration.set("freeze", to: "conv1,bn1")
    try configuration.set("init-layout", to: "mlx")
    #expect(configuration.yaml.contains("\nfreeze: \"conv1,bn1\"\n"))
    #expect(configuration.yaml.contains("\ninit-layout: mlx\n"))
    #expect(configuration.resultSettings.contains { $0 == ("freeze", "conv1,bn1") })
    var other = configuration
    try other.set("freeze", to: "all-but-head")
    #expect(
      other.differences(from: configuration) == [
        "--freeze was conv1,bn1 and is now all-but-head"
      ])
    #expect(throws: SettingError.self) { try other.set("init-layout", to: "keras") }
    #expect(
      throws: SettingError(
        key: "init-layout", problem: "there is no file of initial values", found: "mlx",
        expected: "it with --init only")
    ) { try Configuration(recipe: [], flags: [("init-layout", "mlx")]) }
  }
}
