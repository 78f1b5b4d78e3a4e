/// A histogram for TensorBoard's plugin `histograms`: the number of values in buckets of equal width.
public struct HistogramBuckets: Equatable, Sendable {
  /// `[buckets, 3]`: the left end, the right end and the number of values of each bucket. A value at a border
  /// belongs to the right bucket; the last bucket includes its right end.
  public let rows: [Double]

  /// - Parameters:
  ///   - range: from the least value to the greatest. Equal values have one bucket of the width 1 around them.
  ///   - counts: the number of values in each of the equal parts of the range; no values have no bucket.
  public init(range: ClosedRange<Double>, counts: [Int]) {
    let (low, high, total) = (range.lowerBound, range.upperBound, counts.reduce(0, +))
    guard total > 0 else {
      rows = []
      return
    }
    guard low < high else {
      rows = [low - 0.5, low + 0.5, Double(total)]
      return
    }
    let width = (high - low) / Double(counts.count)
    rows = counts.enumerated().flatMap { index, number in
      [
        low + Double(index) * width,
        index == counts.count - 1 ? high : low + Double(index + 1) * width, Double(number),
      ]
    }
  }
}
