import Datasets
import Files
import Layers
import Networks
import Tensors

extension Configuration {
  /// All settings, in the order in which files list them.
  public static let settings: [Setting] = [
    .value(
      "dataset", \.dataset, expected: "one of \(Dataset.names.joined(separator: ", "))",
      text: { $0 }, parse: { Dataset.names.contains($0) ? $0 : nil }
    )
    .flag(
      .data, "The data set: a name of `datasets list`, or folder for PNG files.",
      words: { Dataset.names }),
    .integer("image-size", \.imageSize, in: 1...1024)
      .flag(.data, "Width and height to which the images of --dataset folder are resized."),
    Setting(
      "model",
      get: { if case .named(let model)? = $0.network { model.name } else { nil } },
      set: { (configuration, found) throws(SettingError) in
        guard let model = NamedModel.named(found) else {
          let names = NamedModel.all.map(\.name).joined(separator: ", ")
          throw SettingError(key: "model", found: found, expected: "one of \(names)")
        }
        configuration.network = .named(model)
      }
    )
    .flag(
      .network, "A model by name: \(NamedModel.all.map(\.name).joined(separator: ", ")).",
      words: { NamedModel.all.map(\.name) }),
    Setting(
      "arch",
      get: { if case .notation(let layers)? = $0.network { layers.canonical } else { nil } },
      set: { (configuration, found) throws(SettingError) in
        do throws(NotationError) {
          configuration.network = .notation(try Architecture(found))
        } catch {
          throw SettingError(
            key: "arch", problem: "position \(error.position), \(error.layer): \(error.problem)",
            found: nil, expected: error.expected)
        }
      }
    )
    .flag(
      .network, "A network in the course's notation: \"conv(16,5) relu pool(3,2) fc(classes)\".",
      words: { layerWords }),
    .value(
      "decoder", \.decoder,
      expected: "one of \(Decoder.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0?.rawValue }, parse: { Decoder(rawValue: $0).map { .some($0) } }
    )
    .flag(
      .network, "How the decoder of the model autoencoder enlarges images: transposed or bilinear.",
      words: { Decoder.allCases.map(\.rawValue) }),
    .number(
      "epochs", \.epochs, expected: "a number above 0", mayChangeOnResume: true,
      isValid: { $0 > 0 && $0 <= 1e6 }
    )
    .flag(.training, "Passes over the training examples; may be a fraction."),
    .integer("batch-size", \.batchSize, in: 1...65_536)
      .flag(.training, "Examples that go through the network together."),
    .integer("accumulate", \.accumulate, in: 1...65_536)
      .flag(.training, "Batches whose gradients add up to one step."),
    .value(
      "seed", \.seed, expected: "a whole number from 0 to 18446744073709551615",
      text: { "\($0)" }, parse: { UInt64($0) }
    )
    .flag(.training, "The seed of all random numbers."),
    .number("lr", \.learningRate, expected: "a number from 0 up", isValid: { $0 >= 0 })
      .flag(.training, "The learning rate at the start."),
    .value(
      "lr-factor", \.learningRateFactors, expected: LearningRateFactors.forms,
      text: { $0?.description }, parse: { LearningRateFactors($0).map { .some($0) } }
    )
    .flag(
      .training, "Factors of the learning rate by layer: conv1=0.1,fc2=1; 1 for all others.",
      value: "factors"),
    .value(
      "sched", \.schedule, expected: Schedule.forms, text: { $0.description },
      parse: { Schedule($0) }
    )
    .flag(
      .training,
      "How the learning rate changes: constant, cosine, linear, exponential(0.75), steps(1:0.1,3:0.01).",
      words: { ["constant", "cosine", "linear", "exponential(", "steps("] }),
    .value(
      "loss", \.loss,
      expected: "one of \(Loss.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0.rawValue }, parse: { Loss(rawValue: $0) }
    )
    .flag(
      .training, "The loss: \(Loss.allCases.map(\.rawValue).joined(separator: ", ")).",
      words: { Loss.allCases.map(\.rawValue) }),
    .number(
      "smoothing", \.smoothing, expected: "a number from 0 to 1",
      isValid: { $0 >= 0 && $0 <= 1 }
    )
    .flag(.training, "Label smoothing ε: training targets are (1 − ε)·onehot + ε/classes."),
    .value(
      "opt", \.optimizer, expected: "one of \(Optimizers.names)",
      text: { $0 == .sgd ? nil : $0.name }, parse: { OptimizerChoice($0) }
    )
    .flag(
      .training, "The rule of the update: \(Optimizers.names).",
      words: { Optimizers.all.map { $0.name } }),
    .number(
      "momentum", \.momentum, expected: "a number from 0 to below 1",
      isValid: { $0 >= 0 && $0 < 1 }
    )
    .flag(.training, "The momentum."),
    .boolean("nesterov", \.nesterov)
      .flag(.training, "Use Nesterov momentum."),
    .number("weight-decay", \.weightDecay, expected: "a number from 0 up", isValid: { $0 >= 0 })
      .flag(.training, "The weight decay λ."),
    .value(
      "weight-decay-on", \.decaySelection,
      expected: "all, weights, hidden, or parameters such as conv1.weight,fc1.weight",
      text: { $0.text }, parse: { DecaySelection($0) }
    )
    .flag(
      .training,
      "The parameters that decay: all, weights, hidden (all weights but the last layer's), or names.",
      words: { ["all", "weights", "hidden"] }),
    .integer("val-split", \.validationCount, in: 0...1_000_000_000)
      .flag(.data, "Training examples to keep for validation."),
    .integer("limit-train", \.trainingLimit, in: 1...1_000_000_000)
      .flag(.data, "Train on this many of the remaining examples only."),
    .integer("limit-test", \.testLimit, in: 1...1_000_000_000)
      .flag(.data, "Test on this many examples only."),
    .value(
      "sampler", \.sampler,
      expected: "one of \(Sampler.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0.rawValue }, parse: { Sampler(rawValue: $0) }
    )
    .flag(
      .data, "uniform: each example once an epoch; weighted: all classes equally often.",
      words: { Sampler.allCases.map(\.rawValue) }),
    .value(
      "class-weights", \.classWeights, expected: ClassWeights.forms, text: { $0?.description },
      parse: { ClassWeights($0).map { .some($0) } }
    )
    .flag(
      .training, "The weight of each class in the loss: \(ClassWeights.forms).", value: "weights",
      words: { ["auto"] }),
    Setting(
      "augment", get: { $0.augmentation.isEmpty ? nil : $0.augmentation.description },
      set: { (configuration, found) throws(SettingError) in
        do throws(AugmentationError) {
          configuration.augmentation = try Augmentation(found)
        } catch {
          throw SettingError(
            key: "augment", problem: "position \(error.position), \(error.step): \(error.problem)",
            found: nil, expected: error.expected)
        }
      }
    )
    .flag(
      .data, "Random changes of the training images: \"altflip translate(2) cutout(8)\".",
      value: "steps"),
    .numbers(
      "mean", \.mean,
      expected: "a number for all channels or one for each, such as 0.5 or 0.4,0.5,0.4",
      isValid: { Float($0).isFinite }
    )
    .flag(.data, "The mean of each channel, of pixels scaled to 0…1."),
    .numbers(
      "std", \.std, expected: "a number above 0 for all channels or one for each",
      isValid: { Float($0) > 0 && Float($0).isFinite }
    )
    .flag(.data, "The standard deviation of each channel, of pixels scaled to 0…1."),
    .boolean("shuffle", \.shuffles)
      .flag(.data, "Take the examples in the order of the files."),
    .value(
      "freeze", \.frozenLayers, expected: FrozenLayers.forms, text: { $0?.description },
      parse: { FrozenLayers($0).map { .some($0) } }
    )
    .flag(
      .network, "Layers that keep their values: \(FrozenLayers.forms).", value: "layers",
      words: { ["all-but-head"] }),
    .value(
      "init-scheme", \.initialization,
      expected: "one of \(Initialization.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0.rawValue }, parse: { Initialization(rawValue: $0) }
    )
    .flag(
      .network, "How initial values are drawn: he (for ReLU) or pytorch (as its layers do).",
      words: { Initialization.allCases.map(\.rawValue) }),
    Setting(
      "conv-algorithm", get: { $0.convolutionAlgorithms.description },
      set: { (configuration, found) throws(SettingError) in
        do throws(ConvolutionChoiceError) {
          configuration.convolutionAlgorithms = try ConvolutionChoice(found)
        } catch { throw SettingError(error) }
      }
    )
    .flag(
      .network, "The algorithm of convolutions: \(ConvolutionChoice.forms).", value: "choice",
      words: { ["auto", "winograd", "winograd-rows", "direct", "im2row", "circulant"] }),

    .text("data-dir", \.dataDirectory)
      .flag(.data, "The only folder in which to look for the files of the data set."),
    .text("init", \.initialValues)
      .flag(.network, "Initial values: a safetensors file with PyTorch's names."),
    .value(
      "init-layout", \.initialLayout,
      expected: "one of \(WeightLayout.allCases.map(\.rawValue).joined(separator: ", "))",
      changesResults: false, text: { $0?.rawValue },
      parse: { WeightLayout(rawValue: $0).map { .some($0) } }
    )
    .flag(
      .network, "The layout of that file's weights, recognized by its shapes unless given.",
      value: "layout", words: { WeightLayout.allCases.map(\.rawValue) }),
    .integer("max-steps", \.maxSteps, in: 1...1_000_000_000, changesResults: false)
      .flag(.training, "Stop after this many steps; the learning rates stay those of --epochs."),
    .integer("threads", \.threads, in: 1...256, changesResults: false)
      .flag(.execution, "Threads."),
    .value(
      "kernels", \.kernelSet,
      expected: "one of \(KernelSet.available.map(\.rawValue).joined(separator: ", ")) here",
      changesResults: false, text: { $0?.rawValue },
      parse: { text in KernelSet.available.first { $0.rawValue == text }.map { .some($0) } }
    )
    .flag(
      .execution, "The instruction set: avx512, avx2, neon or portable.",
      words: { KernelSet.available.map(\.rawValue) }),
    .integer("log-every", \.logEvery, in: 1...1_000_000, changesResults: false)
      .flag(.execution, "Steps between lines of progress."),
    .integer("filters-every", \.filtersEvery, in: 0...1_000_000, changesResults: false)
      .flag(.execution, "Epochs between images of filters and reconstructions; 0 for none."),
  ]

  /// The words of layers in the course's notation, for shell completion.
  private static var layerWords: [String] { Architecture.completionWords }

  /// The setting called `key`.
  public static func setting(_ key: String) -> Setting? { settings.first { $0.key == key } }

  /// Sets `key` from its text.
  public mutating func set(_ key: String, to value: String) throws(SettingError) {
    guard let setting = Self.setting(key) else {
      throw SettingError(
        key: key, found: value,
        expected: "one of the settings \(Self.settings.map(\.key).joined(separator: ", "))")
    }
    try setting.set(&self, value)
  }

  /// The text of the setting `key`; nil if it is not set.
  public func text(_ key: String) -> String? { Self.setting(key)?.get(self) }

  /// The settings that results depend on, for checkpoints.
  public var resultSettings: [(key: String, value: String)] {
    Self.settings.filter(\.changesResults).compactMap { setting in
      setting.get(self).map { (setting.key, $0) }
    }
  }

  /// The settings that a resumed run changed although it must not.
  public func differences(from run: Configuration) -> [String] {
    Self.settings.filter { !$0.mayChangeOnResume }.compactMap { setting in
      let (old, new) = (setting.get(run), setting.get(self))
      guard old != new else { return nil }
      return "--\(setting.key) was \(old ?? "not given") and is now \(new ?? "not given")"
    }
  }
}

extension Configuration.DecaySelection {
  var text: String {
    switch self {
    case .all: "all"
    case .weights: "weights"
    case .hidden: "hidden"
    case .named(let names): names.joined(separator: ",")
    }
  }

  init?(_ text: String) {
    switch text {
    case "all": self = .all
    case "weights": self = .weights
    case "hidden": self = .hidden
    default:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ $0.contains(".") }) else { return nil }
      self = .named(names)
    }
  }
}
