import Tensors

/// Each image as a signal, with its rows one after the other: `[n, h, w, c]` as `[n, 1, h·w, c]`.
public final class Signal: ViewLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, c]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4 else {
      throw ShapeError(layer: name, expected: "[n, h, w, c]", found: input)
    }
    return [input[0], 1, input[1] * input[2], input[3]]
  }
}

// MARK: Notation

extension Signal {
  package struct Specification: PlainSpecification {
    package static let word = LayerWord(
      "signal", meaning: "the image's rows one after the other, as one row")

    package init() {}

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      return Signal(builder.name("signal"))
    }
  }
}
