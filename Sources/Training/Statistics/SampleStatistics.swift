import Datasets

/// The mean of some measurements, their spread, and the interval in which the true mean lies.
public struct SampleStatistics: Equatable, Sendable {
  public let count: Int
  public let mean: Double
  /// The standard deviation, with `count − 1` in the denominator; nil for a single value.
  public let std: Double?

  /// - Precondition: at least one value.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "statistics of no values")
    count = values.count
    // Exact for equal values, which then have no spread.
    let mean = values[0] + values.reduce(0) { $0 + ($1 - values[0]) } / Double(values.count)
    self.mean = mean
    std =
      values.count < 2
      ? nil
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
  }

  /// The 95 % confidence interval of the mean by Student's t distribution (Student 1908),
  /// `mean ± t·std/√count` with `count − 1` degrees of freedom; nil for a single value.
  public var interval: ClosedRange<Double>? {
    guard let std else { return nil }
    let half =
      StudentDistribution(degreesOfFreedom: Double(count - 1)).quantile(0.975) * std
      / Double(count).squareRoot()
    return mean - half...mean + half
  }
}
