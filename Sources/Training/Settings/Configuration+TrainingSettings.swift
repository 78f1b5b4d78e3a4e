import Datasets
import Layers

extension Configuration {
  /// The settings of the length of the run and the loss.
  static let trainingSettings: [Setting] = [
    .number(
      "epochs", \.epochs, expected: "a number above 0", mayChangeOnResume: true,
      isValid: { $0 > 0 && $0 <= 1e6 }
    )
    .flag(.training, "Passes over the training examples; may be a fraction."),
    .integer("batch-size", \.batchSize, in: 1...65_536)
      .flag(.training, "Examples that go through the network together."),
    .integer("accumulate", \.accumulate, in: 1...65_536)
      .flag(.training, "Batches whose gradients add up to one step."),
    .boolean("drop-last", \.dropsLast, omitsDefault: true)
      .flag(.training, "Leave out an epoch's last step if it has fewer examples than the others."),
    .value(
      "seed", \.seed, expected: "a whole number from 0 to 18446744073709551615",
      text: { "\($0)" }, parse: { UInt64($0) }
    )
    .flag(.training, "The seed of all random numbers."),
    .value(
      "loss", \.loss,
      expected: "one of \(Loss.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0.rawValue }, parse: { Loss(rawValue: $0) }
    )
    .flag(
      .training, "The loss: \(Loss.allCases.map(\.rawValue).joined(separator: ", ")).",
      words: { Loss.allCases.map(\.rawValue) }),
    .value(
      "loss-reduction", \.lossReduction, expected: "mean or sum",
      text: { $0 == .mean ? nil : $0.rawValue }, parse: { LossReduction(rawValue: $0) }
    )
    .flag(
      .training, "The gradient of a step is that of the examples' mean loss or of its sum.",
      value: "reduction", words: { LossReduction.allCases.map(\.rawValue) }),
    .number(
      "smoothing", \.smoothing, expected: "a number from 0 to 1",
      isValid: { $0 >= 0 && $0 <= 1 }
    )
    .flag(.training, "Label smoothing ε: training targets are (1 − ε)·onehot + ε/classes."),
    .value(
      "class-weights", \.classWeights, expected: ClassWeights.forms, text: { $0?.description },
      parse: { ClassWeights($0).map { .some($0) } }
    )
    .flag(
      .training, "The weight of each class in the loss: \(ClassWeights.forms).", value: "weights",
      words: { ["auto"] }),
    .value(
      "tta", \.testTimeAugmentation, expected: "one of \(TestTimeAugmentation.names)",
      mayChangeOnResume: true, text: { $0 == .none ? nil : $0.rawValue },
      parse: { TestTimeAugmentation(rawValue: $0) }
    )
    .flag(
      .training, "Views whose outputs are averaged in the test: \(TestTimeAugmentation.names).",
      value: "views", words: { TestTimeAugmentation.allCases.map(\.rawValue) }),
  ]
}
