/// The learning rate over a run, as a pure function of the base learning rate and the progress.
public enum Schedule: Equatable, Sendable, CustomStringConvertible {
  /// The base learning rate throughout.
  case constant
  /// Each step's `learningRate` from its epoch `from` on (the first epoch is 1), whatever the base
  /// learning rate; the base learning rate before the first step.
  case steps([Step])
  /// The base learning rate times `decay` to the power of the number of completed epochs.
  case exponential(decay: Double)
  /// Half a cosine from the base learning rate to 0 over the whole run (Loshchilov and Hutter 2017,
  /// eq. 5).
  case cosine
  /// A straight line from the base learning rate to 0 over the whole run.
  case linear

  public struct Step: Equatable, Sendable {
    public let from: Int
    public let learningRate: Double
    public init(from: Int, learningRate: Double) {
      self.from = from
      self.learningRate = learningRate
    }
  }

  /// The learning rate of the step after `step` steps.
  ///
  /// - `stepsPerEpoch`: at least 1.
  /// - `totalSteps`: the number of steps of the whole run.
  /// - `totalSteps`: of the whole run.
  public func learningRate(base: Double, step: Int, stepsPerEpoch: Int, totalSteps: Int) -> Double {
    let epoch = step / stepsPerEpoch
    switch self {
    case .constant: return base
    case .steps(let steps): return steps.last { $0.from <= epoch + 1 }?.learningRate ?? base
    case .exponential(let decay):
      // Repeated products, because the C library's power function differs between processors.
      return (0..<epoch).reduce(base) { rate, _ in rate * decay }
    case .cosine: return base * (1 + cosine(ofHalfTurns: fraction(step, totalSteps))) / 2
    case .linear: return base * (1 - fraction(step, totalSteps))
    }
  }

  /// Whether the learning rates depend on the number of steps of the whole run.
  var dependsOnLength: Bool { self == .cosine || self == .linear }

  private func fraction(_ step: Int, _ total: Int) -> Double {
    total > 0 ? min(1, Double(step) / Double(total)) : 0
  }

  /// cos(π·x) for 0 ≤ x ≤ 1 by its Taylor series around the nearest of 0, ½ and 1. It uses basic
  /// operations only, so all processors give the same bits.
  private func cosine(ofHalfTurns x: Double) -> Double {
    if x > 0.5 { return -cosine(ofHalfTurns: 1 - x) }
    let angle = x * Double.pi
    let square = angle * angle
    var term = 1.0
    var sum = 1.0
    for k in stride(from: 2, through: 24, by: 2) {
      term *= -square / Double((k - 1) * k)
      sum += term
    }
    return sum
  }

  // MARK: Text

  static let forms = "constant, cosine, linear, exponential(0.75) or steps(1:0.1,3:0.01)"

  public init?(_ text: String) {
    let text = text.filter { !$0.isWhitespace }
    switch text {
    case "constant": self = .constant
    case "cosine": self = .cosine
    case "linear": self = .linear
    default:
      if let inner = Self.arguments(of: "exponential", in: text) {
        guard let decay = Double(inner), decay > 0, decay <= 1 else { return nil }
        self = .exponential(decay: decay)
      } else if let inner = Self.arguments(of: "steps", in: text) {
        var steps: [Step] = []
        for item in inner.split(separator: ",", omittingEmptySubsequences: false) {
          let parts = item.split(separator: ":", omittingEmptySubsequences: false)
          guard parts.count == 2, let from = Int(parts[0]), let rate = Double(parts[1]),
            from > (steps.last?.from ?? 0), rate >= 0, rate.isFinite
          else { return nil }
          steps.append(Step(from: from, learningRate: rate))
        }
        self = .steps(steps)
      } else {
        return nil
      }
    }
  }

  private static func arguments(of name: String, in text: String) -> Substring? {
    guard text.hasPrefix("\(name)("), text.hasSuffix(")") else { return nil }
    return text.dropFirst(name.count + 1).dropLast()
  }

  public var description: String {
    switch self {
    case .constant: "constant"
    case .cosine: "cosine"
    case .linear: "linear"
    case .exponential(let decay): "exponential(\(decay))"
    case .steps(let steps):
      "steps(" + steps.map { "\($0.from):\($0.learningRate)" }.joined(separator: ",") + ")"
    }
  }
}
