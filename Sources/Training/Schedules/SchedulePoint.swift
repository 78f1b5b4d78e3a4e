/// A point of a run, from which a schedule computes the learning rate of the next step.
public struct SchedulePoint: Equatable, Sendable {
  /// The number of steps taken.
  public var step: Int
  /// At least 1.
  public var stepsPerEpoch: Int
  /// The number of steps of the whole run.
  public var totalSteps: Int
  /// How often a schedule that follows the validation has reduced the learning rate.
  public var reductions: Int

  public init(step: Int, stepsPerEpoch: Int, totalSteps: Int, reductions: Int = 0) {
    self.step = step
    self.stepsPerEpoch = stepsPerEpoch
    self.totalSteps = totalSteps
    self.reductions = reductions
  }

  /// The number of epochs that have ended.
  var epoch: Int { step / stepsPerEpoch }

  /// The part of the run that is done, from 0 to 1.
  var fraction: Double { Self.fraction(step, of: totalSteps) }

  static func fraction(_ step: Int, of total: Int) -> Double {
    total > 0 ? min(1, Double(step) / Double(total)) : 0
  }
}
