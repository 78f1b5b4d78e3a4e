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
