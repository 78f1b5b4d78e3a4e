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
    "position \(position), \(step): \(problem) (expected \(expected))."
  }
}
