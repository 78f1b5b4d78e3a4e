/// McNemar's exact test of two classifiers on the same examples (McNemar 1947; Dietterich 1998).
///
/// Only the examples that one classifier has right and the other has wrong tell the two apart. If
/// both are equally good, each of these `n = b + c` examples is a fair coin, and
///
///     p = min(1, 2·Σ C(n, k)/2ⁿ)        k from 0 to min(b, c)
///
/// is the probability of counts at least as unequal as `b` and `c`.
public struct McNemarTest: Equatable, Sendable {
  /// b: the examples that only the first classifier has right.
  public let onlyFirst: Int
  /// c: the examples that only the second one has right.
  public let onlySecond: Int
  public let bothRight: Int
  public let bothWrong: Int

  /// - Precondition: no count is negative.
  public init(onlyFirst: Int, onlySecond: Int, bothRight: Int = 0, bothWrong: Int = 0) {
    precondition(min(onlyFirst, onlySecond, bothRight, bothWrong) >= 0, "negative counts")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    self.bothRight = bothRight
    self.bothWrong = bothWrong
  }

  /// Counts the examples by which of the two classifiers has them right.
  ///
  /// - Parameters:
  ///   - first: whether the first classifier has each example right.
  ///   - second: the same of the second classifier, for the same examples.
  public init(first: [Bool], second: [Bool]) {
    precondition(first.count == second.count, "\(first.count) and \(second.count) examples")
    var counts = [0, 0, 0, 0]
    for (first, second) in zip(first, second) { counts[(first ? 2 : 0) + (second ? 1 : 0)] += 1 }
    self.init(
      onlyFirst: counts[2], onlySecond: counts[1], bothRight: counts[3], bothWrong: counts[0])
  }

  /// The number of examples.
  public var count: Int { onlyFirst + onlySecond + bothRight + bothWrong }

  /// The two-sided p value, 1 if no example tells the two apart.
  ///
  /// Each binomial coefficient is the one before times a quotient. The sum is kept near 1 by powers
  /// of two, so thousands of examples neither overflow nor lose digits.
  public var pValue: Double {
    let n = onlyFirst + onlySecond
    var exponent = 1 - n
    var term = 1.0
    var sum = 1.0
    for k in stride(from: 1, through: min(onlyFirst, onlySecond), by: 1) {
      term *= Double(n - k + 1) / Double(k)
      sum += term
      guard sum > 0x1p512 else { continue }
      term *= 0x1p-512
      sum *= 0x1p-512
      exponent += 512
    }
    return exponent < -2000 ? 0 : min(1, Double(sign: .plus, exponent: exponent, significand: sum))
  }
}
