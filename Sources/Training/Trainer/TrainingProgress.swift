/// How far a run has come: with the parameters and the optimizer's state, all that a continuation
/// needs.
public struct TrainingProgress: Equatable, Sendable {
  /// The best validation so far.
  public struct Best: Equatable, Sendable {
    public let step: Int
    /// Nil for an autoencoder.
    public let accuracy: Double?
    public let loss: Double

    /// Whether this is better than `other`: more right, or as many with a smaller loss.
    func beats(_ other: Best?) -> Bool {
      guard let other else { return true }
      return (accuracy ?? 0, -loss) > (other.accuracy ?? 0, -other.loss)
    }
  }

  /// The steps taken.
  public var step = 0
  /// The sum of the losses of this epoch's examples so far, how many were right, and of how many.
  public var lossSum = 0.0
  public var correct = 0
  public var examples = 0
  public var best: Best?
}

/// One step.
public struct StepReport: Equatable, Sendable {
  /// From 1.
  public let step: Int
  /// The epoch it belongs to, from 0.
  public let epoch: Int
  /// Means over the mini-batch; an autoencoder has no accuracy.
  public let loss: Double
  public let accuracy: Double?
  public let learningRate: Double
  public let examples: Int
}

/// One epoch that has ended.
public struct EpochReport: Equatable, Sendable {
  /// How many have ended.
  public let epoch: Int
  public let step: Int
  /// Means over the epoch's examples, each as it was when its step was taken; an autoencoder has no
  /// accuracy.
  public let trainLoss: Double
  public let trainAccuracy: Double?
  /// Nil without a validation split.
  public let validationLoss: Double?
  public let validationAccuracy: Double?
  public let learningRate: Double
  /// Whether this validation is the best so far.
  public let isBest: Bool
}
