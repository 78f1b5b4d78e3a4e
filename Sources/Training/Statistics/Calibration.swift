/// How well the probabilities of a classifier agree with its accuracy.
///
/// The confidence of a prediction is the probability of the predicted class. The predictions are divided
/// into `M` bins of equal width by their confidence; bin `m` holds those in `((m − 1)/M, m/M]`. With `n_m`
/// predictions in bin `m` and `n` in all (Guo et al. 2017, section 2)
///
///     acc(m) = hits in m / n_m          conf(m) = mean confidence in m
///     ECE = Σ_m (n_m/n)·|acc(m) − conf(m)|          MCE = max_m |acc(m) − conf(m)|
///
/// A classifier is calibrated if, of the predictions with confidence 0.8, 80 % are right.
public struct Calibration: Equatable, Sendable {
  /// The predictions whose confidence lies in one interval.
  public struct Bin: Equatable, Sendable {
    /// The interval of the confidence, without its lower bound.
    public let range: ClosedRange<Double>
    public let count: Int
    /// The mean confidence; 0 without predictions.
    public let confidence: Double
    /// The fraction of right predictions; 0 without predictions.
    public let accuracy: Double
  }

  /// The number of bins of Guo et al.
  public static let standardBins = 15

  public let bins: [Bin]
  /// ECE, from 0 to 1.
  public let expectedError: Double
  /// MCE, over the bins that have predictions.
  public let maximumError: Double
  /// The mean of all confidences.
  public let confidence: Double

  /// - Parameters:
  ///   - confidences: from 0 to 1, at least one; sums are computed in this order.
  ///   - hits: whether each prediction is right.
  ///   - bins: `M`, at least 1.
  public init(confidences: [Double], hits: [Bool], bins: Int = standardBins) {
    precondition(
      !confidences.isEmpty && confidences.count == hits.count && bins > 0,
      "Calibration: \(confidences.count) confidences, \(hits.count) hits, \(bins) bins")
    var counts = [Int](repeating: 0, count: bins)
    var right = counts
    var sums = [Double](repeating: 0, count: bins)
    for (confidence, isRight) in zip(confidences, hits) {
      let place = Int((confidence * Double(bins)).rounded(.up)) - 1
      let bin = min(max(place, 0), bins - 1)
      counts[bin] += 1
      right[bin] += isRight ? 1 : 0
      sums[bin] += confidence
    }
    self.bins = (0..<bins).map { bin in
      let count = Double(max(counts[bin], 1))
      return Bin(
        range: Double(bin) / Double(bins)...Double(bin + 1) / Double(bins), count: counts[bin],
        confidence: sums[bin] / count, accuracy: Double(right[bin]) / count)
    }
    let total = Double(confidences.count)
    expectedError = self.bins.reduce(0) {
      $0 + Double($1.count) / total * abs($1.accuracy - $1.confidence)
    }
    maximumError = self.bins.reduce(0) { max($0, abs($1.accuracy - $1.confidence)) }
    confidence = confidences.reduce(0, +) / total
  }
}
