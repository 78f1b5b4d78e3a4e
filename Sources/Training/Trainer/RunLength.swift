/// The number of steps of a run.
struct RunLength: Equatable {
  /// The number of examples of one step: `--batch-size` times `--accumulate`.
  let stepSize: Int
  /// The number of steps of one epoch.
  let stepsPerEpoch: Int
  /// The number of steps of all epochs, at least 1.
  let plannedSteps: Int

  /// - Parameter examples: the number of training examples.
  init(_ configuration: Configuration, examples: Int) {
    stepSize = configuration.stepSize
    stepsPerEpoch = configuration.stepsPerEpoch(examples: examples)
    plannedSteps = max(1, Int((configuration.epochs * Double(stepsPerEpoch)).rounded()))
  }
}

/// A number of steps in a message: `1 step` or `5 steps`.
func stepsText(_ count: Int) -> String { count == 1 ? "1 step" : "\(count) steps" }
