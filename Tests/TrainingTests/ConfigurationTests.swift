import Layers
import Testing

@testable import Datasets
@testable import Networks
@testable import Training

@Suite struct ConfigurationTests {
  /// A layer that computes groups, a transposed one and a plain one.
  @Test func convolutionsAreChosenForTheBatch() throws {
    var configuration = Configuration()
    configuration.batchSize = 3
    let network = try Architecture("conv(4,3,groups=1) conv(8,3,groups=2) convt(3,2) fc(classes)")
      .network(input: [1, 8, 8, 1], classes: 2)
    try configuration.chooseConvolutionAlgorithms(of: network)
    #expect(network.layers.compactMap { ($0 as? any ConvolutionLayer)?.batch } == [3, 3, 3])
  }

  @Test func theCoursesRecipeIsTheDefault() throws {
    let configuration = try Configuration(recipe: [], flags: [])
    let expected = [
      "dataset": "mnist", "model": "fer-mnist", "epochs": "8.0", "batch-size": "50", "lr": "0.1",
      "sched": "steps(1:0.1,3:0.01,5:0.001,7:0.0001)", "momentum": "0.0",
      "weight-decay": "0.001", "weight-decay-on": "hidden",
    ]
    for (key, value) in expected { #expect(configuration.text(key) == value, "\(key)") }
    #expect(TrainingData.defaultValidationCount(among: 60_000) == 5_000)
    #expect(TrainingData.defaultValidationCount(among: 4_000) == 400)
  }

  /// The course's exercise on CIFAR-10: batches of 50, a learning rate of 0.05 times 0.75 per
  /// epoch, λ of 1e-4, 10 epochs.
  @Test func theCoursesRecipeForCIFARIsTheDefault() throws {
    let configuration = try Configuration(recipe: [], flags: [("dataset", "cifar10")])
    let expected = [
      "model": "fer-cifar", "epochs": "10.0", "batch-size": "50", "lr": "0.05",
      "sched": "exponential(0.75)", "momentum": "0.0", "weight-decay": "0.0001",
      "weight-decay-on": "hidden", "init-scheme": "pytorch",
    ]
    for (key, value) in expected { #expect(configuration.text(key) == value, "\(key)") }
    #expect(configuration.mean == nil && configuration.std == nil)
    #expect(
      try Configuration(recipe: [], flags: [("dataset", "emnist-letters")]).text("model")
        == "fer-mnist")
  }

  /// A given rate scales the course's schedule; the recorded steps are those of the run.
  @Test(arguments: [0.0, 0.05, 0.1, 0.3, 0.5])
  func aGivenRateScalesTheDefaultSteps(_ rate: Double) throws {
    let configuration = try Configuration(recipe: [], flags: [("lr", "\(rate)")])
    let rates = stride(from: 0, to: 80, by: 10).map {
      configuration.schedule.learningRate(
        base: configuration.learningRate, step: $0, stepsPerEpoch: 10, totalSteps: 80)
    }
    #expect(
      rates == [rate, rate, rate / 10, rate / 10, rate / 100, rate / 100, rate / 1000, rate / 1000])
    let settings = try Recipe(Array(configuration.yaml.utf8), path: "config.yaml").settings
    #expect(try Configuration(recipe: settings, flags: []) == configuration)
  }

  /// Words that YAML takes for something else are quoted.
  @Test(arguments: [
    "null", "Null", "~", "True", "FALSE", "true", "-", "--", "", "a b", "0.1", "1e-3", "a: b", "#",
    "é\n", "\u{7F}", "a\u{85}b", "\u{2028}", "\u{FEFF}",
  ])
  func aTextIsReadAsItWasWritten(text: String) throws {
    let mapping = try YAMLMapping(Array("key: \(Configuration.scalar(text))\n".utf8))
    #expect(mapping.entries.map(\.value.value) == [text])
  }

  /// The recorded rate is the first that the run uses.
  @Test func theFirstGivenStepIsTheRate() throws {
    let steps = try Configuration(recipe: [], flags: [("sched", "steps(1:0.25,3:0.01)")])
    #expect(steps.text("lr") == "0.25")
    let late = try Configuration(
      recipe: [], flags: [("lr", "0.5"), ("sched", "steps(2:0.25)")])
    #expect(late.text("lr") == "0.5")
    let error = #expect(throws: SettingError.self) {
      try Configuration(recipe: [("sched", "steps(1:0.25)")], flags: [("lr", "0.5")])
    }
    #expect(error?.key == "lr" && error?.found == "0.5")
  }

  /// The default network of a folder is known only after reading its images.
  @Test func aFolderTakesTheSizeOfANamedModel() throws {
    let open = try Configuration(recipe: [], flags: [("dataset", "folder"), ("seed", "3")])
    #expect(open.network == nil)
    #expect(open.imageOptions == ImageOptions(side: nil, seed: 3))
    let named = try Configuration(
      recipe: [], flags: [("dataset", "folder"), ("model", "lenet5")])
    #expect(named.imageOptions.side == 28)
    let sized = try Configuration(
      recipe: [], flags: [("dataset", "folder"), ("model", "lenet5"), ("image-size", "40")])
    #expect(sized.imageOptions.side == 40)
  }

  @Test func flagsStandAboveRecipesAboveDefaults() throws {
    let configuration = try Configuration(
      recipe: [("model", "lenet5"), ("lr", "0.5"), ("seed", "4")],
      flags: [("lr", "0.25"), ("dataset", "fashion-mnist")])
    #expect(configuration.text("lr") == "0.25")
    #expect(configuration.text("seed") == "4")
    #expect(configuration.text("model") == "lenet5")
    #expect(configuration.text("dataset") == "fashion-mnist")
  }

  @Test func aNotationTakesTheModelsPlace() throws {
    let configuration = try Configuration(
      recipe: [("model", "lenet5")], flags: [("arch", "fc( classes )")])
    #expect(configuration.text("model") == nil)
    #expect(configuration.text("arch") == "fc(classes)")
  }

  /// All settings are changed: the written configuration reads back as an equal one.
  private static let changed: [(key: String, value: String)] = [
    ("dataset", "folder"), ("image-size", "20"), ("background", "7"), ("skip-unreadable", "true"),
    ("limit-train", "12"), ("limit-test", "13"),
    ("sampler", "weighted"), ("class-weights", "1.0,2.5"),
    ("arch", "conv(4,3,stride=2) relu fc(classes)"),
    ("epochs", "2.5"), ("batch-size", "7"), ("accumulate", "3"),
    ("seed", "18446744073709551615"), ("lr", "0.001"), ("sched", "exponential(0.9)"),
    ("momentum", "0.85"), ("nesterov", "true"), ("weight-decay", "1e-05"),
    ("weight-decay-on", "conv1.weight,fc1.bias"), ("loss", "bce"),
    ("augment", "altflip translate(2,padding=zero) mixup(0.2)"), ("smoothing", "0.125"),
    ("val-split", "11"), ("mean", "-0.5"),
    ("std", "0.25"), ("shuffle", "false"), ("init-scheme", "pytorch"),
    ("freeze", "conv1"), ("lr-factor", "fc1=0.5"), ("init-layout", "mlx"),
    ("conv-algorithm", "conv1=im2row"), ("max-steps", "9"),
    ("decoupled-weight-decay", "true"), ("groups", "bn bias: lr=x64.0, wd=0.0; fc1.*: lr=0.1"),
    ("clip-norm", "2.5"), ("clip-value", "0.5"), ("data-dir", "a: \"b\" #c\n"),
    ("init", "x.safetensors"), ("threads", "3"), ("kernels", "portable"), ("log-every", "5"),
    ("filters-every", "0"), ("tensorboard", "true"), ("checkpoint-every", "10m"), ("warmup", "1.5"),
    ("lookahead", "every=5,decay=0.5,from=2.0"),
    ("proxy", "relu fc(classes)"), ("hardest", "keep=5,every=2"),
    ("ema", "0.999"), ("swa", "3"), ("patience", "4"), ("keep", "best"), ("head-std", "1.5"),
    ("whiten", "100"), ("train-for", "conv1.bias=2.0"), ("image-sizes", "20:1 28:2"),
    ("drop-last", "true"), ("loss-reduction", "sum"), ("tta", "mirror"),
  ]

  @Test func theRecipeReadsBack() throws {
    let configuration = try Configuration(recipe: [], flags: Self.changed)
    let settings = try Recipe(Array(configuration.yaml.utf8), path: "config.yaml").settings
    #expect(try Configuration(recipe: settings, flags: []) == configuration)
    // `arch` excludes `model` and `decoder`, augmentation `overfit-batches`; `opt` and the settings of other optimizers are not written.
    let others = Optimizers.ownSettings.filter { !configuration.reads($0) }
    #expect(settings.count == Configuration.settings.count - 4 - others.count)
    #expect(
      others == ["betas", "eps", "alpha", "muon-rest", "muon-coefficients", "muon-rescale"])
    let untouched = try Configuration(recipe: [], flags: [])
    for (key, _) in Self.changed {
      #expect(configuration.text(key) != untouched.text(key), "\(key) was not changed")
    }
  }

  @Test func onlySomeSettingsMayChangeOnResume() throws {
    let before = try Configuration(recipe: [], flags: [("arch", "fc(classes)")])
    var after = before
    for key in ["epochs", "max-steps", "patience", "threads", "log-every", "filters-every"] {
      try after.set(key, to: "7")
    }
    try after.set("data-dir", to: "elsewhere")
    #expect(after.differences(from: before).isEmpty)
    for (key, value) in [
      ("lr", "7"), ("batch-size", "7"), ("seed", "7"), ("sched", "linear"), ("shuffle", "false"),
      ("mean", "7"), ("arch", "relu fc(classes)"), ("dataset", "kmnist"), ("nesterov", "true"),
      ("conv-algorithm", "direct"), ("loss", "mse"), ("smoothing", "0.5"), ("decoder", "bilinear"),
      ("warmup", "1"), ("lookahead", "every=5,decay=0.5"), ("ema", "0.9"), ("swa", "2"),
      ("keep", "best"), ("proxy", "fc(classes)"), ("hardest", "keep=2"),
    ] {
      var after = before
      try after.set(key, to: value)
      #expect(after.differences(from: before).count == 1, "\(key)")
      #expect(after.differences(from: before).first?.hasPrefix("--\(key) was ") == true)
    }
  }

  /// The names of the parameters with weight decay, all with the same λ.
  private func decayed(_ configuration: Configuration, _ network: Sequential) throws -> [String] {
    var configuration = configuration
    configuration.weightDecay = 0.25
    configuration.momentum = 0.5
    let entries = OptimizedParameters(
      network, groups: try configuration.parameterGroups(of: network)
    ).entries
    for entry in entries {
      let decay = entry.hyperparameters.weightDecay
      #expect(
        entry.hyperparameters == Hyperparameters(weightDecay: decay, momentum: 0.5)
          && (decay == 0.25 || decay == 0))
    }
    return entries.filter { $0.hyperparameters.weightDecay > 0 }.map(\.parameter.name)
  }

  @Test(arguments: [
    ("all", ["conv1.weight", "conv1.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]),
    ("weights", ["conv1.weight", "fc1.weight", "fc2.weight"]),
    ("hidden", ["conv1.weight", "fc1.weight"]),
    ("fc1.bias,conv1.weight", ["conv1.weight", "fc1.bias"]),
  ])
  func decayIsSelectedByGroupOrName(_ text: String, _ expected: [String]) throws {
    let network = try Architecture("conv(2,3) relu fc(4) relu fc(classes)").network(
      input: [1, 5, 5, 1], classes: 3)
    var configuration = Configuration()
    try configuration.set("weight-decay-on", to: text)
    #expect(try decayed(configuration, network) == expected)
  }

  /// Weights are trained matrices: no scale of batch normalization and no frozen filter. The last
  /// one is the last layer's weight, whatever follows it.
  @Test(arguments: [
    ("weights", ["conv2.weight", "fc1.weight"]), ("hidden", ["conv2.weight"]),
    (
      "all",
      [
        "conv1.bias", "bn1.weight", "bn1.bias", "conv2.weight", "bn2.bias", "fc1.weight",
        "bn3.weight", "bn3.bias",
      ]
    ),
    ("bn1.weight,bn2.bias", ["bn1.weight", "bn2.bias"]),
  ])
  func decayIsSelectedBesideBatchNormalization(_ text: String, _ expected: [String]) throws {
    let network = try Architecture(
      "conv(2,2,frozen=yes) bn relu conv(2,3,bias=no) bn(scale=no) fc(classes,bias=no) bn scale(2)"
    ).network(input: [1, 5, 5, 1], classes: 3)
    var configuration = Configuration()
    try configuration.set("weight-decay-on", to: text)
    #expect(try decayed(configuration, network) == expected)
  }

  @Test(arguments: ["conv1.weight", "bn2.weight", "bn1.running_mean"])
  func parametersThatAreNotTrainedCannotDecay(_ name: String) throws {
    let network = try Architecture("conv(2,2,frozen=yes) bn bn(scale=no) fc(classes)").network(
      input: [1, 5, 5, 1], classes: 3)
    var configuration = Configuration()
    try configuration.set("weight-decay-on", to: name)
    let error = #expect(throws: SettingError.self) {
      try configuration.parameterGroups(of: network)
    }
    #expect(error?.found == name)
  }

  @Test func theBestHasMoreCorrectOrEquallyManyAndLessLoss() {
    func best(_ accuracy: Double, _ loss: Double) -> TrainingProgress.Best {
      .init(step: 1, accuracy: accuracy, loss: loss)
    }
    #expect(best(0.1, 9).beats(nil))
    #expect(best(0.6, 9).beats(best(0.5, 1)))
    #expect(best(0.5, 0.5).beats(best(0.5, 1)))
    #expect(!best(0.5, 1).beats(best(0.5, 1)))
    #expect(!best(0.4, 0).beats(best(0.5, 1)))
  }
}
