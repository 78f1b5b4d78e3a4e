import Datasets
import Layers

extension ONNXGraph {
  /// The graph of a network.
  ///
  /// - `pixels`: the type of the input if the graph normalizes pixels; nil if its input is normalized.
  /// - `outputName`: the output's name; the softmax is computed for `probabilities`.
  /// - Throws: ``ExportError/noForm(layer:kind:)``
  init(
    _ network: Sequential, name: String, inputName: String, pixels: ONNXExport.Pixels?,
    normalization: Normalization?, outputName: String
  ) throws(ExportError) {
    var builder = GraphBuilder(input: inputName, shape: network.inputShape)
    if let pixels, let normalization { builder.normalize(normalization, isFloat: pixels == .float) }
    for (layer, output) in try network.exportedLayers() { builder.add(layer, output: output) }
    if outputName == "probabilities" {
      builder.finish(as: "logits")
      builder.appendSoftmax(as: outputName)
    } else {
      builder.finish(as: outputName)
    }
    self.init(
      name: name, nodes: builder.nodes, constants: builder.constants,
      input: Value(
        name: inputName, type: pixels == .uint8 ? .uint8 : .float,
        exampleShape: Self.exampleShape(network.inputShape.array)),
      output: Value(
        name: outputName, type: .float,
        exampleShape: Self.exampleShape(network.outputShape.array)))
  }

  /// The extents of one example in PyTorch's order.
  private static func exampleShape(_ shape: [Int]) -> [Int] {
    shape.count == 4 ? [shape[3], shape[1], shape[2]] : Array(shape.dropFirst())
  }
}
