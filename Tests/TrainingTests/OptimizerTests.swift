import Layers
import Networks
import Tensors
import Testing

@testable import Checkpoints
@testable import Training

/// Descends along the signs of the gradients for matrices, and uses AdamW for all other parameters.
private final class SignsOfMatrices: Optimizer {
  static let name = "signs"
  let parameters: OptimizedParameters
  private let matrices: OptimizedParameters
  private let rest: AdamW

  init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.parameters = parameters
    matrices = parameters.filter { $0.parameter.kind == .weight }
    rest = AdamW(
      parameters.filter { $0.parameter.kind != .weight }, configuration: configuration)
  }

  func update(_ step: OptimizerStep, in context: Context) {
    matrices.forEachBlock(in: context) { block in
      for i in 0..<block.count where block.gradient[i] != 0 {
        block.values[i] -= block.gradient[i] > 0 ? step.learningRate : -step.learningRate
      }
    }
    rest.update(step, in: context)
  }
}

@Suite struct OptimizerTests {
  private static let settings = [("lr", "0.01"), ("weight-decay", "0.01")]

  private func run() throws -> SmallRun {
    var run = try SmallRun()
    for (key, value) in Self.settings { try run.configuration.set(key, to: value) }
    return run
  }

  @Test func sgdIsChosenByNameAndLeavesNoTraceInCheckpoints() throws {
    #expect(Optimizers.all.map { $0.name }.contains(SGD.name))
    var configuration = Configuration()
    try configuration.set("opt", to: "sgd")
    #expect(configuration == Configuration() && configuration.text("opt") == nil)
    let error = #expect(throws: SettingError.self) {
      try configuration.set("opt", to: "newton")
    }
    #expect(error?.found == "newton")
  }

  /// After one step m̂/√v̂ is the gradient's sign.
  @Test func adamWMatchesHandComputedValues() throws {
    let parameter = Parameter("p", .vector(count: 3), fanIn: 1)
    parameter.setValues(stored: [1, 2, 3])
    parameter.set(parameter.gradient, stored: [4, -0.5, 8])
    let optimizer = AdamW(
      OptimizedParameters([parameter], .init(learningRateFactor: 0.5, weightDecay: 0.5)),
      configuration: Configuration())
    optimizer.update(
      OptimizerStep(number: 1, learningRate: 0.5), in: Context(threadCount: 1))
    for (found, expected) in zip(
      parameter.storedValues(), [0.875 - 0.25, 1.75 + 0.25, 2.625 - 0.25])
    {
      #expect(abs(Double(found) - expected) < 1e-5)
    }
    #expect(optimizer.parameters.state.map(\.name) == ["optim.p.exp_avg", "optim.p.exp_avg_sq"])
  }

  @Test(arguments: [AdamW.self, SignsOfMatrices.self] as [any Optimizer.Type])
  func anotherOptimizerLearns(_ optimizer: any Optimizer.Type) throws {
    let tiny = try TinyTraining()
    let configuration = try tiny.configuration(["lr": "0.001", "epochs": "8"])
    let start = try tiny.trainer()
    let trainer = try Trainer(
      configuration, network: start.network, data: start.data, context: start.context,
      optimizer: optimizer)
    let before = try trainer.meanLoss(trainer.data.validation)
    while !trainer.isFinished { _ = try trainer.advance() }
    #expect(try trainer.meanLoss(trainer.data.validation) < before / 4)
  }

  @Test func anotherOptimizerResumesToTheBit() throws {
    try resumesToTheBit { threads in
      try run().trainer(threads: threads, optimizer: SignsOfMatrices.self)
    }
  }

  /// Every optimizer, with the settings that give it the most state.
  @Test(
    arguments: [
      ["momentum": "0.9"], ["nesterov": "true", "decoupled-weight-decay": "true"],
      ["opt": "adam", "clip-norm": "0.5"], ["opt": "adamw", "betas": "0.5,0.9"],
      ["opt": "rmsprop", "momentum": "0.5"], ["opt": "lion", "clip-value": "0.01"],
      ["opt": "muon", "nesterov": "true", "muon-rescale": "2+15"],
      ["opt": "muon", "muon-rest": "adamw", "groups": "fc1.weight: muon=yes, momentum=0.5"],
    ])
  func everyOptimizerResumesToTheBit(_ settings: [String: String]) throws {
    var run = try SmallRun()
    run.configuration = try Configuration(
      recipe: run.configuration.resultSettings.filter { $0.key != "momentum" },
      flags: (settings.merging(["lr": "0.01", "weight-decay": "0.01"]) { own, _ in own })
        .map { ($0.key, $0.value) })
    try resumesToTheBit { threads in try run.trainer(threads: threads) }
  }

  /// A run on one thread, against runs that stop and go on with three.
  private func resumesToTheBit(_ trainer: (_ threads: Int) throws -> Trainer) throws {
    let whole = try trainer(1)
    let reports = try whole.takeSteps(15)
    for stop in [0, 1, 7, 15] {
      let first = try trainer(2)
      _ = try first.takeSteps(stop)
      let checkpoint = first.checkpoint(metrics: .empty)
      let bytes = try CheckpointFile.encode(
        tensors: checkpoint.tensors, metadata: checkpoint.metadata)
      let second = try trainer(3)
      _ = try second.restore(CheckpointFile.decode(bytes, path: ""))
      #expect(try second.takeSteps(15 - stop) == Array(reports[stop...]))
      #expect(second.state == whole.state)
    }
  }

  @Test func checkpointsSaveTheSlotsByName() throws {
    func slots(_ optimizer: any Optimizer.Type) throws -> [String] {
      try run().trainer(optimizer: optimizer).checkpoint(metrics: .empty).tensors.map(\.name)
        .filter { $0.hasPrefix("optim.") }
    }
    #expect(
      try slots(SGD.self) == [
        "optim.conv1.bias.momentum_buffer", "optim.conv1.weight.momentum_buffer",
        "optim.fc1.bias.momentum_buffer", "optim.fc1.weight.momentum_buffer",
      ])
    #expect(
      try slots(SignsOfMatrices.self) == [
        "optim.conv1.bias.exp_avg", "optim.conv1.bias.exp_avg_sq", "optim.fc1.bias.exp_avg",
        "optim.fc1.bias.exp_avg_sq",
      ])
    func names(_ settings: (key: String, value: String)...) throws -> [String] {
      var run = try SmallRun()
      for (key, value) in settings { try run.configuration.set(key, to: value) }
      return try run.trainer().step.optimizer.parameters.state.map {
        $0.name.replacing("optim.", with: "")
      }
    }
    #expect(
      try names(("opt", "muon"), ("muon-rest", "adamw")) == [
        "conv1.bias.exp_avg", "fc1.weight.exp_avg", "fc1.bias.exp_avg", "conv1.bias.exp_avg_sq",
        "fc1.weight.exp_avg_sq", "fc1.bias.exp_avg_sq", "conv1.weight.momentum_buffer",
      ])
    #expect(
      try names(("opt", "lion")) == [
        "conv1.weight.exp_avg", "conv1.bias.exp_avg", "fc1.weight.exp_avg", "fc1.bias.exp_avg",
      ])
    #expect(try names(("opt", "rmsprop"), ("momentum", "0")).count == 4)
    #expect(try names(("opt", "rmsprop"), ("momentum", "0.5")).count == 8)
  }
}

@Suite struct ParameterGroupTests {
  private func network() throws -> Sequential {
    try Architecture("conv(2,3) bn relu conv(2,3) fc(classes)").network(
      input: [1, 8, 8, 1], classes: 3)
  }

  private func selected(_ selection: ParameterGroup.Selection) throws -> [String] {
    OptimizedParameters(
      try network(), groups: [ParameterGroup(selection, learningRateFactor: 2)]
    ).entries.filter { $0.hyperparameters.learningRateFactor == 2 }.map(\.parameter.name)
  }

  @Test(
    arguments: [
      (.kind(.weight), ["conv1.weight", "conv2.weight", "fc1.weight"]),
      (.kind(.scale), ["bn1.weight"]),
      (.kind(.bias), ["conv1.bias", "bn1.bias", "conv2.bias", "fc1.bias"]),
      (.layerType("BatchNormalization"), ["bn1.weight", "bn1.bias"]),
      (.named("conv*.weight"), ["conv1.weight", "conv2.weight"]),
      (.named("conv2.*"), ["conv2.weight", "conv2.bias"]),
      (.named("*1*s"), ["conv1.bias", "bn1.bias", "fc1.bias"]),
      (.named("fc1.weight"), ["fc1.weight"]), (.named("fc1"), []), (.named(""), []),
      (.layer("conv"), ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias"]),
      (.layer("conv2"), ["conv2.weight", "conv2.bias"]), (.layer("con"), []),
      (.every([.kind(.bias), .layer("bn")]), ["bn1.bias"]),
      (.every([.kind(.bias), .named("*2*")]), ["conv2.bias"]),
    ] as [(ParameterGroup.Selection, [String])])
  func groupsSelectParameters(_ selection: ParameterGroup.Selection, _ expected: [String]) throws {
    #expect(try selected(selection) == expected)
  }

  @Test func theLaterGroupWinsAndNilLeavesTheEarlier() throws {
    let entries = OptimizedParameters(
      try network(),
      groups: [
        ParameterGroup(.all, weightDecay: 0.5, momentum: 0.9),
        ParameterGroup(.named("fc1.*"), learningRateFactor: 3, momentum: 0),
        ParameterGroup(.kind(.bias), weightDecay: 0),
      ]
    ).entries
    func found(_ name: String) -> Hyperparameters? {
      entries.first { $0.parameter.name == name }?.hyperparameters
    }
    #expect(found("conv1.weight") == Hyperparameters(weightDecay: 0.5, momentum: 0.9))
    #expect(found("conv1.bias") == Hyperparameters(momentum: 0.9))
    #expect(found("fc1.weight") == Hyperparameters(learningRateFactor: 3, weightDecay: 0.5))
    #expect(found("fc1.bias") == Hyperparameters(learningRateFactor: 3))
  }
}
