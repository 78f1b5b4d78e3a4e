/// The measurements of one side, one for each turn.
public struct Measurements: Equatable, Sendable {
  public let values: [Double]

  /// - Precondition: at least one value.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "no measurements")
    self.values = values
  }

  /// The middle value, or the mean of the two middle values.
  public var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  public var least: Double { values.min()! }
  public var most: Double { values.max()! }

  /// The values after `transform`.
  public func map(_ transform: (Double) -> Double) -> Measurements {
    Measurements(values.map(transform))
  }

  /// The values combined with those of another side in the same turn.
  public func with(
    _ other: Measurements, _ combine: (Double, Double) -> Double
  ) -> Measurements {
    precondition(values.count == other.values.count, "sides that did not take turns")
    return Measurements(zip(values, other.values).map(combine))
  }
}
