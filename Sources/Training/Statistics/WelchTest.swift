/// Welch's t test of two means whose samples may differ in size and spread (Welch 1947).
///
/// With `v = s²/n` of each sample
///
///     t = (mean₁ − mean₂)/√(v₁ + v₂)        ν = (v₁ + v₂)²/(v₁²/(n₁ − 1) + v₂²/(n₂ − 1))
///
/// and p is the probability of a value at least as far from 0 as `t` by Student's t distribution
/// with `ν` degrees of freedom, if the true means are equal.
public struct WelchTest: Equatable, Sendable {
  /// The first mean minus the second one.
  public let difference: Double
  public let t: Double
  /// ν, not necessarily whole.
  public let degreesOfFreedom: Double
  /// The two-sided p value.
  public let pValue: Double
  /// The 95 % confidence interval of the difference of the true means.
  public let interval: ClosedRange<Double>

  /// Nil if a sample has a single value, or if neither has any spread.
  public init?(_ first: SampleStatistics, _ second: SampleStatistics) {
    guard let firstStd = first.std, let secondStd = second.std else { return nil }
    let v1 = firstStd * firstStd / Double(first.count)
    let v2 = secondStd * secondStd / Double(second.count)
    let error = (v1 + v2).squareRoot()
    guard error > 0 else { return nil }
    difference = first.mean - second.mean
    t = difference / error
    degreesOfFreedom =
      (v1 + v2) * (v1 + v2)
      / (v1 * v1 / Double(first.count - 1) + v2 * v2 / Double(second.count - 1))
    let student = StudentDistribution(degreesOfFreedom: degreesOfFreedom)
    pValue = student.twoSidedTail(t)
    let half = student.quantile(0.975) * error
    interval = difference - half...difference + half
  }
}
