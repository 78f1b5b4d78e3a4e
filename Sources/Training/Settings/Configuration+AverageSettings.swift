/// The epoch whose parameters are the result of a run: `--keep`.
public enum KeptEpoch: String, Sendable, CaseIterable {
  /// The epoch with the best validation.
  case best
  case last
}

extension Configuration {
  /// The settings of averages of the parameters, and of the epoch that is the result.
  static let averageSettings: [Setting] = [
    .value(
      "lookahead", \.lookahead, expected: Lookahead.forms, text: { $0?.description },
      parse: { Lookahead($0).map { .some($0) } }
    )
    .flag(
      .training,
      "Set the parameters to an average of their past values: every=5,decay=0.5,power=0,from=2.",
      value: "average"),
    .value(
      "ema", \.emaDecay, expected: "a decay between 0 and 1, such as 0.999",
      text: { $0.map { "\($0)" } },
      parse: { Double($0).flatMap { $0 > 0 && $0 < 1 ? .some($0) : nil } }
    )
    .flag(
      .training, "The model is an exponential average of the parameters, with this decay.",
      value: "decay"),
    .integer("swa", \.swaEpoch, in: 1...1_000_000)
      .flag(
        .training, "The model is the mean of the parameters after this epoch and all later ones.",
        value: "epoch"),
    .integer("patience", \.patience, in: 1...1_000_000, mayChangeOnResume: true)
      .flag(
        .training, "Stop after this many epochs in turn without a better validation.",
        value: "epochs"),
    .value(
      "keep", \.kept,
      expected: "one of \(KeptEpoch.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0 == .last ? nil : $0.rawValue }, parse: { KeptEpoch(rawValue: $0) }
    )
    .flag(
      .training, "The epoch that is tested at the end: last, or best by validation.",
      value: "epoch", words: { KeptEpoch.allCases.map(\.rawValue) }),
  ]
}
