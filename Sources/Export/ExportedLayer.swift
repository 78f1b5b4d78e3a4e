import Layers
import Tensors

/// A layer that other programs can compute: it has a form in ONNX and one in PyTorch.
///
/// Each layer has its conformance in `Layers`. Both forms compute the layer in evaluation.
protocol ExportedLayer: Layer {
  /// Adds the layer's nodes and constants.
  func addNodes(to graph: inout GraphBuilder)
  /// Adds the layer to a PyTorch module.
  func addModule(to module: inout ModuleBuilder)
}

/// Why a network cannot be exported.
public enum ExportError: Error, Equatable, CustomStringConvertible {
  /// - Parameter kind: the type of the layer.
  case noForm(layer: String, kind: String)
  /// - Parameter problem: what Keras does not have.
  case notInKeras(layer: String, problem: String)
  case tooLarge(bytes: Int)
  case notClasses

  public var description: String {
    switch self {
    case .noForm(let layer, let kind):
      "\(layer): it cannot be exported (found \(kind), which has no form in other programs). "
        + "Add a file for it to Sources/Export/Layers, or leave it out."
    case .notInKeras(let layer, let problem):
      "\(layer): Keras cannot compute it (found \(problem)). Leave the rival keras out."
    case .tooLarge(let bytes):
      "--format: the network is too large for onnx (found \(bytes) bytes, expected less than "
        + "\(ONNXModel.byteLimit)). Take torch."
    case .notClasses:
      "--softmax: an autoencoder gives images (expected a network that gives classes). "
        + "Leave it out."
    }
  }
}

extension Sequential {
  /// The layers with the shape of each one's output.
  ///
  /// - Throws: ``ExportError/noForm(layer:kind:)``
  func exportedLayers() throws(ExportError) -> [(layer: any ExportedLayer, output: Shape)] {
    var exported: [(layer: any ExportedLayer, output: Shape)] = []
    for (layer, output) in zip(layers, outputShapes) {
      guard let form = layer as? any ExportedLayer else {
        throw .noForm(layer: layer.name, kind: "\(type(of: layer))")
      }
      exported.append((form, output))
    }
    return exported
  }
}
