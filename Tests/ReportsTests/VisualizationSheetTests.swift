import Testing
import Visualization

@testable import Reports

@Suite struct VisualizationSheetTests {
  private func luminance(_ color: ChartStyle.Color) -> Double {
    func linear(_ value: UInt8) -> Double {
      let part = Double(value) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055).power(2.4)
    }
    return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
  }

  /// The order of values is also seen without colors.
  @Test func theSequentialMapGetsBrighter() {
    let steps = (0...100).map { luminance(ColorMap.sequential.color(at: Double($0) / 100)) }
    for (before, after) in zip(steps, steps.dropFirst()) { #expect(after > before - 1e-3) }
    #expect(steps[0] < 0.03 && steps[100] > 0.8)
  }

  @Test func theDivergingMapHasEqualArms() {
    for step in 0...50 {
      let low = luminance(ColorMap.diverging.color(at: 0.5 - Double(step) / 100))
      let high = luminance(ColorMap.diverging.color(at: 0.5 + Double(step) / 100))
      #expect(abs(low - high) < 0.08, "\(step)")
    }
  }

  @Test func numbersOutsideHaveTheColorsOfTheEnds() {
    let map = ColorMap([0x000000, 0x646464, 0xFFFFFF])
    #expect(map.color(at: -1) == .init(0x000000) && map.color(at: .nan) == .init(0x000000))
    #expect(map.color(at: 0.25) == .init(0x323232))
    #expect(map.color(at: 1) == .init(0xFFFFFF) && map.color(at: 9) == .init(0xFFFFFF))
  }

  @Test func scalesBeginAtZeroOrSurroundIt() {
    let positive = ValueScale([2, 4, .nan])
    #expect(positive.lowest == 0 && positive.highest == 4 && !positive.isDiverging)
    let signed = ValueScale([-1, 4])
    #expect(signed.lowest == -4 && signed.highest == 4 && signed.isDiverging)
    #expect(
      signed.position(of: 0) == 0.5 && signed.weight(of: 0) == 0 && signed.weight(of: -4) == 1)
    #expect(ValueScale([]).position(of: 0) == 0)
    #expect(ValueScale([0, 0]).weight(of: 0) == 0)
  }

  @Test(arguments: [(1, 1), (28, 28), (300, 2)], [1, 3])
  func sheetsOfAnySizeAreDrawn(size: (Int, Int), channels: Int) {
    let (width, height) = size
    let image = Raster(
      width: width, height: height, channels: channels,
      pixels: Array(repeating: 200, count: width * height * channels))
    let map = AttributionMap(
      height: height, width: width, values: (0..<width * height).map { Float($0) - 3 })
    let sheet = AttributionSheet(image: image, map: map, title: "Title", lines: ["a", "b"]).raster
    #expect(sheet.width > 3 * width && sheet.channels == 3)
    let cells = ChannelSheet.Cell(image: image, caption: "7: 0.5", map: map)
    let channelSheet = ChannelSheet(
      title: "t", rows: [.init(name: "channel 0", cells: [cells]), .init(name: "1", cells: [])])
    #expect(channelSheet.raster.height > 2 * height)
  }

  @Test(arguments: [[1], [10], [41], [600], [1, 1, 3], [7, 7, 300], [28, 28, 5], [1, 200, 4]])
  func activationsOfAnyShapeAreDrawn(_ shape: [Int]) {
    let count = shape.reduce(1, *)
    for values in [
      (0..<count).map { Float($0) }, (0..<count).map { Float($0) - 5 },
      Array(repeating: Float(0), count: count),
    ] {
      let raster = ActivationSheet(layer: "conv1", shape: shape, values: values).raster
      #expect(raster.width <= 1600 && raster.height > 60)
    }
  }

  private func gray(_ value: Int, width: Int = 40) -> Raster {
    Raster(
      width: width, height: 30, channels: 1,
      pixels: Array(repeating: UInt8(value % 256), count: 30 * width))
  }

  /// Of many pictures only the shown ones are read, the first and the last among them.
  @Test func stripsHaveAtMost60Pictures() throws {
    let course = FilterCourse(
      of: "conv1", among: (0..<1200).map { "epoch-\($0 < 100 ? "0\($0)" : "\($0)")-conv1.png" })
    var read: [Int] = []
    let strip = try #require(
      course.strip { picture in
        read.append(picture.epoch)
        return gray(picture.epoch)
      })
    #expect(read == course.pictures.map(\.epoch))
    #expect(read.count == 60 && read[0] == 0 && read[1] == 20 && read[59] == 1199)
    let text = String(decoding: try strip.animation(), as: Unicode.ASCII.self)
    #expect(text.split(separator: "fcTL", omittingEmptySubsequences: false).count == 61)
    #expect(strip.contactSheet.width <= 1200)
  }

  /// The names have at least three digits, so their order is not that of the epochs.
  @Test func picturesAreInTheOrderOfTheirEpochs() {
    let course = FilterCourse(
      of: "conv1",
      among: [
        "epoch-000-conv1.png", "epoch-1000-conv1.png", "epoch-1001-conv1.png",
        "epoch-101-conv1.png", "epoch-101-block1-conv1.png", "epoch-102-conv11.png",
        "epoch-999-conv1.png", "epoch-x-conv1.png", "notes.txt", "epoch-10000-conv1.png",
      ])
    #expect(course.pictures.map(\.epoch) == [0, 101, 999, 1000, 1001, 10_000])
    #expect(course.pictures[3].name == "epoch-1000-conv1.png")
  }

  @Test func picturesThatDoNotFitAreLeftOut() {
    let course = FilterCourse(
      of: "conv1", among: (1...3).map { "epoch-00\($0)-conv1.png" })
    #expect(course.strip { $0.epoch == 2 ? nil : gray(0) } != nil)
    #expect(course.strip { $0.epoch == 3 ? nil : gray(0, width: $0.epoch * 10) } == nil)
    #expect(course.strip { _ in nil } == nil)
    #expect(FilterCourse(of: "conv1", among: []).strip { _ in gray(0) } == nil)
  }

  @Test func pointsAreDrawnInTheirColors() {
    let points = (0..<6).map {
      ScatterPlot.Point(x: Double($0), y: Double($0 * $0), label: $0 % 3, isMistake: $0 == 4)
    }
    let plot = ScatterPlot(
      title: "a < b", subtitle: "six points", points: points,
      names: ["zero", "one", "two", "three"])
    let svg = plot.svg
    #expect(svg.contains("a &lt; b") && svg.contains(">two</text>") && !svg.contains(">three<"))
    #expect(svg.split(separator: "r=\"3\"").count == 7)
    #expect(svg.contains("ring: a mistake"))
    let raster = plot.raster
    #expect(raster.width > 900 && raster.height > 900)
    #expect(
      ScatterPlot.csv(
        indices: [4, 7], labels: [0, 1], predictions: [1, 1],
        columns: [("x", [0.5, 1]), ("y", [2, 3])])
        == "index,true,predicted,x,y\n4,0,1,0.5,2.0\n7,1,1,1.0,3.0\n")
  }
}

extension Double {
  /// The number to the power of `exponent`, which is enough for a test.
  fileprivate func power(_ exponent: Double) -> Double {
    // x^2.4 = x²·(x²)^⅕ with Newton's method for the root.
    let square = self * self
    guard square > 0 else { return 0 }
    var root = 1.0
    for _ in 0..<200 { root = (4 * root + square / (root * root * root * root)) / 5 }
    return square * root
  }
}
