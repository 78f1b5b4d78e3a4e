extension Model {
  /// A class with its probability.
  public struct RankedClass: Sendable, Equatable {
    public let name: String
    public let probability: Float
  }

  /// The most probable classes of an image, the most probable first. Of equal ones, the lower label
  /// comes first.
  ///
  /// - `probabilities`: a row of ``probabilities(of:)``.
  /// - `count`: the number of classes.
  public func ranked(_ probabilities: [Float], count: Int) -> [RankedClass] {
    let labels = probabilities.indices.sorted {
      probabilities[$0] == probabilities[$1]
        ? $0 < $1 : probabilities[$0] > probabilities[$1]
    }
    return labels.prefix(count).map {
      RankedClass(name: classNames[$0], probability: probabilities[$0])
    }
  }
}
