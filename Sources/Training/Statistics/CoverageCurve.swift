/// The accuracy of a classifier that answers only if it is sure enough (selective classification, El-Yaniv
/// and Wiener 2010).
///
/// With a threshold `t` it answers the examples of confidence `t` or more:
///
///     coverage(t) = answered / all          accuracy(t) = right answers / answered
///
/// Examples of equal confidence are answered together, so the curve does not depend on their order.
public struct CoverageCurve: Equatable, Sendable {
  public struct Point: Equatable, Sendable {
    /// The least confidence that is answered.
    public let threshold: Double
    /// The fraction of the examples that are answered, above 0.
    public let coverage: Double
    /// The fraction of the answers that are right.
    public let accuracy: Double
  }

  /// A point for each confidence that occurs, with rising coverage. The last one answers all examples.
  public let points: [Point]

  /// - Parameters:
  ///   - confidences: the probability of the predicted class of each example, at least one.
  ///   - hits: whether each prediction is right.
  public init(confidences: [Double], hits: [Bool]) {
    precondition(
      !confidences.isEmpty && confidences.count == hits.count,
      "CoverageCurve: \(confidences.count) confidences, \(hits.count) hits")
    let order = confidences.indices.sorted { confidences[$0] > confidences[$1] }
    var points: [Point] = []
    var right = 0
    for (place, example) in order.enumerated() {
      right += hits[example] ? 1 : 0
      let isLast = place == order.count - 1
      guard isLast || confidences[order[place + 1]] < confidences[example] else { continue }
      points.append(
        Point(
          threshold: confidences[example],
          coverage: Double(place + 1) / Double(order.count),
          accuracy: Double(right) / Double(place + 1)))
    }
    self.points = points
  }

  /// The point of least coverage that is `coverage` or more.
  ///
  /// - Parameter coverage: from 0 to 1.
  public func point(atCoverage coverage: Double) -> Point {
    // 0.9 of 10 examples is answered by 9, although 9/10 and 0.9 may differ in the last bit.
    points.first { $0.coverage >= coverage - 1e-12 } ?? points[points.count - 1]
  }

  /// At most `count` points, which are spread evenly over the coverage; the last one answers all.
  public func thinned(to count: Int) -> [Point] {
    guard points.count > count else { return points }
    var thinned: [Point] = []
    for step in 1...max(count, 1) {
      let point = point(atCoverage: Double(step) / Double(max(count, 1)))
      if thinned.last != point { thinned.append(point) }
    }
    return thinned
  }
}
