import Checkpoints
import Layers
import Tensors
import Training

/// Random images with the network's outputs for them, to check another program against.
///
/// A safetensors file with the tensors `pixels` and `images`, `[n, c, h, w]`, and `outputs`, of the
/// order that exported networks have.
public struct ExampleOutputs {
  /// The images of one pass.
  private static let capacity = 256

  public let bytes: [UInt8]

  /// - `count`: the number of images. The first ones do not depend on it.
  /// - Throws: `ThreadError`.
  /// - Returns: nil if an output is not finite.
  public init?(of trained: TrainedModel, count: Int) throws(ThreadError) {
    let network = trained.network
    let executor = Executor(
      network, capacity: min(count, Self.capacity), training: false,
      context: try Context(starting: Processors.threadCount))
    let shape = network.inputShape
    var pixels: [Float] = []
    var images: [Float] = []
    var outputs: [Float] = []
    for first in stride(from: 0, to: count, by: executor.capacity) {
      let part = min(executor.capacity, count - first)
      let drawn = (first..<first + part).flatMap { Self.pixels(ofImage: $0, count: shape.count) }
      trained.normalization.normalize(drawn, count: drawn.count, into: executor.input.base)
      let input = executor.input.examples(0..<part)
      pixels += Self.channelsFirst(drawn.map(Float.init), input.shape)
      images += Self.channelsFirst(Array(input.elements), input.shape)
      let output = executor.forward(count: part)
      outputs += Self.channelsFirst(Array(output.elements), output.shape)
    }
    guard outputs.allSatisfy(\.isFinite) else { return nil }
    let imageShape = [count, shape[3], shape[1], shape[2]]
    let outputShape =
      network.isAutoencoder ? imageShape : [count, network.outputShape.countPerExample]
    bytes = Safetensors.encode(tensors: [
      StoredTensor(name: "pixels", shape: imageShape, values: pixels),
      StoredTensor(name: "images", shape: imageShape, values: images),
      StoredTensor(name: "outputs", shape: outputShape, values: outputs),
    ])
  }

  private static func pixels(ofImage index: Int, count: Int) -> [UInt8] {
    var random = Random(seed: 0, domain: .exampleImages, index: index)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.nextBits()) }
  }

  /// Elements of `[n, h, w, c]` in the order of `[n, c, h, w]`; other shapes are unchanged.
  private static func channelsFirst(_ elements: [Float], _ shape: Shape) -> [Float] {
    guard shape.rank == 4, shape[3] > 1 else { return elements }
    let (pixels, channels) = (shape[1] * shape[2], shape[3])
    var result: [Float] = []
    result.reserveCapacity(elements.count)
    for n in 0..<shape[0] {
      for c in 0..<channels {
        for pixel in 0..<pixels { result.append(elements[(n * pixels + pixel) * channels + c]) }
      }
    }
    return result
  }
}
