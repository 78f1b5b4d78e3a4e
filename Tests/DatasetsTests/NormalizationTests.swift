import Testing

@testable import Datasets

@Suite struct NormalizationTests {
  /// `(numpy.float32(byte) / 255 - mean) / std`, all in float32.
  @Test(arguments: [
    ("mnist", [-0.42421296, -0.41148472, 1.2050011, 2.8214867] as [Float]),
    ("fashion-mnist", [-0.81019837, -0.79908913, 0.611787, 2.0226629]),
    ("kmnist", [-0.5506747, -0.53941554, 0.890499, 2.3204134]),
  ])
  func valuesAreNumPys(name: String, values: [Float]) throws {
    let normalization = try Catalog.entry(named: name).normalization
    #expect([0, 1, 128, 255].map { normalization.value(of: $0, channel: 0) } == values)
  }

  @Test func everyByteFollowsTheFormula() throws {
    let normalization = try Normalization(mean: [0.25, 0.5], std: [0.5, 2], channels: 2)
    for byte in 0...255 {
      let scaled = Float(byte) / 255
      #expect(normalization.value(of: UInt8(byte), channel: 0) == (scaled - 0.25) / 0.5)
      #expect(normalization.value(of: UInt8(byte), channel: 1) == (scaled - 0.5) / 2)
    }
  }

  @Test func bytesComeBack() throws {
    let normalization = try Normalization(mean: [0.4914, 0], std: [0.247, 1], channels: 2)
    for channel in 0..<2 {
      for byte in UInt8.min...UInt8.max {
        let value = normalization.value(of: byte, channel: channel)
        #expect(normalization.byte(of: value, channel: channel) == byte)
      }
    }
    // Rounded to the nearest byte and clamped; a NaN gives 0.
    let values: [Float] = [0.4999 / 255, 0.5001 / 255, 1.01, -0.01, .infinity, -.infinity, .nan]
    #expect(
      values.map { normalization.byte(of: $0, channel: 1) } == [0, 1, 255, 0, 255, 0, 0])
    #expect(!normalization.isIdentity)
    #expect(try Normalization(mean: [0], std: [1], channels: 3).isIdentity)
  }

  @Test func gatherKeepsOrderAndLayout() throws {
    let images = ImageSet(
      height: 2, width: 1, channels: 1, classes: 4, pixels: [10, 11, 20, 21, 30, 31],
      labels: [3, 1, 2])
    let identity = try Normalization(mean: [0], std: [1], channels: 1)
    let order = [9, 2, 0, 0, 9]
    var output = [Float](repeating: -7, count: 8)
    identity.gather(order[1..<4], from: images, into: &output)
    #expect(output == [30, 31, 10, 11, 10, 11].map { $0 / 255 } + [-7, -7])
    var labels = [Int32](repeating: -7, count: 4)
    images.gatherLabels(order[1..<4], into: &labels)
    #expect(labels == [2, 3, 3, -7])
  }

  @Test(arguments: [1, 2, 3, 4])
  func gatherUsesEachChannelsFigures(channels: Int) throws {
    let mean = [0.1, 0.2, 0.3, 0.4].prefix(channels).map { Float($0) }
    let std = [1, 2, 3, 4].prefix(channels).map { Float($0) }
    let normalization = try Normalization(mean: mean, std: std, channels: channels)
    let count = 5
    let pixels = (0..<count * 3 * 2 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let images = ImageSet(
      height: 3, width: 2, channels: channels, classes: 1, pixels: pixels,
      labels: [UInt8](repeating: 0, count: count))
    var output = [Float](repeating: 0, count: pixels.count)
    normalization.gather([0, 1, 2, 3, 4], from: images, into: &output)
    for (place, pixel) in pixels.enumerated() {
      let channel = place % channels
      #expect(output[place] == (Float(pixel) / 255 - mean[channel]) / std[channel])
    }
  }

  @Test func gatherOfNothingWritesNothing() throws {
    let images = ImageSet(
      height: 1, width: 1, channels: 1, classes: 1, pixels: [1], labels: [0])
    var output: [Float] = [5]
    try Normalization(mean: [0], std: [1], channels: 1)
      .gather([], from: images, into: &output)
    #expect(output == [5])
  }

  @Test func oneFigureServesAllChannels() throws {
    let one = try Normalization(mean: [0.5], std: [0.25], channels: 3)
    let three = try Normalization(
      mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], channels: 3)
    #expect(one == three)
    #expect(one.channels == 3)
  }

  @Test(
    arguments: [
      ([0.5, 0.5], [1], 3, "the mean has 2 numbers (expected 1 or 3)"),
      ([], [1], 1, "the mean has 0 numbers (expected 1)"),
      ([0.5], [1, 1], 1, "the standard deviation has 2 numbers (expected 1)"),
      ([0.5], [0], 1, "the standard deviation is 0.0 (expected a finite number above 0)"),
      ([0.5], [-1], 1, "the standard deviation is -1.0 (expected a finite number above 0)"),
      ([0.5], [.nan], 1, "the standard deviation is nan (expected a finite number above 0)"),
      ([0.5], [.infinity], 1, "the standard deviation is inf (expected a finite number above 0)"),
      ([.infinity], [1], 1, "the mean is inf (expected a finite number)"),
      ([0, .nan, 0], [1], 3, "the mean is nan (expected a finite number)"),
    ] as [([Float], [Float], Int, String)])
  func badFiguresAreTold(
    mean: [Float], std: [Float], channels: Int, message: String
  ) throws {
    let error = try #require(throws: NormalizationError.self) {
      try Normalization(mean: mean, std: std, channels: channels)
    }
    #expect(error.description == message)
  }
}
