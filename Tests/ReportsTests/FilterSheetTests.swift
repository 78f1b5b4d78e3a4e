import Testing

@testable import Reports

@Suite struct FilterSheetTests {
  @Test func grayValuesAreLinearInTheWeights() {
    // Two filters of 2×2 over one channel: 0…7 becomes 0…255, in steps of 255/7 = 36.43.
    let sheet = FilterSheet(weights: (0..<8).map(Float.init), shape: [2, 1, 2, 2])
    #expect(
      sheet.plain
        == Raster(
          width: 5, height: 2, channels: 1,
          pixels: [
            0, 36, 0, 146, 182,
            73, 109, 0, 219, 255,
          ]))
    #expect(sheet.layout.factor == 240)
    #expect(sheet.raster == sheet.plain.enlarged(by: 240))
  }

  @Test func filtersOverThreeChannelsAreInColor() {
    // One filter of 1×2 over red (−1, 1), green (0, −0.5) and blue (0.5, 0).
    let sheet = FilterSheet(weights: [-1, 1, 0, -0.5, 0.5, 0], shape: [1, 3, 1, 2])
    #expect(
      sheet.plain
        == Raster(width: 2, height: 1, channels: 3, pixels: [0, 128, 191, 255, 64, 128]))
  }

  @Test func eachInputChannelHasABlock() {
    // Nine 1×1 filters over two channels. The weight of output g is g for the first and −g for the second.
    let weights = (0..<9).flatMap { [Float($0), -Float($0)] }
    let sheet = FilterSheet(weights: weights, shape: [9, 2, 1, 1])
    let gray = { (weight: Double) in UInt8((255 * (weight + 8) / 16).rounded()) }
    // Two blocks of 15×3 with a gap of 3 make 33×3 in a row or 15×9 in a column. 15/9 is closer to 1.6.
    #expect(sheet.plain.width == 15 && sheet.plain.height == 9)
    for output in 0..<9 {
      let at = (output / 8 * 2) * 15 + output % 8 * 2
      #expect(sheet.plain.pixels[at] == gray(Double(output)))
      #expect(sheet.plain.pixels[6 * 15 + at] == gray(-Double(output)))
    }
    // The least weight, −8, and the borders are black.
    #expect(sheet.plain.pixels.filter { $0 != 0 }.count == 17)
  }

  @Test func tileScalingGivesEachTileTheFullRange() {
    let weights: [Float] = [0, 1, 10, 30]
    #expect(
      FilterSheet(weights: weights, shape: [2, 1, 1, 2], scaling: .tile).plain.pixels
        == [0, 255, 0, 0, 255])
    #expect(
      FilterSheet(weights: weights, shape: [2, 1, 1, 2]).plain.pixels == [0, 9, 0, 85, 255])
  }

  @Test func equalWeightsAreGrayAndThoseNotFiniteBlack() {
    #expect(FilterSheet(weights: [3, 3], shape: [1, 1, 1, 2]).plain.pixels == [128, 128])
    let huge = Float.greatestFiniteMagnitude
    #expect(
      FilterSheet(weights: [-huge, huge, 0, .nan, .infinity], shape: [1, 1, 1, 5]).plain.pixels
        == [0, 255, 128, 0, 0])
    #expect(
      FilterSheet(weights: [.nan, -.infinity], shape: [1, 1, 1, 2]).plain.pixels == [0, 0])
  }

  /// Filters of common networks.
  @Test(arguments: [
    [16, 1, 5, 5], [32, 16, 5, 5], [6, 1, 5, 5], [16, 6, 5, 5], [64, 3, 3, 3], [64, 64, 3, 3],
    [96, 3, 11, 11], [512, 512, 3, 3], [1, 1, 1, 1], [8, 7, 1, 1], [3, 2, 7, 5], [10, 100, 28, 28],
    [64, 256, 1, 1],
  ])
  func tilesFillTheSheetAndDoNotOverlap(shape: [Int]) {
    let layout = FilterSheet.Layout(
      outputs: shape[0], inputs: shape[1], height: shape[2], width: shape[3])
    #expect((400...2000).contains(layout.width * layout.factor))

    var taken = [Bool](repeating: false, count: layout.width * layout.height)
    var clashes = 0
    for output in 0..<layout.outputs {
      for block in 0..<layout.blocks {
        let (left, top) = layout.origin(output: output, block: block)
        for y in top..<top + shape[2] {
          for x in left..<left + shape[3] {
            if x >= layout.width || taken[y * layout.width + x] { clashes += 1 }
            taken[y * layout.width + x] = true
          }
        }
      }
    }
    #expect(clashes == 0)
    // The last tiles touch the right and the lower edge.
    #expect((0..<layout.height).contains { taken[$0 * layout.width + layout.width - 1] })
    #expect((0..<layout.width).contains { taken[(layout.height - 1) * layout.width + $0] })
  }
}
