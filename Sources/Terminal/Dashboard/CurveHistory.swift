/// The course of a value over the steps of a run, in memory that does not grow with the run.
///
/// The steps are divided among bins; each has the mean of its values.
struct CurveHistory: Sendable {
  private static let mostBins = 1024

  private let steps: Int
  private var sums: [Double]
  private var counts: [Int]

  init(steps: Int) {
    self.steps = max(1, steps)
    let bins = min(self.steps, Self.mostBins)
    sums = [Double](repeating: 0, count: bins)
    counts = [Int](repeating: 0, count: bins)
  }

  /// Adds the value after `step`, from 1. A value that is not finite is left out.
  mutating func add(_ value: Double?, step: Int) {
    guard let value, value.isFinite else { return }
    // As a fraction, because the product of two large numbers of steps may overflow.
    let place = Int(Double(max(0, step - 1)) / Double(steps) * Double(sums.count))
    let bin = min(place, sums.count - 1)
    sums[bin] += value
    counts[bin] += 1
  }

  /// The means of the bins that have values, each at the end of its bin in steps.
  var points: [CurvePanel.Point] {
    sums.indices.compactMap { bin in
      guard counts[bin] > 0 else { return nil }
      let end = Double(bin + 1) / Double(sums.count) * Double(steps)
      return .init(x: end, y: sums[bin] / Double(counts[bin]))
    }
  }
}
