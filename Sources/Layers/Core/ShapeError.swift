import Tensors

/// The error of a layer that cannot take its input.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  /// The layer's name.
  public let layer: String
  public let expected: String
  public let found: Shape

  public init(layer: String, expected: String, found: Shape) {
    self.layer = layer
    self.expected = expected
    self.found = found
  }

  public var description: String {
    "\(layer) cannot take this input (found \(found), expected \(expected))"
  }
}
