import Datasets
import Layers
import Tensors
import Training

/// The greatest activation of each channel of some layers, over many images.
///
/// A channel is one of an image's channels, or one feature of a fully connected layer.
public struct ChannelActivity: Sendable {
  /// An image in which a channel is active.
  public struct Peak: Equatable, Sendable {
    /// The index of the image in its set.
    public let image: Int
    /// The greatest activation of the channel in the image.
    public let value: Float
  }

  /// The channels of one layer.
  public struct Layer: Sendable {
    public let index: Int
    public let name: String
    /// The images of the greatest activations of each channel, the greatest first. Of equal ones the earlier
    /// image comes first.
    public fileprivate(set) var peaks: [[Peak]]
    /// The number of images in which no activation of a channel is above 0.
    public fileprivate(set) var silentImages: [Int]
    /// The number of activations of 0 or less over all images, and the number of all activations.
    public fileprivate(set) var silentCount = 0
    public fileprivate(set) var totalCount = 0

    /// The channels without an activation above 0 in any image. Behind a ReLU they are dead: no gradient
    /// reaches them.
    public func deadChannels(among images: Int) -> [Int] {
      silentImages.indices.filter { silentImages[$0] == images }
    }

    /// The fraction of activations of 0 or less.
    public var silentShare: Double {
      totalCount == 0 ? 0 : Double(silentCount) / Double(totalCount)
    }
  }

  public private(set) var layers: [Layer]
  /// The layers as figures of ReLUs.
  public var rectifiers: [RectifierStatistics] {
    layers.map { layer in
      RectifierStatistics(
        name: layer.name, channels: layer.silentImages.count,
        dead: layer.deadChannels(among: images).count, zeros: layer.silentShare)
    }
  }
  /// The number of images.
  public let images: Int

  /// Computes the activations of the images at `indices`.
  ///
  /// - Parameters:
  ///   - layers: indices of layers.
  ///   - peaks: the number of images to remember for each channel.
  public init(
    _ network: Sequential, layers: [Int], on indices: [Int], of images: ImageSet,
    _ normalization: Normalization, peaks: Int, context: Context
  ) {
    self.images = indices.count
    self.layers = layers.map { index in
      let shape = network.outputShapes[index]
      let channels = shape[shape.rank - 1]
      return Layer(
        index: index, name: network.layers[index].name,
        peaks: Array(repeating: [], count: channels),
        silentImages: Array(repeating: 0, count: channels))
    }
    let probed = ProbedNetwork(
      network, watching: layers, capacity: min(64, max(1, indices.count)), givesGradients: false,
      context: context)
    for first in stride(from: 0, to: indices.count, by: probed.capacity) {
      let part = indices[first..<min(first + probed.capacity, indices.count)]
      _ = probed.forward(part, of: images, normalization)
      for (place, index) in layers.enumerated() {
        probed.withActivations(ofLayer: index, count: part.count) {
          self.layers[place].add($0, of: part, peaks: peaks)
        }
      }
    }
  }
}

extension ChannelActivity.Layer {
  fileprivate mutating func add(_ activations: Tensor, of images: ArraySlice<Int>, peaks limit: Int)
  {
    let channels = silentImages.count
    let size = activations.shape.countPerExample
    var greatest = [Float](repeating: 0, count: channels)
    for (example, image) in images.enumerated() {
      let values = UnsafeBufferPointer(start: activations.base + example * size, count: size)
      for channel in 0..<channels { greatest[channel] = -.infinity }
      for position in stride(from: 0, to: size, by: channels) {
        for channel in 0..<channels {
          let value = values[position + channel]
          if value <= 0 { silentCount += 1 }
          if value > greatest[channel] { greatest[channel] = value }
        }
      }
      totalCount += size
      for channel in 0..<channels {
        if greatest[channel] <= 0 { silentImages[channel] += 1 }
        insert(.init(image: image, value: greatest[channel]), channel, limit)
      }
    }
  }

  private mutating func insert(_ peak: ChannelActivity.Peak, _ channel: Int, _ limit: Int) {
    let row = peaks[channel]
    if row.count == limit, let last = row.last, last.value >= peak.value { return }
    guard limit > 0 else { return }
    let place = row.firstIndex { $0.value < peak.value } ?? row.count
    peaks[channel].insert(peak, at: place)
    if peaks[channel].count > limit { peaks[channel].removeLast() }
  }
}
