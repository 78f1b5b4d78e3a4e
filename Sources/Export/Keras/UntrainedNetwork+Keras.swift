import Layers

extension UntrainedNetwork {
  /// A Python file with the function `network()`, which makes the Keras model of a network that gives classes. Its
  /// values are Keras's own; `FLATTENED` names the layers whose weights' columns files store in (c, h, w) order.
  ///
  /// - Throws: ``ExportError/notInKeras(layer:problem:)``
  public static func kerasModel(of network: Sequential) throws(ExportError) -> String {
    guard network.outputShape.rank == 2 else {
      throw .notInKeras(layer: network.layers.last?.name ?? "", problem: "images as output")
    }
    var builder = KerasBuilder(shape: network.inputShape)
    for (layer, output) in zip(network.layers, network.outputShapes) {
      try builder.add(layer, output: output)
    }
    let shape = network.inputShape.array.dropFirst().map(String.init).joined(separator: ", ")
    let flattened = builder.flattened.map {
      "\"\($0.layer)\": (\($0.channels), \($0.height), \($0.width))"
    }.joined(separator: ", ")
    let statements = builder.statements.map { "    \($0)\n" }.joined()
    return """
      import keras
      from keras import layers, ops

      FLATTENED = {\(flattened)}


      def network() -> keras.Model:
          \"""A network to time.\"""
          x = images = keras.Input((\(shape)))
      \(statements)    return keras.Model(images, x)

      """
  }
}
