import Tensors

/// Each example's elements as one row of features, in memory order: (h, w, c) for an image.
public final class Flatten: ViewLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    [input[0], input.countPerExample]
  }
}

// MARK: Notation

extension Flatten {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord("flatten", meaning: "one row of features for each example")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      Flatten(builder.name("flatten"))
    }
  }
}
