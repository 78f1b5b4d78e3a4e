import Foundation
import Testing

@testable import Reports

@Suite struct PlotAxisTests {
  private func labels(_ axis: PlotAxis) -> [String] { axis.ticks.map(\.label) }

  /// Values near the limits of a number have an axis, too.
  @Test(arguments: [
    0...5e-324, 5e-324...5e-324, 1e-310...2e-310, 1e-290...2e-290, 1...1.7e308, 1.7e308...1.7e308,
  ])
  func extremeValuesHaveAnAxis(range: ClosedRange<Double>) {
    for axis in [
      PlotAxis.linear(range), .linear(range, widened: false), .linear(-range.upperBound...0),
      .logarithmic(max(range.lowerBound, 5e-324)...range.upperBound),
    ] {
      #expect(axis.range.lowerBound.isFinite && axis.range.upperBound.isFinite)
      #expect(axis.range.lowerBound < axis.range.upperBound)
      #expect((1...12).contains(axis.ticks.count), "\(axis)")
      #expect(axis.position(of: range.upperBound).isFinite)
    }
  }

  @Test func linearTicksAreMultiplesOf1Or2Or5() {
    #expect(labels(.linear(0...0.43)) == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"])
    #expect(labels(.linear(0...2.3)) == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"])
    #expect(
      labels(.linear(96.2...99.13)) == [
        "96.0", "96.5", "97.0", "97.5", "98.0", "98.5", "99.0", "99.5",
      ])
    #expect(labels(.linear(-1...1)) == ["-1.0", "-0.5", "0.0", "0.5", "1.0"])
    #expect(PlotAxis.linear(0...0.43).range == 0...0.5)
  }

  @Test func anAxisEndsAtItsUpperLimit() {
    let axis = PlotAxis.linear(99.9...100, upTo: 100)
    #expect(axis.range.upperBound == 100)
    #expect(axis.ticks.last?.label == "100.00")
    #expect(PlotAxis.linear(100...100, upTo: 100).range == 90...100)
  }

  @Test func ticksMayBeWholeNumbersOnly() {
    #expect(labels(.linear(0...3, wholeNumbersOnly: true, widened: false)) == ["0", "1", "2", "3"])
    let axis = PlotAxis.linear(1...300, wholeNumbersOnly: true, widened: false)
    #expect(labels(axis) == ["50", "100", "150", "200", "250", "300"])
    #expect(axis.range == 1...300)
  }

  @Test func logarithmicTicksArePowersOfTen() {
    let axis = PlotAxis.logarithmic(1e-4...1e-1)
    #expect(labels(axis) == ["0.0001", "0.001", "0.01", "0.1"])
    #expect(abs(axis.position(of: 1e-2) - 2.0 / 3) < 1e-9)
    #expect(labels(.logarithmic(0.02...0.5)) == ["0.01", "0.1", "1"])
  }

  @Test(
    arguments: [
      (0.0, 0.0), (5.0, 5.0), (-3.0, -3.0), (1e-300, 2e-300), (0.0, 1e300),
      (1e15, 1_000_000_000_000_001.0),
    ] as [(Double, Double)])
  func emptyAndExtremeRangesHaveFewTicks(low: Double, high: Double) {
    let range = low...high
    let axis = PlotAxis.linear(range)
    #expect((2...12).contains(axis.ticks.count))
    #expect(axis.range.lowerBound <= range.lowerBound && axis.range.upperBound >= range.upperBound)
    #expect(axis.position(of: range.lowerBound).isFinite)
  }
}

@Suite struct TrainingPlotTests {
  @Test func aRunWithoutAccuracyHasNoAccuracyPanel() {
    let without = TrainingPlot(title: "run", points: [.init(epoch: 1, trainLoss: 2, rate: 0.1)])
    #expect(!without.svg.contains("accuracy"))
    #expect(without.svg.contains(">loss<") && without.svg.contains(">learning rate<"))
    let with = TrainingPlot(
      title: "run", points: [.init(epoch: 1, trainLoss: 2, validationAccuracy: 0.5, rate: 0.1)])
    #expect(with.svg.contains(">accuracy in %<"))
    func panels(_ plot: TrainingPlot) -> Int {
      plot.svg.components(separatedBy: "<g transform=").count - 1
    }
    #expect(panels(with) == 3 && panels(without) == 2)
  }

  /// The gradient's norm and the speed have panels where they are recorded, at most three in a row.
  @Test func normAndSpeedHavePanels() {
    let points = (1...3).map {
      TrainingPlot.Point(
        epoch: Double($0), trainLoss: 1, trainAccuracy: 0.5, rate: 0.1,
        gradientNorm: $0 == 2 ? nil : 4, imagesPerSecond: 12_345.6)
    }
    let plot = TrainingPlot(title: "run", points: points)
    #expect(
      plot.page.panels.map(\.heading) == [
        "loss", "accuracy in %", "learning rate", "norm of the gradient", "images per second",
      ])
    #expect(plot.svg.contains("speed 12,346") && plot.svg.contains("mean 4"))
    #expect(plot.page.drawing(withTitle: false).width == 3 * 360)
    #expect(plot.page.drawing(withTitle: false).height == 2 * 300)
    // An autoencoder has four panels, in two rows of two.
    let without = TrainingPlot(
      title: "run",
      points: [.init(epoch: 1, trainLoss: 1, rate: 1, gradientNorm: 1, imagesPerSecond: 1)])
    #expect(without.page.drawing(withTitle: false).width == 2 * 360)
  }

  @Test func pointsLieAtTheirEpochAndValue() {
    // Epochs 1…3 span x from 64 to 340. Losses 0…2 span y from 256 up to 52.
    let plot = TrainingPlot(
      title: "run",
      points: [
        .init(epoch: 1, trainLoss: 2), .init(epoch: 2, trainLoss: 1, validationLoss: 1.5),
        .init(epoch: 3, trainLoss: 0.5),
      ])
    #expect(
      plot.svg.contains(
        "<path class=\"line train\" d=\"M64.0 52.0L202.0 154.0L340.0 205.0\"/>"))
    #expect(plot.svg.contains("<circle class=\"train-mark\" cx=\"202.0\" cy=\"154.0\" r=\"3\"/>"))
    // A single point has a mark and no line.
    #expect(plot.svg.contains("<path class=\"validation-mark\" d=\"M202.0 103.0m-3 -3h6v6h-6z\"/>"))
    #expect(!plot.svg.contains("class=\"line validation\" d=\"M202"))
  }

  @Test func missingAndInfiniteValuesLeaveGaps() {
    var points = (1...6).map {
      TrainingPlot.Point(epoch: Double($0), trainLoss: Double($0), rate: 0.1)
    }
    points[2].trainLoss = .nan
    points[5].trainLoss = .infinity
    let svg = TrainingPlot(title: "run", points: points).svg
    #expect(
      svg.split(separator: "\n").filter { $0.contains("class=\"line train\" d=\"M") }.count == 3)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func learningRatesOverADecadeAreLogarithmic() {
    let steps = [0.1, 0.1, 0.01, 0.01, 0.001]
    let points = steps.enumerated().map {
      TrainingPlot.Point(epoch: Double($0.offset + 1), rate: $0.element)
    }
    // The axis has two decades, so 0.01 lies in the middle.
    #expect(TrainingPlot(title: "run", points: points).svg.contains("L202.0 154.0L"))
  }

  @Test func aSingleEpochLiesInTheMiddle() {
    let svg = TrainingPlot(title: "run", points: [.init(epoch: 1, trainLoss: 2)]).svg
    #expect(svg.contains("<circle class=\"train-mark\" cx=\"202.0\" cy=\"52.0\" r=\"3\"/>"))
    #expect(svg.contains("<text class=\"middle\" x=\"202.0\" y=\"275.0\">1</text>"))
    #expect(!svg.contains(">0.95<"))
  }

  @Test func aPlotWithoutPointsSaysSo() {
    let svg = TrainingPlot(title: "a < b & \"c\"", points: []).svg
    #expect(svg.contains("<title>a &lt; b &amp; &quot;c&quot;</title>"))
    #expect(svg.split(separator: "\n").filter { $0.contains("nothing recorded") }.count == 3)
    #expect(!svg.contains("nan"))
  }

  @Test func manyPointsAreDrawnWithoutMarks() {
    let points = (1...300).map {
      TrainingPlot.Point(epoch: Double($0), trainLoss: 1 / Double($0))
    }
    let svg = TrainingPlot(title: "run", points: points).svg
    // The only mark is that of the legend.
    #expect(svg.split(separator: "\n").filter { $0.contains("train-mark\" c") }.count == 1)
  }
}
