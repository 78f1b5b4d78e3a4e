/// Figures that describe the values of a tensor.
///
///     mean = Σ x / n        std = √(Σ (x − mean)² / n)        norm = √(Σ x²)
///
/// The sums are in double, in the order of the elements. NaNs and infinities are counted and left out of
/// every other figure, and `n` counts the finite elements.
public struct TensorStatistics: Sendable, Equatable {
  /// The number of elements, finite or not.
  public let count: Int
  /// The number of elements that are NaN, and of those that are infinite.
  public let nanCount: Int
  public let infiniteCount: Int
  /// The index and the value of the first element that is not finite.
  public let firstNotFinite: Fault?
  /// Nil if no element is finite; so are the others below.
  public let minimum: Float?
  public let maximum: Float?
  public let mean: Double?
  /// The standard deviation over all finite elements, `torch.std(correction=0)`.
  public let std: Double?
  /// The fraction of finite elements that are 0.
  public let zeroShare: Double?
  /// The Euclidean norm of the finite elements.
  public let norm: Double?

  /// An element that is not finite.
  public struct Fault: Sendable, Equatable {
    public let index: Int
    public let value: Float

    public static func == (a: Fault, b: Fault) -> Bool {
      a.index == b.index && a.value.bitPattern == b.value.bitPattern
    }
  }

  public var notFiniteCount: Int { nanCount + infiniteCount }

  public init(of values: [Float]) {
    count = values.count
    var (nanCount, infiniteCount, zeroCount, finiteCount) = (0, 0, 0, 0)
    var fault: Fault?
    var (least, greatest) = (Float.infinity, -Float.infinity)
    var (sum, squares) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      guard value.isFinite else {
        if value.isNaN { nanCount += 1 } else { infiniteCount += 1 }
        if fault == nil { fault = Fault(index: index, value: value) }
        continue
      }
      finiteCount += 1
      if value == 0 { zeroCount += 1 }
      least = min(least, value)
      greatest = max(greatest, value)
      sum += Double(value)
      squares += Double(value) * Double(value)
    }
    (self.nanCount, self.infiniteCount, firstNotFinite) = (nanCount, infiniteCount, fault)
    guard finiteCount > 0 else {
      (minimum, maximum, mean, std, zeroShare, norm) = (nil, nil, nil, nil, nil, nil)
      return
    }
    let mean = sum / Double(finiteCount)
    var deviations = 0.0
    for value in values where value.isFinite {
      let deviation = Double(value) - mean
      deviations += deviation * deviation
    }
    (minimum, maximum) = (least, greatest)
    self.mean = mean
    std = (deviations / Double(finiteCount)).squareRoot()
    zeroShare = Double(zeroCount) / Double(finiteCount)
    norm = squares.squareRoot()
  }
}
