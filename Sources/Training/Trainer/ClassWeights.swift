/// How much the examples of each class count in the loss: for classes of uneven size.
public enum ClassWeights: Equatable, Sendable {
  /// `n / (classes · n_c)` for a class with `n_c` of the `n` training examples, so that all classes count
  /// alike and an example counts 1 on average.
  case balanced
  /// One number for each class.
  case given([Double])

  static let balancedName = "auto"
  public static let forms = "auto, or a number above 0 for each class, such as 1,2.5,1"

  /// Reads ``description``.
  public init?(_ text: String) {
    guard text != Self.balancedName else {
      self = .balanced
      return
    }
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let weights = fields.compactMap { Double($0) }
    guard weights.count == fields.count,
      weights.allSatisfy({ Float($0) > 0 && Float($0).isFinite })
    else { return nil }
    self = .given(weights)
  }

  public var description: String {
    switch self {
    case .balanced: Self.balancedName
    case .given(let weights): weights.map { "\($0)" }.joined(separator: ",")
    }
  }

  /// A weight for each class.
  ///
  /// - Parameter counts: the training examples of each class. One without any gets 1.
  func values(counts: [Int]) -> [Float] {
    switch self {
    case .given(let weights): return weights.map { Float($0) }
    case .balanced:
      let share = Double(counts.reduce(0, +)) / Double(counts.count)
      return counts.map { $0 == 0 ? 1 : Float(share / Double($0)) }
    }
  }
}
