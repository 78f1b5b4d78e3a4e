import Layers
import Networks
import Testing

@testable import Training

@Suite struct GroupSettingsTests {
  private let network: Sequential

  init() throws {
    network = try Architecture("conv(2,3) bn relu conv(2,3,frozen=yes) fc(classes)").network(
      input: [1, 8, 8, 1], classes: 3)
  }

  private func hyperparameters(
    _ settings: (key: String, value: String)...
  ) throws -> [String: Hyperparameters] {
    let configuration = try Configuration(recipe: [], flags: settings)
    return Dictionary(
      uniqueKeysWithValues: OptimizedParameters(
        network, groups: try configuration.parameterGroups(of: network)
      ).entries.map { ($0.parameter.name, $0.hyperparameters) })
  }

  /// The factor 0.25 is 0.125/0.5. The last group that names a value gives it.
  @Test func groupsReplaceTheOtherSettings() throws {
    let found = try hyperparameters(
      ("lr", "0.5"), ("momentum", "0.75"), ("weight-decay", "0.25"), ("lr-factor", "fc1=3,bn1=7"),
      ("groups", "bn bias: lr=x64, wd=0.5; fc1.*: lr=0.125, wd=0; fc bias : momentum=0"))
    #expect(
      found == [
        "conv1.weight": Hyperparameters(weightDecay: 0.25, momentum: 0.75),
        "conv1.bias": Hyperparameters(momentum: 0.75),
        "conv2.bias": Hyperparameters(momentum: 0.75),
        "bn1.weight": Hyperparameters(learningRateFactor: 7, momentum: 0.75),
        "bn1.bias": Hyperparameters(learningRateFactor: 64, weightDecay: 0.5, momentum: 0.75),
        "fc1.weight": Hyperparameters(learningRateFactor: 0.25, momentum: 0.75),
        "fc1.bias": Hyperparameters(learningRateFactor: 0.25, momentum: 0),
      ])
    // The notation freezes filters, not their bias.
    #expect(found["conv2.weight"] == nil)
  }

  @Test(arguments: [
    ("all:momentum=0.5", "all: momentum=0.5"),
    (" bn  bias :lr = x64,wd=0 ;fc1.*: lr=0.1", "bn bias: lr=x64.0, wd=0.0; fc1.*: lr=0.1"),
    ("weight: muon=yes;conv1: muon=no", "weight: muon=yes; conv1: muon=no"),
    (
      "conv1.bias: sched=linear(until=3, floor=0.1), wd=0; fc: sched=steps(1:0.1,3:0)",
      "conv1.bias: wd=0.0, sched=linear(until=3.0,floor=0.1); fc: sched=steps(1:0.1,3:0.0)"
    ),
    (
      "conv1.bias: lr=x2,sched=steps( 1:0.1,3:0.01 )",
      "conv1.bias: lr=x2.0, sched=steps(1:0.1,3:0.01)"
    ),
    ("scale: wd=1e-3, momentum=0.5, lr=x0", "scale: lr=x0.0, wd=0.001, momentum=0.5"),
  ])
  func theTextReadsBack(_ text: String, _ canonical: String) throws {
    var configuration = Configuration()
    try configuration.set("groups", to: text)
    #expect(configuration.text("groups") == canonical)
    #expect(try GroupSettings(canonical) == configuration.groups)
    let recipe = try Recipe(Array("groups: \"\(canonical)\"\n".utf8), path: "recipe.yaml")
    #expect(recipe.settings.map { $0.value } == [canonical])
  }

  @Test(arguments: [
    ("", "a group is a selection, a colon and values (found “”, …"),
    ("bn", "a group is a selection, a colon and values (found “bn”, …"),
    (": wd=1", "a group is a selection, a colon and values (found “: wd=1”, …"),
    ("bn: wd=1;", "a group is a selection, a colon and values (found “”, …"),
    ("bn: fc: wd=1", "a group is a selection, a colon and values (found “bn: fc: wd=1”, …"),
    (
      "bn:",
      "no value (found “”, expected lr=0.1 or lr=x2, wd=0.01, momentum=0.9, sched=linear, "
        + "or muon=yes)."
    ),
    ("bn: sched=linear(until=0)", "no value (found “sched=linear(until=0)”, …"),
    ("bn: sched=plateau", "no value (found “sched=plateau”, …"),
    ("bn: sched=linear(until=3", "no value (found “sched=linear(until=3”, …"),
    ("bn: sched=slow", "no value (found “sched=slow”, …"),
    ("bn: rate=1", "no value (found “rate=1”, …"), ("bn: lr=2x", "no value (found “lr=2x”, …"),
    ("bn: lr=-1", "no value (found “lr=-1”, …"), ("bn: momentum=1", "no value (found “mome…"),
    ("bn: wd=nan", "no value (found “wd=nan”, …"), ("bn: muon=1", "no value (found “muon=1”, …"),
    ("bn: wd=1, wd=2", "wd stands twice in a group (found “bn: wd=1, wd=2”, …"),
  ])
  func mistakesAreRefused(_ text: String, _ message: String) throws {
    var configuration = Configuration()
    let error = #expect(throws: SettingError.self) {
      try configuration.set("groups", to: text)
    }
    let found = error?.description ?? ""
    let expected = "--groups: \(message)"
    if expected.hasSuffix("…") {
      #expect(found.hasPrefix(expected.dropLast()), "\(found)")
    } else {
      #expect(found == expected)
    }
  }

  @Test func aGroupMayHaveItsOwnSchedule() throws {
    let found = try hyperparameters(
      ("momentum", "0"), ("groups", "all: sched=constant; conv1.bias: sched=linear(until=0.2)"))
    #expect(found["conv1.bias"] == Hyperparameters(schedule: Schedule("linear(until=0.2)")))
    #expect(found["fc1.weight"] == Hyperparameters(schedule: .constant))
  }

  @Test func aGroupThatSelectsNothingIsRefused() throws {
    for (groups, problem) in [
      ("bn scales: wd=1", "“bn scales” selects no trained parameter"),
      ("conv3: wd=1", "“conv3” selects no trained parameter, did you mean “conv”?"),
      ("bias: wd=1; conv2.weight: wd=1", "“conv2.weight” selects no trained parameter"),
      ("fc scale: wd=1", "“fc scale” selects no trained parameter"),
    ] {
      let error = #expect(throws: SettingError.self) {
        try hyperparameters(("groups", groups))
      }
      #expect(error?.problem.hasPrefix(problem) == true, "\(error?.problem ?? "")")
      #expect(
        error?.expected == "all, weight, bias, scale, or some of conv1.weight, conv1.bias, "
          + "bn1.weight, bn1.bias, conv2.bias, fc1.weight, fc1.bias")
    }
  }

  @Test func ratesAndMatricesMustFit() throws {
    let rate = #expect(throws: SettingError.self) {
      try hyperparameters(("lr", "0"), ("groups", "bn: lr=0.1"))
    }
    #expect(rate?.problem == "a rate is reached from --lr, which is 0.0")
    let vector = #expect(throws: SettingError.self) {
      try hyperparameters(("opt", "muon"), ("groups", "fc1: muon=yes"))
    }
    #expect(vector?.problem == "“fc1” selects fc1.bias, which is no matrix")
  }
}

@Suite struct OptimizerSettingTests {
  private func configuration(
    recipe: [(key: String, value: String)] = [], _ flags: (key: String, value: String)...
  ) throws -> Configuration {
    try Configuration(recipe: recipe, flags: flags)
  }

  @Test(arguments: [
    ("adam", "momentum", "0.5", "sgd, rmsprop or muon"),
    ("lion", "nesterov", "true", "sgd or muon"),
    ("rmsprop", "betas", "0.5,0.9", "adam, adamw or lion"),
    ("lion", "eps", "1e-6", "adam, adamw or rmsprop"), ("sgd", "alpha", "0.9", "rmsprop"),
    ("adamw", "decoupled-weight-decay", "true", "sgd or muon"),
    ("sgd", "muon-rest", "adamw", "muon"), ("adam", "muon-rescale", "2", "muon"),
    ("sgd", "muon-coefficients", "3,-4,2", "muon"),
    ("muon", "betas", "0.5,0.9", "adam, adamw or lion"),
  ])
  func anotherOptimizersSettingIsRefused(
    _ optimizer: String, _ key: String, _ value: String, _ others: String
  ) throws {
    for inRecipe in [false, true] {
      let settings = [("opt", optimizer), (key, value)]
      let error = #expect(throws: SettingError.self) {
        try Configuration(recipe: inRecipe ? settings : [], flags: inRecipe ? [] : settings)
      }
      #expect(error?.key == key && error?.problem == "\(optimizer) does not read it")
      #expect(error?.expected == "it with --opt \(others) only")
    }
  }

  @Test func groupsOfAnotherOptimizerAreRefused() throws {
    let momentum = #expect(throws: SettingError.self) {
      try configuration(("opt", "adam"), ("groups", "all: momentum=0.5"))
    }
    #expect(momentum?.problem == "adam does not read a momentum")
    let muon = #expect(throws: SettingError.self) {
      try configuration(("groups", "weight: muon=no"))
    }
    #expect(muon?.problem == "sgd has no matrices of Muon")
  }

  /// The flag `--opt` replaces the optimizer of a recipe with everything that belongs to it.
  @Test func aFlagReplacesTheOptimizerOfARecipe() throws {
    let recipe = [("momentum", "0.85"), ("nesterov", "true"), ("lr", "0.5")]
    let adam = try configuration(recipe: recipe, ("opt", "adam"))
    #expect(adam.text("momentum") == nil && adam.text("nesterov") == nil)
    #expect(adam.text("lr") == "0.5")
    #expect(throws: SettingError.self) {
      try configuration(recipe: recipe, ("opt", "adam"), ("momentum", "0.5"))
    }
  }

  @Test func optimizersHaveTheirOwnDefaults() throws {
    for (optimizer, rate, momentum) in [
      ("sgd", "0.02", "0.9"), ("adam", "0.001", nil), ("adamw", "0.001", nil),
      ("rmsprop", "0.001", "0.0"), ("lion", "0.0001", nil), ("muon", "0.02", "0.9"),
    ] as [(String, String, String?)] {
      let found = try configuration(("opt", optimizer), ("arch", "fc(classes)"))
      #expect(found.text("lr") == rate && found.text("momentum") == momentum, "\(optimizer)")
      #expect(try configuration(("opt", optimizer), ("lr", "0.5")).text("lr") == "0.5")
    }
    // The course's steps start at the optimizer's rate.
    let course = try configuration(("opt", "adam"), ("model", "fer-mnist"))
    #expect(course.text("lr") == "0.001")
    #expect(course.schedule.learningRate(base: 1, step: 2, stepsPerEpoch: 1, totalSteps: 8) == 1e-4)
    #expect(try configuration(("model", "fer-mnist")).text("lr") == "0.1")
  }

  /// Momentum may come from a group alone.
  @Test func nesterovNeedsSomeMomentum() throws {
    _ = try configuration(
      ("momentum", "0"), ("nesterov", "true"), ("groups", "fc: momentum=0.9"))
    #expect(throws: SettingError.self) {
      try configuration(("momentum", "0"), ("nesterov", "true"), ("groups", "fc: momentum=0"))
    }
  }

  @Test(arguments: [
    ("betas", "0.9"), ("betas", "0.9,1"), ("betas", "0.9,0.9,0.9"), ("betas", "0.9,"),
    ("betas", "a,b"), ("eps", "0"), ("eps", "1e-60"), ("eps", "1,2"), ("alpha", "1"),
    ("alpha", "-0.1"),
    ("muon-rest", "muon"), ("muon-coefficients", "1,2"), ("muon-coefficients", "1,2,inf"),
    ("muon-rescale", "0"), ("clip-norm", "0"), ("clip-norm", "-1"), ("clip-value", "0"),
    ("clip-value", "nan"), ("momentum", "1"), ("nesterov", "perhaps"),
  ])
  func invalidValuesAreRefused(_ key: String, _ value: String) {
    var configuration = Configuration()
    let error = #expect(throws: SettingError.self) { try configuration.set(key, to: value) }
    #expect(error?.found == value && error?.key == key)
  }

  /// Files leave out what has its default, so earlier files stay as they are.
  @Test func defaultsLeaveNoTrace() throws {
    let keys = Set(Configuration().resultSettings.map(\.key))
    #expect(keys.isSuperset(of: ["momentum", "nesterov"]))
    #expect(
      keys.isDisjoint(with: [
        "betas", "eps", "alpha", "muon-rest", "muon-coefficients", "muon-rescale", "groups",
        "clip-norm", "clip-value", "decoupled-weight-decay", "opt",
      ]))
  }
}
