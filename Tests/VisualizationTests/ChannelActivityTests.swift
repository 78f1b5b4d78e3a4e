import Datasets
import Layers
import Networks
import Tensors
import Testing
import Training

@testable import Visualization

@Suite struct ChannelActivityTests {
  /// Images of one pixel with the values 0, 1 and so on, and a network whose features are `value − threshold`.
  private let images = ImageSet(
    height: 1, width: 1, channels: 1, classes: 1, pixels: [0, 51, 102, 153, 204, 255, 204],
    labels: Array(repeating: 0, count: 7))

  private func network() throws -> Sequential {
    let network = try Architecture("fc(3) relu fc(1)").network(input: [1, 1, 1, 1], classes: 1)
    network.parameters[0].setValues(stored: [1, -1, 1])
    network.parameters[1].setValues(stored: [-0.5, 0.1, -2])
    return network
  }

  @Test func peaksAndDeadChannelsAreFound() throws {
    let activity = ChannelActivity(
      try network(), layers: [0, 1], on: Array(0..<7), of: images,
      try Normalization(mean: [0], std: [1], channels: 1), peaks: 3,
      context: Context(threadCount: 1))
    let relu = activity.layers[1]
    #expect(relu.name == "relu1")
    // 0.5 and twice 0.3, the earlier image first.
    #expect(relu.peaks[0].map(\.image) == [5, 4, 6])
    #expect(relu.peaks[0].map { ($0.value * 10).rounded() } == [5, 3, 3])
    #expect(relu.peaks[1][0].image == 0)
    #expect(relu.deadChannels(among: activity.images) == [2])
    #expect(relu.silentImages == [3, 6, 7])
    #expect(relu.silentShare == 16.0 / 21)
    #expect(
      activity.rectifiers[1]
        == RectifierStatistics(name: "relu1", channels: 3, dead: 1, zeros: 16.0 / 21))
    #expect(activity.layers[0].peaks[2][0].value == -1)
  }

  /// Examples come in batches; the result is that of one pass.
  @Test func manyImagesAreSeen() throws {
    let count = 150
    let many = ImageSet(
      height: 1, width: 1, channels: 1, classes: 1, pixels: (0..<count).map { UInt8($0) },
      labels: Array(repeating: 0, count: count))
    let activity = ChannelActivity(
      try network(), layers: [1], on: Array(0..<count), of: many,
      try Normalization(mean: [0], std: [1], channels: 1), peaks: 2,
      context: Context(threadCount: 2))
    #expect(activity.layers[0].peaks[0].map(\.image) == [149, 148])
    #expect(activity.layers[0].peaks[1].map(\.image) == [0, 1])
    let features = FeatureRows(
      try network(), layer: 0, on: Array(0..<count), of: many,
      try Normalization(mean: [0], std: [1], channels: 1), context: Context(threadCount: 2))
    #expect(features.width == 3)
    #expect(features.values.count == 3 * count)
    #expect(features.values[3 * 51] == Float(51) / 255 - 0.5)
    #expect(features.predictions == Array(repeating: 0, count: count))
  }
}
