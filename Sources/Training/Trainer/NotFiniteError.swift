/// A loss, an output or a gradient that is not finite.
public struct NotFiniteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The computation that failed.
  public enum Stage: Equatable, Sendable {
    /// The step with this number, from 1; its update was not made.
    case step(Int)
    /// The validation after this step.
    case validation(afterStep: Int)
    /// The test after this step.
    case test(afterStep: Int)
    /// The evaluation of a finished network.
    case evaluation
  }

  public let stage: Stage
  /// `the loss`, or the parameter whose gradient is not finite.
  public let tensor: String

  public init(_ stage: Stage, tensor: String) {
    self.stage = stage
    self.tensor = tensor
  }

  public var description: String {
    let advice = "Try a smaller --lr; the last checkpoint is intact."
    return switch stage {
    case .step(let step): "step \(step): \(tensor) is not finite. \(advice)"
    case .validation(let step):
      "validation after step \(step): \(tensor) is not finite. \(advice)"
    case .test(let step): "test after step \(step): \(tensor) is not finite. \(advice)"
    case .evaluation:
      "evaluation: \(tensor) is not finite. Take an earlier checkpoint, or other images."
    }
  }
}
