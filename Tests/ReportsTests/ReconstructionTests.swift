import Datasets
import Testing
import Training

@testable import Reports

/// An autoencoder's examples of the largest loss.
@Suite struct WorstReconstructionTests {
  @Test func theLargestLossesComeFirst() throws {
    let losses = [0.5, 2, 0.25, 2]
    #expect(ReconstructionResult.worstPlaces(losses) == [1, 3, 0, 2])
    #expect(ReconstructionResult.worstPlaces((0..<30).map(Double.init)).count == 20)
    let images = ImageSet(
      height: 1, width: 2, channels: 1, classes: 2, pixels: (0..<12).map { $0 },
      labels: [0, 1, 0, 1, 0, 1])
    // Examples 5, 4, 1 and 0 of the split were evaluated.
    let result = ReconstructionResult(
      ReconstructionReport(labels: [1, 0, 1, 0], losses: losses, classNames: ["a", "b"]),
      sheet: Raster(width: 1, height: 1, channels: 1, pixels: [0]), losses: losses,
      indices: [5, 4, 1, 0], images: images, fileNames: ["f0", "f1", "f2", "f3", "f4", "f5"],
      reconstruct: { indices in indices.flatMap { [UInt8(100 + $0), UInt8(200 + $0)] } })
    #expect(result.worst.map(\.index) == [4, 0, 5, 1])
    #expect(result.worst.map(\.file) == ["f4", "f0", "f5", "f1"])
    #expect(result.worst.map(\.label) == [0, 0, 1, 1])
    #expect(result.worst.map(\.loss) == [2, 2, 0.5, 0.25])
    #expect(result.worst[0].original.pixels == [8, 9])
    #expect(result.worst[0].reconstruction.pixels == [104, 204])
    let picture = ReconstructionPairSheet(result, lossName: "mse").raster
    #expect(picture.width == 4 * 222)
  }
}

@Suite struct ReconstructionSheetTests {
  @Test func originalsLieAboveTheirReconstructions() {
    // Two images of 1×2 pixels above two reconstructions, with a gray line between.
    let sheet = ReconstructionSheet(
      originals: [1, 2, 3, 4], reconstructions: [5, 6, 7, 8], height: 1, width: 2, channels: 1)
    #expect(
      sheet.plain
        == Raster(
          width: 5, height: 3, channels: 1,
          pixels: [
            1, 2, 128, 3, 4,
            128, 128, 128, 128, 128,
            5, 6, 128, 7, 8,
          ]))
    #expect(sheet.raster == sheet.plain.enlarged(by: 180))
  }

  @Test func colorImagesKeepTheirChannels() {
    let sheet = ReconstructionSheet(
      originals: [1, 2, 3], reconstructions: [4, 5, 6], height: 1, width: 1, channels: 3)
    #expect(
      sheet.plain
        == Raster(width: 1, height: 3, channels: 3, pixels: [1, 2, 3, 128, 128, 128, 4, 5, 6]))
  }

  /// The eleventh image begins the second pair of rows.
  @Test func aRowHasTenImages() {
    let originals = (1...11).map { UInt8($0) }
    let sheet = ReconstructionSheet(
      originals: originals, reconstructions: originals.map { $0 + 100 }, height: 1, width: 1,
      channels: 1)
    #expect(sheet.plain.width == 19 && sheet.plain.height == 3 + 3 + 3)
    func pixel(_ x: Int, _ y: Int) -> UInt8 { sheet.plain.pixels[19 * y + x] }
    #expect((0..<10).map { pixel(2 * $0, 0) } == Array(1...10))
    #expect((0..<10).map { pixel(2 * $0, 2) } == Array(101...110))
    #expect(pixel(0, 6) == 11 && pixel(0, 8) == 111)
    // Places without an image are gray.
    #expect((1..<19).allSatisfy { pixel($0, 6) == 128 && pixel($0, 8) == 128 })
    #expect((0..<19).allSatisfy { x in [1, 3, 4, 5, 7].allSatisfy { pixel(x, $0) == 128 } })
  }
}

@Suite struct ReconstructionReportTests {
  private let report = ReconstructionReport(
    labels: [2, 0, 2, 0, 0], losses: [1, 0.5, 2, 0.25, 0.75], classNames: ["cat", "dog", "ox"])

  @Test func lossesAreMeansOfEachClassAndOfAllExamples() {
    #expect(report.examples == 5 && report.loss == 0.9)
    #expect(report.classes.map(\.name) == ["cat", "dog", "ox"])
    #expect(report.classes.map(\.loss) == [0.5, 0, 1.5])
    #expect(report.classes.map(\.support) == [3, 0, 2])
  }

  @Test func theJSONIsThatOfTheSchema() {
    #expect(
      report.json == """
        {"loss":0.9,"examples":5,"classes":[{"name":"cat","loss":0.5,"support":3},\
        {"name":"dog","loss":0.0,"support":0},{"name":"ox","loss":1.5,"support":2}]}

        """)
    let broken = ReconstructionReport(labels: [0], losses: [.nan], classNames: ["a"])
    #expect(broken.json.hasPrefix(#"{"loss":null,"#))
  }

  @Test func theTextHasARowForEachClass() {
    let lines = report.consoleText(lossName: "mse").split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    #expect(lines[0] == ["class", "mse", "examples"])
    #expect(lines[2] == ["cat", "0.5", "3"] && lines[4] == ["ox", "1.5", "2"])
    #expect(lines.last == ["all", "0.9", "5"])
  }
}
