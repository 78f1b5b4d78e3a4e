import Testing

@testable import Reports
@testable import Training

@Suite struct SeriesPageTests {
  private func series(
    _ name: String, _ accuracies: [Double], losses: [[Double]]
  ) -> SeriesResult {
    SeriesResult(
      name: name,
      seeds: accuracies.enumerated().map {
        .init(seed: UInt64($0 + 1), values: [.accuracy: $1])
      }, settings: [("lr", name)],
      curves: losses.map { losses in
        losses.enumerated().map { .init(epoch: Double($0 + 1), trainLoss: $1) }
      })
  }

  /// Means and standard deviations of three curves, of which one is shorter.
  @Test func curvesHaveMeansAndDeviations() {
    let curves = series("a", [0.5], losses: [[1, 2, 9], [2, 2], [3, 2, 9]]).curves
    let means = TrainingPlot.Point.mean(of: curves)
    let deviations = TrainingPlot.Point.standardDeviation(of: curves)
    #expect(means.map(\.trainLoss) == [2, 2] && means.map(\.epoch) == [1, 2])
    #expect(deviations.map(\.trainLoss) == [1, 0])
    #expect(means[0].validationLoss == nil && deviations[0].validationLoss == nil)
    #expect(TrainingPlot.Point.standardDeviation(of: [curves[0]])[0].trainLoss == nil)
  }

  /// The band reaches from mean − std to mean + std in the units of the drawing.
  @Test func aBandIsOneDeviationWideToEachSide() throws {
    let results = [
      series("a", [0.5, 0.7], losses: [[1, 1], [3, 1]]),
      series("b", [0.6], losses: [[2, 2]]),
    ]
    let panel = try #require(SeriesResult.plot(title: "", results).page.panels.first)
    #expect(panel.bands.count == 1)
    let band = panel.bands[0]
    #expect(band.points.map(\.x) == [1, 2])
    #expect(band.points[0].low == 2 - 2.0.squareRoot())
    #expect(band.points[0].high == 2 + 2.0.squareRoot())
    #expect(band.points[1].low == 1 && band.points[1].high == 1)
    // The axis has room for the band.
    #expect(panel.vertical.range.upperBound >= 2 + 2.0.squareRoot())
    #expect(SeriesResult.plot(title: "", results).svg.contains("fill-opacity=\"0.2\""))
  }

  @Test func thePageHasEverySeed() {
    let results = [
      series("a", [0.5, 0.7], losses: [[1, 1], [3, 1]]),
      series("b", [0.6, 0.65, 0.9], losses: []),
    ]
    let page = SeriesPage(results, figures: [.accuracy], dataset: "mnist") { _, _, _ in "so so" }
    let text = page.text
    for value in ["50.00%", "70.00%", "60.00%", "65.00%", "90.00%", "14.14%", "so so", "A − B"] {
      #expect(text.contains(value), "\(value)")
    }
    #expect(text.contains("−11.67 points"))
    // A seed that only one set has.
    #expect(text.contains("<td class=\"n\" data-k=\"-1.0\">–</td>"))
    #expect(text == page.text)
  }

  /// Pixels between two lines are filled, and no others.
  @Test func aBandIsFilledInPixels() {
    var drawing = Drawing(width: 20, height: 20)
    drawing.elements = [
      .band(
        .train, upper: [.init(x: 4, y: 4), .init(x: 16, y: 4)],
        lower: [.init(x: 4, y: 12), .init(x: 16, y: 12)])
    ]
    let raster = drawing.raster
    func isWhite(_ x: Int, _ y: Int) -> Bool {
      (0..<3).allSatisfy { raster.pixels[(y * raster.width + x) * 3 + $0] == 255 }
    }
    #expect(raster.width == 30)
    #expect(!isWhite(6, 6) && !isWhite(23, 17))
    #expect(isWhite(5, 6) && isWhite(24, 6) && isWhite(6, 5) && isWhite(6, 18))
  }
}
