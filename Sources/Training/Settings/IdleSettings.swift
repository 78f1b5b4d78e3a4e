import Datasets
import Layers

/// Finds the given settings that change nothing in a run, so that none is ignored in silence.
///
/// A setting counts as given if the run would have another value without it. A contradiction, such as
/// Nesterov's rule without momentum, is an error elsewhere; here are settings that do no harm.
public struct IdleSettings {
  private let trainer: Trainer
  /// The keys of the given settings.
  private let given: Set<String>
  /// The run's configuration if a key had not been given; nil if another setting needs it.
  private let without: (_ key: String) -> Configuration?
  private let testCount: Int
  /// True if the background shows through an image.
  private let isTransparent: Bool
  /// True if files were left out because they cannot be read.
  private let leavesFilesOut: Bool
  private let showsLines: Bool
  private let loadsAllValues: Bool
  private let trainedBefore: Int

  /// - Parameters:
  ///   - trainer: of the run, before its first step.
  ///   - recipe: the settings of the recipe.
  ///   - flags: the settings of the command line.
  ///   - loaded: the training data.
  ///   - test: the test data, before `limit-test`.
  ///   - showsLines: whether progress is shown as lines, which `log-every` counts.
  ///   - loadsAllValues: whether every initial value came from the file of `init`.
  ///   - trainedBefore: the number of trained parameters before `freeze`.
  public init(
    of trainer: Trainer, recipe: [(key: String, value: String)],
    flags: [(key: String, value: String)], loaded: LoadedSplit, test: LoadedSplit,
    showsLines: Bool, loadsAllValues: Bool, trainedBefore: Int
  ) {
    self.trainer = trainer
    given = Set((recipe + flags).map(\.key))
    without = { key in
      try? Configuration(
        recipe: recipe.filter { $0.key != key }, flags: flags.filter { $0.key != key },
        data: loaded)
    }
    (testCount, isTransparent, leavesFilesOut) = Self.facts(loaded, test)
    self.showsLines = showsLines
    self.loadsAllValues = loadsAllValues
    self.trainedBefore = trainedBefore
  }

  /// The idle settings of a resumed run, which has the settings of `before` unless they are given.
  ///
  /// - `trainer`: with the state of the checkpoint.
  /// - `loaded`: the training data.
  /// - `test`: the test data.
  public init(
    ofResumed trainer: Trainer, given: [(key: String, value: String)], before: Configuration,
    loaded: LoadedSplit, test: LoadedSplit, showsLines: Bool
  ) {
    self.trainer = trainer
    self.given = Set(given.map(\.key))
    without = { key in
      var configuration = before
      for (other, value) in given where other != key { try? configuration.set(other, to: value) }
      return configuration
    }
    (testCount, isTransparent, leavesFilesOut) = Self.facts(loaded, test)
    self.showsLines = showsLines
    loadsAllValues = false
    trainedBefore = trainer.network.trainedParameters.count
  }

  private static func facts(_ loaded: LoadedSplit, _ test: LoadedSplit) -> (Int, Bool, Bool) {
    (
      test.images.count, loaded.isTransparent || test.isTransparent,
      loaded.leavesFilesOut || test.leavesFilesOut
    )
  }

  /// A sentence for each given setting that changes nothing, in the order of the settings.
  public var notices: [String] {
    Configuration.settings.compactMap { setting in
      guard given.contains(setting.key), let without = without(setting.key),
        setting.get(without) != setting.get(trainer.configuration),
        let reason = reason(setting.key, without)
      else { return nil }
      return "--\(setting.flagName) changes nothing in this run: \(reason)."
    }
  }

  /// Why the setting called `key` changes nothing; nil if it does.
  ///
  /// - Parameter without: the configuration without the setting.
  private func reason(_ key: String, _ without: Configuration) -> String? {
    if trainer.configuration.overfitBatches != nil, ["limit-test", "tta"].contains(key) {
      return "--overfit-batches does not test"
    }
    return switch key {
    case "lr-factor", "weight-decay", "weight-decay-on", "freeze": parameterReason(key)
    case "groups", "momentum", "decoupled-weight-decay", "muon-rest":
      optimizerReason(key, without)
    case "batch-size", "accumulate", "limit-train", "limit-test": countReason(key, without)
    case "epochs", "max-steps", "sched", "warmup": lengthReason(key, without)
    case "swa", "patience": epochReason(key)
    case "train-for", "image-sizes", "drop-last": phaseReason(key)
    case "class-weights":
      Set(
        trainer.configuration.classWeights?.values(counts: trainer.data.trainingCounts) ?? []
      ).count == 1 ? "all classes weigh the same" : nil
    case "whiten":
      trainer.configuration.initialValues == nil ? nil : "--init gives the first convolution"
    case "init-scheme", "head-std":
      loadsAllValues ? "--init gives all initial values" : nil
    case "background": isTransparent ? nil : "no image has transparent pixels"
    case "skip-unreadable": leavesFilesOut ? nil : "every file can be read"
    case "seed": drawsNothing ? "nothing in it is drawn at random" : nil
    case "log-every":
      showsLines ? nil : "progress is not shown as lines, as with --progress plain"
    case "checkpoint-every": checkpointReason
    case "conv-algorithm":
      trainer.network.layers.contains { $0 is any ConvolutionLayer }
        ? nil : "the network has no convolutions"
    case "filters-every":
      trainer.configuration.filtersEvery == 0 || trainer.network.isAutoencoder
        || trainer.network.layers.contains { $0 is Convolution2D }
        ? nil : "the network has no filters to draw"
    default: nil
    }
  }

  /// True if no random number is drawn from the seed.
  private var drawsNothing: Bool {
    let configuration = trainer.configuration
    return loadsAllValues && !configuration.shuffles && configuration.sampler == .uniform
      && configuration.augmentation.isEmpty && trainer.data.validation.isEmpty
      && configuration.trainingLimit == nil && configuration.testLimit == nil
      && configuration.dataset != Dataset.imagesName
      && !trainer.network.layers.contains { $0 is any DroppingLayer }
  }

  /// Why no checkpoint is saved within an epoch.
  private var checkpointReason: String? {
    guard case .steps(let count)? = trainer.configuration.checkpointInterval else { return nil }
    if count >= trainer.totalSteps { return "the run has \(stepsText(trainer.totalSteps))" }
    return count % trainer.stepsPerEpoch == 0
      ? "each epoch, of \(trainer.stepsPerEpoch) steps, ends with a checkpoint" : nil
  }

  private func parameterReason(_ key: String) -> String? {
    let configuration = trainer.configuration
    switch key {
    case "freeze":
      return trainer.network.trainedParameters.count == trainedBefore
        ? "the network's notation freezes these layers already" : nil
    case "weight-decay-on" where configuration.weightDecay == 0: return "the weight decay is 0"
    case "lr-factor":
      let groups = (try? configuration.learningRateFactors?.groups(of: trainer.network)) ?? []
      return groups.allSatisfy { $0.learningRateFactor == 1 } ? "all factors are 1" : nil
    default:
      let decays = trainer.optimizer.parameters.entries.contains {
        $0.hyperparameters.weightDecay > 0
      }
      return decays || configuration.weightDecay == 0
        ? nil
        : "--weight-decay-on \(configuration.decaySelection.text) selects no trained parameter"
    }
  }

  /// - Parameter without: the configuration without the setting.
  private func optimizerReason(_ key: String, _ without: Configuration) -> String? {
    let entries = trainer.optimizer.parameters.entries
    switch key {
    case "decoupled-weight-decay":
      return entries.allSatisfy { $0.hyperparameters.weightDecay == 0 }
        ? "the weight decay is 0" : nil
    case "muon-rest":
      return entries.allSatisfy(\.hyperparameters.usesMuon) ? "Muon updates all parameters" : nil
    default:
      guard let groups = try? without.parameterGroups(of: trainer.network) else { return nil }
      let others = OptimizedParameters(trainer.network, groups: groups).entries
      guard entries.map(\.hyperparameters) == others.map(\.hyperparameters) else { return nil }
      return key == "groups"
        ? "all parameters have these values without it"
        : "--groups gives the momentum of all parameters"
    }
  }

  private func countReason(_ key: String, _ without: Configuration) -> String? {
    let configuration = trainer.configuration
    let count = trainer.data.training.count
    switch key {
    case "batch-size":
      return min(configuration.batchSize, without.batchSize) >= count
        && configuration.accumulate == 1
        ? "every step takes all \(count) training examples" : nil
    case "accumulate":
      return configuration.batchSize >= count
        ? "one batch has all \(count) training examples" : nil
    case "limit-train":
      let available = trainer.data.images.count - trainer.data.validation.count
      return count == available ? "there are \(available) examples to train on" : nil
    default:
      return configuration.testLimit ?? 0 >= testCount
        ? "there are \(testCount) examples to test with" : nil
    }
  }

  private func epochReason(_ key: String) -> String? {
    let configuration = trainer.configuration
    let epochs = trainer.totalSteps / trainer.stepsPerEpoch
    if key == "swa", let epoch = configuration.swaEpoch, epoch > epochs {
      return "the run ends before epoch \(epoch) does"
    }
    if key == "patience", let patience = configuration.patience,
      trainer.totalSteps <= (patience + 1) * trainer.stepsPerEpoch
    {
      return "the run ends before \(patience) epochs without a better validation"
    }
    return nil
  }

  private func phaseReason(_ key: String) -> String? {
    let configuration = trainer.configuration
    switch key {
    case "train-for":
      let last = TrainingPhase(
        after: trainer.totalSteps - 1, stepsPerEpoch: trainer.stepsPerEpoch, configuration)
      return last.frozen.isEmpty ? "the run ends before" : nil
    case "image-sizes":
      let height = trainer.network.inputShape[1]
      return configuration.imageSizes?.sides.allSatisfy { $0 == height } ?? false
        ? "the images have this size" : nil
    default:
      return trainer.data.training.count % trainer.stepSize == 0
        ? "every step has \(trainer.stepSize) examples" : nil
    }
  }

  private func lengthReason(_ key: String, _ without: Configuration) -> String? {
    let configuration = trainer.configuration
    let maximum = configuration.maxSteps ?? Int.max
    switch key {
    case "max-steps":
      return maximum >= trainer.plannedSteps
        ? "all epochs have \(stepsText(trainer.plannedSteps))" : nil
    case "epochs":
      let planned = Double(trainer.stepsPerEpoch) * min(configuration.epochs, without.epochs)
      return Double(maximum) <= planned.rounded() && !configuration.schedule.dependsOnLength
        && configuration.lookahead?.power ?? 0 == 0
        ? "--max-steps ends it before, and the schedule does not depend on the epochs" : nil
    case "warmup":
      return configuration.warmup?.steps(perEpoch: trainer.stepsPerEpoch) == 0
        ? "it is shorter than half a step" : nil
    default:
      // The first validation sets the best value; a reduction needs a step after it.
      if let plateau = configuration.schedule.plateau,
        trainer.totalSteps <= (plateau.patience + 2) * trainer.stepsPerEpoch
      {
        return "the run ends before its patience of \(plateau.patience) epochs"
      }
      guard let steps = configuration.schedule.steps else { return nil }
      let last = (trainer.totalSteps + trainer.stepsPerEpoch - 1) / trainer.stepsPerEpoch
      return steps.allSatisfy { $0.from > last && last > 0 }
        ? "its first step, in epoch \(steps.first?.from ?? 0), comes after the end" : nil
    }
  }
}
