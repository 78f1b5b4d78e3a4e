/// The number of values in equal parts of their range.
public struct Histogram: Equatable, Sendable {
  /// The range from the least finite value to the greatest.
  public let range: ClosedRange<Double>
  /// The number of values in each part. The last part includes the upper limit.
  public let counts: [Int]

  /// A histogram that was counted before.
  ///
  /// - Precondition: at least one part.
  public init(range: ClosedRange<Double>, counts: [Int]) {
    precondition(!counts.isEmpty, "a histogram of no parts")
    self.range = range
    self.counts = counts
  }

  /// - `values`: those that are not finite are left out.
  /// - `range`: nil for the range of the values; values outside are left out.
  public init(of values: [Float], bins: Int, range: ClosedRange<Double>? = nil) {
    precondition(bins > 0, "a histogram of \(bins) parts")
    var range = range
    if range == nil {
      var (least, greatest) = (Float.infinity, -Float.infinity)
      for value in values where value.isFinite {
        least = min(least, value)
        greatest = max(greatest, value)
      }
      range = least <= greatest ? Double(least)...Double(greatest) : 0...0
    }
    let limits = range ?? 0...0
    let extent = limits.upperBound - limits.lowerBound
    var counts = [Int](repeating: 0, count: bins)
    for value in values where value.isFinite && limits.contains(Double(value)) {
      let part =
        extent > 0 ? Int((Double(value) - limits.lowerBound) / extent * Double(bins)) : bins / 2
      counts[min(part, bins - 1)] += 1
    }
    self.range = limits
    self.counts = counts
  }
}
