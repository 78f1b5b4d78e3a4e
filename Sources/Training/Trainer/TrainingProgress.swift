/// The progress of a run: together with the parameters and the optimizer's state, everything that
/// is needed to resume.
public struct TrainingProgress: Equatable, Sendable {
  /// The best validation so far.
  public struct Best: Equatable, Sendable {
    public let step: Int
    /// Nil for an autoencoder.
    public let accuracy: Double?
    public let loss: Double

    /// True if this is better than `other`: more correct predictions, or equally many and a smaller
    /// loss.
    func beats(_ other: Best?) -> Bool {
      guard let other else { return true }
      return (accuracy ?? 0, -loss) > (other.accuracy ?? 0, -other.loss)
    }
  }

  /// The steps taken.
  public var step = 0
  /// The sum of the losses of this epoch's examples so far, the number of correct ones, and the
  /// number of examples.
  public var lossSum = 0.0
  public var correct = 0
  public var examples = 0
  public var best: Best?
  /// The state of a schedule that follows the validation; nil before the first one.
  var plateau: Plateau.State?
}

/// One step.
public struct StepReport: Equatable, Sendable {
  /// The number of the step, from 1.
  public let step: Int
  /// The step's epoch, from 1.
  public let epoch: Int
  /// Means over the mini-batch; an autoencoder has no accuracy.
  public let loss: Double
  public let accuracy: Double?
  public let learningRate: Double
  public let examples: Int
  /// The norm of the gradient of all parameters, before clipping.
  public let gradientNorm: Double
}

/// One epoch that has ended.
public struct EpochReport: Equatable, Sendable {
  /// The number of epochs that have ended.
  public let epoch: Int
  public let step: Int
  /// Means over the epoch's examples, computed during their steps; an autoencoder has no accuracy.
  public let trainLoss: Double
  public let trainAccuracy: Double?
  /// Nil without a validation split.
  public let validationLoss: Double?
  public let validationAccuracy: Double?
  public let learningRate: Double
  /// True if this validation is the best so far.
  public let isBest: Bool
  /// What the epoch's last step did to each trained parameter.
  public var parameters: [ParameterUpdate] = []
}
