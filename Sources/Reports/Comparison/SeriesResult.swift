import Terminal
import Training

/// A figure of a run that sets of seeds are compared by. The raw value is its key in `summary.json`.
public enum SeriesFigure: String, CaseIterable, Sendable {
  case accuracy
  case singleViewAccuracy = "single_view_accuracy"
  case loss

  public var name: String {
    switch self {
    case .accuracy: "accuracy"
    case .singleViewAccuracy: "single view"
    case .loss: "loss"
    }
  }

  /// True for a fraction that is shown in percent, of which more is better.
  public var isPercentage: Bool { self != .loss }

  /// A value of the figure, or a standard deviation.
  public func text(_ value: Double) -> String {
    isPercentage ? Format.percent(value) : Format.fixed(value, decimals: 4)
  }

  /// A difference of two values, with its sign. That of percentages is in percentage points.
  public func signedText(_ value: Double) -> String {
    (value < 0 ? "−" : "+")
      + (isPercentage
        ? Format.fixed(100 * abs(value), decimals: 2) : Format.fixed(abs(value), decimals: 4))
  }
}

/// A set of runs that differ by their seed only, with its results.
public struct SeriesResult: Sendable {
  /// The result of one seed.
  public struct Seed: Sendable {
    public let seed: UInt64
    /// The figures that the run has.
    public let values: [SeriesFigure: Double]

    public init(seed: UInt64, values: [SeriesFigure: Double]) {
      self.seed = seed
      self.values = values
    }
  }

  /// What the user called it.
  public let name: String
  public let seeds: [Seed]
  /// The settings of its runs that results depend on, without the seed.
  public let settings: [(key: String, value: String)]
  /// The epochs of each run that has metrics.
  public let curves: [ComparisonPlot.Curve]

  public init(
    name: String, seeds: [Seed], settings: [(key: String, value: String)],
    curves: [ComparisonPlot.Curve]
  ) {
    self.name = name
    self.seeds = seeds
    self.settings = settings
    self.curves = curves
  }

  /// The values of a figure for all seeds; nil if a seed lacks it.
  public func values(_ figure: SeriesFigure) -> [Double]? {
    let values = seeds.compactMap { $0.values[figure] }
    return values.isEmpty || values.count < seeds.count ? nil : values
  }

  /// The statistics of a figure; nil if a seed lacks it.
  public func statistics(_ figure: SeriesFigure) -> SampleStatistics? {
    values(figure).map(SampleStatistics.init)
  }

  /// The curves of means and standard deviations of some sets.
  public static func plot(title: String, _ results: [SeriesResult]) -> ComparisonPlot {
    ComparisonPlot(
      title: title, results.map { TrainingPlot.Point.mean(of: $0.curves) },
      deviations: results.map { TrainingPlot.Point.standardDeviation(of: $0.curves) })
  }
}
