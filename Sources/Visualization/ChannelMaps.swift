import Datasets
import Layers
import Tensors

/// The activations of single channels over images.
public struct ChannelMaps {
  private let probed: ProbedNetwork?
  private let layer: Int
  private let images: ImageSet
  private let normalization: Normalization

  /// - Parameter isMap: false for a layer whose outputs do not lie over the image; it has no maps.
  public init(
    _ network: Sequential, layer: Int, of images: ImageSet, _ normalization: Normalization,
    isMap: Bool, context: Context
  ) {
    probed =
      isMap && network.outputShapes[layer].countPerExample > network.outputShapes[layer][3]
      ? ProbedNetwork(
        network, watching: [layer], capacity: 1, givesGradients: false, context: context) : nil
    (self.layer, self.images, self.normalization) = (layer, images, normalization)
  }

  /// The positive part of a channel's activation, at the size of the image; nil without maps.
  public func map(image index: Int, channel: Int) -> AttributionMap? {
    guard let probed else { return nil }
    _ = probed.forward([index][...], of: images, normalization)
    let values = probed.activations(ofLayer: layer, count: 1)
    let shape = probed.network.outputShapes[layer]
    return AttributionMap(
      height: shape[1], width: shape[2],
      values: (0..<shape[1] * shape[2]).map { max(0, values[$0 * shape[3] + channel]) }
    ).resized(height: images.height, width: images.width)
  }
}
