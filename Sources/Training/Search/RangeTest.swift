import Datasets
import Layers

/// The losses of a learning-rate range test: the learning rate rises exponentially step by step,
/// until the loss explodes (Smith 2015, "Cyclical learning rates for training neural networks",
/// section 3.3).
public struct RangeTest: Equatable, Sendable {
  /// One step.
  public struct Point: Equatable, Sendable {
    public let learningRate: Double
    public let loss: Double
  }

  /// The rates of the first step and of the last one, and the number of steps: 30 for a factor of 10.
  public static let lowest = 1e-7
  public static let highest = 10.0
  public static let steps = 240

  /// Each loss is smoothed by the mean over this many steps on both sides.
  private static let reach = 5
  /// The loss has exploded at this many times its lowest mean, above its first one.
  private static let explosion = 4.0

  public private(set) var points: [Point] = []
  private var firstMean: Double?
  private var lowestMean = Double.infinity

  public init() {}

  /// The settings of a range test with the settings of a run: its data, network, optimizer and
  /// batches, and nothing that depends on the run's length.
  ///
  /// - `examples`: the number of training examples.
  public static func configuration(
    _ run: Configuration, examples: Int
  ) -> Configuration {
    var test = run
    test.schedule = Schedule(RisingRate(low: lowest, high: highest))
    test.groups = run.groups?.withoutSchedules
    test.epochs = Double(steps) / Double(max(1, run.stepsPerEpoch(examples: examples)))
    test.maxSteps = nil
    test.warmup = nil
    test.lookahead = nil
    test.emaDecay = nil
    test.swaEpoch = nil
    test.patience = nil
    test.kept = .last
    return test
  }

  /// Adds a step.
  ///
  /// - Returns: true if the loss has exploded, and more steps are of no use.
  public mutating func add(learningRate: Double, loss: Double) -> Bool {
    points.append(Point(learningRate: learningRate, loss: loss))
    guard points.count >= Self.reach else { return false }
    let mean = points.suffix(Self.reach).reduce(0) { $0 + $1.loss } / Double(Self.reach)
    let first = firstMean ?? mean
    firstMean = first
    lowestMean = min(lowestMean, mean)
    return mean > max(Self.explosion * lowestMean, first)
  }

  /// The points with smoothed losses: the mean over the steps from `reach` before to `reach` after
  /// each, or fewer on both sides at the ends. It has no lag, unlike an exponential average.
  public var smoothed: [Point] {
    points.indices.map { place in
      let reach = min(Self.reach, place, points.count - 1 - place)
      let window = points[place - reach...place + reach]
      return Point(
        learningRate: points[place].learningRate,
        loss: window.reduce(0) { $0 + $1.loss } / Double(window.count))
    }
  }

  /// The point with the lowest smoothed loss after the first steps; nil if the loss never fell below
  /// the mean of those.
  public var lowestPoint: Point? {
    guard let lowest = smoothed.dropFirst(Self.reach).min(by: { $0.loss < $1.loss }),
      let first = firstMean, lowest.loss < first
    else { return nil }
    return lowest
  }

  /// A tenth of the rate with the lowest smoothed loss, the rule “minimum” of fastai's `lr_find`: the
  /// lowest loss comes shortly before training becomes unstable.
  public var suggestion: Double? { lowestPoint.map { $0.learningRate / 10 } }

  /// True if the loss was still near its lowest at the highest rate, so that the suggestion is a
  /// lower bound.
  public var endsLow: Bool {
    guard let lowest = lowestPoint, let last = smoothed.last else { return false }
    return last.learningRate >= Self.highest * 0.99 && last.loss <= 2 * lowest.loss
  }
}
