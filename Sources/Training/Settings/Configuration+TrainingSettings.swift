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
  ]
}
