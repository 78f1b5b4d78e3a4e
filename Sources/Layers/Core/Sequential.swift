import Tensors

/// A network: layers in sequence (lecture row L2).
public final class Sequential {
  public let layers: [any Layer]
  /// The shape of one example, with a first extent of 1.
  public let inputShape: Shape
  /// The shape of each layer's output for one example.
  public let outputShapes: [Shape]

  /// - Throws: ``ShapeError`` for the first layer that cannot take the output of the layer before
  ///   it, or for a residual block whose output shape differs from its input shape.
  /// - Precondition: each ``ResidualBranch`` has a ``ResidualSum``.
  public init(_ layers: [any Layer], inputShape: Shape) throws(ShapeError) {
    self.layers = layers
    self.inputShape = inputShape.with(examples: 1)
    var shape = self.inputShape
    var shapes: [Shape] = []
    var blockInputs: [Shape] = []
    for layer in layers {
      if layer.residualEnd == .branch { blockInputs.append(shape) }
      if layer.residualEnd == .sum {
        precondition(!blockInputs.isEmpty, "\(layer.name): a sum without its branch")
        let input = blockInputs.removeLast()
        guard shape == input else {
          throw ShapeError(
            layer: layer.name, expected: "\(input), the block's input", found: shape)
        }
      }
      shape = try layer.outputShape(for: shape)
      shapes.append(shape)
    }
    precondition(blockInputs.isEmpty, "a residual block without its sum")
    outputShapes = shapes
    parameters = layers.flatMap(\.parameters)
  }

  /// The shape that layer `index` reads for one example.
  public func inputShape(ofLayer index: Int) -> Shape {
    index == 0 ? inputShape : outputShapes[index - 1]
  }

  /// The shape of the network's output for one example.
  public var outputShape: Shape { outputShapes.last ?? inputShape }

  /// True if the output has the input's shape. Such a network learns to reconstruct its input and
  /// does not classify.
  public var isAutoencoder: Bool { outputShape == inputShape }

  /// All parameters, in the order of the layers.
  public let parameters: [Parameter]
  /// The parameters that the optimizer changes.
  public var trainedParameters: [Parameter] { parameters.filter(\.isTrained) }

  /// The number of trainable values.
  public var parameterCount: Int { trainedParameters.reduce(0) { $0 + $1.layout.count } }
}
