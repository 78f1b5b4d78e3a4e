/// An error in a network written in the course's notation, with its position.
public struct NotationError: Error, Equatable, CustomStringConvertible {
  /// The whole text.
  public let text: String
  /// The position of the wrong character or layer, from 1.
  public let position: Int
  /// The layer's word, as written: `conv(16)`.
  public let layer: String
  public let problem: String
  /// The text that would be right.
  public let expected: String

  package init(
    text: String, position: Int, layer: String, problem: String, expected: String
  ) {
    self.text = text
    self.position = position
    self.layer = layer
    self.problem = problem
    self.expected = expected
  }

  public var description: String {
    "position \(position), \(layer): \(expecting(expected, after: problem))."
  }
}

/// `problem (expected …)`. If `problem` has an expectation of a detail already, both share its parentheses.
package func expecting(_ expected: String, after problem: String) -> String {
  problem.hasSuffix(")") && problem.contains(" (expected ")
    ? "\(problem.dropLast()), in \(expected))" : "\(problem) (expected \(expected))"
}
