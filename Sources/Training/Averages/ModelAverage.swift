/// An average of the parameters that takes their place as the model's values: in validation, test, images
/// and checkpoints. Training continues with the parameters themselves.
enum ModelAverage: Equatable, Sendable {
  /// After each step `average = d·average + (1 − d)·θ`, from the initial values on.
  ///
  /// The decay is min(decay, (1 + t)/(10 + t)) after step t, so that the first steps, far from the
  /// end, are soon forgotten (TensorFlow's `ExponentialMovingAverage` with `num_updates`).
  case exponential(decay: Double)
  /// The mean of the parameters at the ends of the epochs from `epoch` on; the first epoch is 1
  /// (Izmailov et al. 2018, "Averaging weights leads to wider optima"). Before, it is θ.
  case stochastic(fromEpoch: Int)

  /// The weight of the parameters in the average after `step`; nil if they do not enter it.
  ///
  /// A weight of 1 replaces the average.
  func weight(afterStep step: Int, stepsPerEpoch: Int) -> Double? {
    switch self {
    case .exponential(let decay):
      return 1 - min(decay, Double(1 + step) / Double(10 + step))
    case .stochastic:
      let count = count(afterStep: step, stepsPerEpoch: stepsPerEpoch)
      return step % stepsPerEpoch == 0 && count > 0 ? 1 / Double(count) : nil
    }
  }

  /// True if there is an average after `step`; else the parameters are the model's values.
  func hasBegun(afterStep step: Int, stepsPerEpoch: Int) -> Bool {
    switch self {
    case .exponential: true
    case .stochastic: count(afterStep: step, stepsPerEpoch: stepsPerEpoch) > 0
    }
  }

  /// The number of epochs in the mean.
  private func count(afterStep step: Int, stepsPerEpoch: Int) -> Int {
    guard case .stochastic(let epoch) = self else { return 0 }
    return max(0, step / stepsPerEpoch - epoch + 1)
  }
}

extension Configuration {
  /// The average that `ema` or `swa` asks for.
  var modelAverage: ModelAverage? {
    emaDecay.map { .exponential(decay: $0) } ?? swaEpoch.map { .stochastic(fromEpoch: $0) }
  }
}
