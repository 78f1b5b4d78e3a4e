/// A histogram for TensorBoard's plugin `histograms`: the number of values in buckets of equal width.
public struct HistogramBuckets: Equatable, Sendable {
  /// `[buckets, 3]`: the left end, the right end and the number of values of each bucket. A value at a border
  /// belongs to the right bucket; the last bucket includes its right end.
  public let rows: [Double]

  /// TensorBoard's own number of buckets.
  public static let count = 30

  /// - Parameter values: those that are not finite are left out. Equal values have one bucket of the width 1
  ///   around them; no values have no bucket.
  public init(of values: [Float], count: Int = count) {
    precondition(count > 0, "a histogram of \(count) buckets")
    var (least, greatest) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite {
      least = min(least, value)
      greatest = max(greatest, value)
    }
    guard least <= greatest else {
      rows = []
      return
    }
    let (low, high) = (Double(least), Double(greatest))
    guard low < high else {
      rows = [low - 0.5, low + 0.5, Double(values.count { $0.isFinite })]
      return
    }
    let width = (high - low) / Double(count)
    var counts = [Int](repeating: 0, count: count)
    for value in values where value.isFinite {
      counts[min(Int((Double(value) - low) / width), count - 1)] += 1
    }
    rows = counts.enumerated().flatMap { index, number in
      [
        low + Double(index) * width, index == count - 1 ? high : low + Double(index + 1) * width,
        Double(number),
      ]
    }
  }
}
