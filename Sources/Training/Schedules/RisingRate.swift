import Datasets

/// Learning rates that rise exponentially from `low` in the first step to `high` in the last one,
/// whatever the base learning rate: `low·(high/low)^(step/(steps − 1))`.
///
/// Only ``RangeTest`` uses it, so ``Schedule/types`` does not list it.
struct RisingRate: ScheduleForm {
  static let word = "rising"
  static let example = "rising(1e-7,10)"
  static let hasDefaults = false

  let low: Double
  let high: Double

  init(low: Double, high: Double) {
    precondition(0 < low && low < high, "rates from \(low) to \(high)")
    self.low = low
    self.high = high
  }

  /// Never read from text.
  init?(_ arguments: inout NamedArguments) { return nil }

  var arguments: [String] { ["\(low)", "\(high)"] }
  var dependsOnLength: Bool { true }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    let place = SchedulePoint.fraction(point.step, of: max(1, point.totalSteps - 1))
    return low * ExactMath.exponential(ExactMath.logarithm(high / low) * place)
  }
}
