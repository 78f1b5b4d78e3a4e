import Datasets
import Layers
import Tensors

/// The outputs of one layer for many images, a row for each.
public struct FeatureRows: Sendable {
  /// `[count, width]`, channels innermost.
  public private(set) var values: [Float] = []
  public let width: Int
  /// The predicted class of each image; nil for an autoencoder.
  public private(set) var predictions: [Int]?

  /// - Parameter layer: the index of a layer, or ``ProbedNetwork/input``.
  public init(
    _ network: Sequential, layer: Int, on indices: [Int], of images: ImageSet,
    _ normalization: Normalization, context: Context
  ) {
    width = (layer < 0 ? network.inputShape : network.outputShapes[layer]).countPerExample
    values.reserveCapacity(indices.count * width)
    let probed = ProbedNetwork(
      network, watching: [layer], capacity: min(64, max(1, indices.count)), givesGradients: false,
      context: context)
    let classes = network.outputShape.countPerExample
    var predictions: [Int] = []
    for first in stride(from: 0, to: indices.count, by: probed.capacity) {
      let part = indices[first..<min(first + probed.capacity, indices.count)]
      let outputs = probed.forward(part, of: images, normalization)
      values += probed.activations(ofLayer: layer, count: part.count)
      guard !network.isAutoencoder else { continue }
      for row in 0..<part.count {
        var best = row * classes
        for place in best..<best + classes where outputs[place] > outputs[best] { best = place }
        predictions.append(best - row * classes)
      }
    }
    self.predictions = network.isAutoencoder ? nil : predictions
  }

  public var areFinite: Bool { values.allSatisfy(\.isFinite) }
}
