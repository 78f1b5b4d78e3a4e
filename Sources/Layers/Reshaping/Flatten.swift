import Tensors

/// Each example's elements as one row of features, in memory order: (h, w, c) for an image.
public final class Flatten: ViewLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    [input[0], input.countPerExample]
  }
}
