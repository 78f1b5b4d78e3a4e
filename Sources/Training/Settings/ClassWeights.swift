/// The setting `class-weights`: the weight of each class in the loss, for classes of unequal size.
///
/// `Criterion.evaluate` in `Layers/Losses` applies the weights; the arithmetic is in
/// `Sources/CKernels/softmax.h`.
public enum ClassWeights: Equatable, Sendable {
  /// `n / (classes · n_c)` for a class with `n_c` of the `n` training examples. All classes then
  /// have the same total weight, and the mean weight of an example is 1.
  case balanced
  /// One number for each class.
  case given([Double])

  static let balancedName = "auto"
  public static let forms = "auto, or a number above 0 for each class, such as 1,2.5,1"

  /// Reads the text of a ``description``.
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

  /// The weight of each class.
  ///
  /// - Parameter counts: the number of training examples of each class. An empty class gets the
  ///   weight 1.
  func values(counts: [Int]) -> [Float] {
    switch self {
    case .given(let weights): return weights.map { Float($0) }
    case .balanced:
      let share = Double(counts.reduce(0, +)) / Double(counts.count)
      return counts.map { $0 == 0 ? 1 : Float(share / Double($0)) }
    }
  }
}
