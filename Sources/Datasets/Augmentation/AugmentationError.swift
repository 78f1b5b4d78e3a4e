/// What is wrong with an augmentation as it was written, and where.
public struct AugmentationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place of the offending step, from 1.
  public let position: Int
  /// The step, as written: `rotate(15)`.
  public let step: String
  public let problem: String
  /// What would fit there.
  public let expected: String

  public var description: String {
    "position \(position), \(step): \(problem). Expected \(expected)."
  }
}
