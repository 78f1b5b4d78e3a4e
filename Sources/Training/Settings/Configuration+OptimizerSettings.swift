import Datasets

extension Configuration {
  /// The settings of the update and the learning rate.
  static let optimizerSettings: [Setting] = [
    .number("lr", \.learningRate, expected: "a number from 0 up", isValid: { $0 >= 0 })
      .flag(.training, "The learning rate at the start."),
    .value(
      "lr-factor", \.learningRateFactors, expected: LearningRateFactors.forms,
      text: { $0?.description }, parse: { LearningRateFactors($0).map { .some($0) } }
    )
    .flag(
      .training, "Factors of the learning rate by layer: conv1=0.1,fc2=1; 1 for all others.",
      value: "factors"),
    Setting(
      "sched", get: { $0.schedule.description },
      set: { (configuration, found) throws(SettingError) in
        guard let schedule = Schedule(found) else {
          throw SettingError(
            key: "sched", found: found, expected: Schedule.expected(insteadOf: found))
        }
        configuration.schedule = schedule
      }
    )
    .flag(
      .training, "How the learning rate changes: \(Schedule.forms).", value: "schedule",
      words: { Schedule.types.map { $0.hasDefaults ? $0.word : "\($0.word)(" } }),
    .value(
      "warmup", \.warmup, expected: StepSpan.forms, text: { $0?.description },
      parse: { StepSpan($0).map { .some($0) } }
    )
    .flag(
      .training, "Epochs, or steps as in 100steps, in which the learning rate rises to its start.",
      value: "length"),
    .value(
      "opt", \.optimizer, expected: "one of \(Optimizers.names)",
      text: { $0 == .sgd ? nil : $0.name }, parse: { OptimizerChoice($0) }
    )
    .flag(
      .training, "The rule of the update: \(Optimizers.names).",
      words: { Optimizers.all.map { $0.name } }),
    Setting(
      "momentum", get: { $0.reads("momentum") ? "\($0.momentum)" : nil },
      set: { (configuration, found) throws(SettingError) in
        guard let momentum = Double(found), momentum >= 0, momentum < 1 else {
          throw SettingError(
            key: "momentum", found: found, expected: "a number from 0 to below 1")
        }
        configuration.momentum = momentum
      }
    )
    .flag(.training, "The momentum."),
    Setting(
      "nesterov", get: { $0.reads("nesterov") ? "\($0.nesterov)" : nil },
      set: Setting.boolean("nesterov", \.nesterov).set
    )
    .switchFlag(.training, "Use Nesterov momentum."),
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
  ]
}
