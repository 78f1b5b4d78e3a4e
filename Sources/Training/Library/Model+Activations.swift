import Layers
import Tensors

extension Model {
  /// The output of one layer for one image.
  public struct LayerOutput: Sendable {
    /// The layer's name, such as `conv1`.
    public let name: String
    /// `[1, height, width, channels]`, or `[1, features]`.
    public let shape: Shape
    /// The values in the order of `shape`.
    public let values: [Float]
  }

  /// The outputs of every layer that computes something, in order, for one image.
  ///
  /// - Parameter pixels: the image, `[height, width, channels]`, 0…255.
  /// - Returns: the last output gives ``probabilities(of:)`` by softmax: to the bit, or by rounding
  ///   if ``prepareForInference(exact:)`` has folded batch normalization.
  public func layerOutputs(of pixels: [UInt8]) -> [LayerOutput] {
    precondition(pixels.count == network.inputShape.count, "\(pixels.count) pixels of one image")
    let arena = Arena()
    let input = Tensor(network.inputShape, at: arena.floats(pixels.count))
    pixels.withUnsafeBufferPointer {
      normalization.normalize($0.baseAddress!, count: pixels.count, into: input.base)
    }
    var outputs: [LayerOutput] = []
    walk.forward(input) { index, output in
      outputs.append(
        LayerOutput(
          name: network.layers[index].name, shape: output.shape, values: Array(output.elements)))
    }
    return outputs
  }
}
