/// The error in an augmentation's text, and its place.
public struct AugmentationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The number of the step, from 1.
  public let position: Int
  /// The step, as written: `rotate(15)`.
  public let step: String
  public let problem: String
  /// A description of valid text.
  public let expected: String

  public var description: String {
    // The expectation of a detail and that of the whole share their parentheses.
    let hasDetail = problem.hasSuffix(")") && problem.contains(" (expected ")
    let sentence =
      hasDetail ? "\(problem.dropLast()), in \(expected))" : "\(problem) (expected \(expected))"
    return "position \(position), \(step): \(sentence)."
  }
}
