extension Configuration {
  /// The settings that some optimizers read, groups of parameters, and clipping.
  static let updateSettings: [Setting] = [
    Setting(
      "decoupled-weight-decay", get: { $0.decoupledWeightDecay ? "true" : nil },
      set: Setting.boolean("decoupled-weight-decay", \.decoupledWeightDecay).set
    )
    .switchFlag(.training, "Let SGD's weight decay bypass the momentum, as AdamW's does."),
    .value(
      "betas", \.betas, expected: "two numbers from 0 to below 1, such as 0.9,0.999",
      text: { $0.map { list($0) } },
      parse: { text in numbers(text, count: 2) { $0 >= 0 && $0 < 1 }.map { .some($0) } }
    )
    .flag(
      .training, "β₁,β₂ of Adam and AdamW (0.9,0.999 unless given) and of Lion (0.9,0.99).",
      value: "numbers"),
    .value(
      "eps", \.epsilon, expected: "a number above 0", text: { $0.map { "\($0)" } },
      parse: { text in numbers(text, count: 1) { Float($0) > 0 }.map { .some($0[0]) } }
    )
    .flag(.training, "ε of Adam, AdamW and RMSprop; 1e-08 unless given."),
    .value(
      "alpha", \.alpha, expected: "a number from 0 to below 1", text: { $0.map { "\($0)" } },
      parse: { text in numbers(text, count: 1) { $0 >= 0 && $0 < 1 }.map { .some($0[0]) } }
    )
    .flag(.training, "α of RMSprop, the decay of its average of squares; 0.99 unless given."),
    .value(
      "muon-rest", \.muonRest, expected: "sgd or adamw",
      text: { $0 == .sgd ? nil : $0.name },
      parse: { ["sgd", "adamw"].contains($0) ? OptimizerChoice($0) : nil }
    )
    .flag(
      .training, "The optimizer of the parameters that Muon leaves: sgd (unless given) or adamw.",
      value: "optimizer", words: { ["sgd", "adamw"] }),
    .value(
      "muon-coefficients", \.muonCoefficients,
      expected: "three numbers, such as 3.4445,-4.775,2.0315", text: { $0.map { list($0) } },
      parse: { text in numbers(text, count: 3) { Float($0).isFinite }.map { .some($0) } }
    )
    .flag(
      .training, "a,b,c of Muon's Newton–Schulz steps; 3.4445,-4.775,2.0315 unless given.",
      value: "numbers"),
    .value(
      "muon-rescale", \.muonRescaling, expected: MuonRescaling.forms,
      text: { $0 == Configuration().muonRescaling ? nil : $0.description },
      parse: { MuonRescaling($0) }
    )
    .flag(
      .training, "Steps between Muon's scalings of filters to the norm √cout: 1, never, or 2+15.",
      value: "steps", words: { ["never"] }),
    Setting(
      "groups", get: { $0.groups?.description },
      set: { (configuration, found) throws(SettingError) in
        configuration.groups = try GroupSettings(found)
      }
    )
    .flag(
      .training,
      "Learning rates, decay and momentum of some parameters: \"bn bias: lr=x64, wd=0; fc1.*: lr=0.1\"."
    ),
    .value(
      "clip-norm", \.clippedNorm, expected: "a number above 0", text: { $0.map { "\($0)" } },
      parse: { text in numbers(text, count: 1) { Float($0) > 0 }.map { .some($0[0]) } }
    )
    .flag(.training, "Scale the gradient down to this norm if it is greater.", value: "norm"),
    .value(
      "clip-value", \.clippedValue, expected: "a number above 0", text: { $0.map { "\($0)" } },
      parse: { text in numbers(text, count: 1) { Float($0) > 0 }.map { .some($0[0]) } }
    )
    .flag(
      .training, "Limit each element of the gradient to this magnitude, before --clip-norm.",
      value: "limit"),
  ]

  private static func list(_ numbers: [Double]) -> String {
    numbers.map { "\($0)" }.joined(separator: ",")
  }

  /// The numbers of `text` between commas; nil unless there are `count` valid ones.
  private static func numbers(
    _ text: String, count: Int, _ isValid: (Double) -> Bool
  ) -> [Double]? {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap {
      Double($0).flatMap { $0.isFinite && Float($0).isFinite && isValid($0) ? $0 : nil }
    }
    guard numbers.count == count, text.filter({ $0 == "," }).count == count - 1 else { return nil }
    return numbers
  }
}
