/// A length of training, in epochs or in steps: `2.5`, or `100steps`.
public enum StepSpan: Equatable, Sendable, CustomStringConvertible {
  /// May be a fraction; it is rounded to whole steps.
  case epochs(Double)
  case steps(Int)

  static let forms = "epochs above 0 such as 2.5, or steps such as 100steps"
  private static let unit = "steps"

  /// Nil unless the length is above 0 and at most a million epochs or a billion steps.
  public init?(_ text: String) {
    if text.hasSuffix(Self.unit) {
      guard let count = Int(text.dropLast(Self.unit.count)), (1...1_000_000_000).contains(count)
      else { return nil }
      self = .steps(count)
    } else {
      guard let epochs = Double(text), epochs > 0, epochs <= 1e6 else { return nil }
      self = .epochs(epochs)
    }
  }

  public var description: String {
    switch self {
    case .epochs(let epochs): "\(epochs)"
    case .steps(let count): "\(count)\(Self.unit)"
    }
  }

  /// The length in steps.
  public func steps(perEpoch stepsPerEpoch: Int) -> Int {
    switch self {
    case .epochs(let epochs): Int((epochs * Double(stepsPerEpoch)).rounded())
    case .steps(let count): count
    }
  }
}
