import Foundation
import Testing
import Training

@testable import Reports

/// Drawings, their pixels and their colors.
@Suite struct ChartTests {
  private func pixel(_ raster: Raster, _ x: Int, _ y: Int) -> [UInt8] {
    Array(raster.pixels[(y * raster.width + x) * 3..<(y * raster.width + x) * 3 + 3])
  }

  private let black = ChartStyle.Color(0x000000)

  /// A line of width 2 between the rows 3 and 4 covers both, and a half pixel beyond each of its ends.
  @Test func aLineCoversItsWidth() {
    var canvas = Canvas(width: 8, height: 8)
    canvas.line(black, from: .init(x: 2, y: 4), to: .init(x: 6, y: 4), width: 2)
    let raster = canvas.raster
    for x in 2..<6 {
      #expect(pixel(raster, x, 3) == [0, 0, 0] && pixel(raster, x, 4) == [0, 0, 0])
      #expect(pixel(raster, x, 2) == [255, 255, 255] && pixel(raster, x, 5) == [255, 255, 255])
    }
    #expect(pixel(raster, 0, 3) == [255, 255, 255])
    // The middle of this pixel is √½ away from the end: ½ + 1 − 0.7071 = 0.7929 of black.
    #expect(pixel(raster, 1, 3)[0] == UInt8((255 * (1 - 0.792_893_2)).rounded()))
  }

  @Test func nothingIsDrawnOutside() {
    var canvas = Canvas(width: 4, height: 3)
    canvas.fill(black, left: -5, top: -5, width: 100, height: 6)
    canvas.fill(black, left: 9, top: 9, width: 5, height: 5)
    canvas.line(black, from: .init(x: -50, y: 2.5), to: .init(x: -9, y: 2.5), width: 3)
    canvas.text("ABC", black, left: -90, baseline: -40)
    let raster = canvas.raster
    #expect(raster.pixels == [UInt8](repeating: 0, count: 12) + [UInt8](repeating: 255, count: 24))
  }

  @Test func dashesHaveGaps() {
    var canvas = Canvas(width: 40, height: 3)
    canvas.lines(
      black, [.init(x: 0, y: 1.5), .init(x: 40, y: 1.5)], width: 1, dashes: (dash: 4, gap: 6))
    let row = (0..<40).map { pixel(canvas.raster, $0, 1)[0] < 128 }
    #expect((0..<4).allSatisfy { dash in (1..<3).allSatisfy { row[10 * dash + $0] } })
    #expect((0..<4).allSatisfy { dash in (5..<9).allSatisfy { !row[10 * dash + $0] } })
  }

  /// Every letter of ASCII has its own form; letters that the font lacks are boxes.
  @Test func letters() {
    let forms = (0x20...0x7E).map { GlyphFont.rows(of: Unicode.Scalar(UInt32($0))!) }
    #expect(Set(forms).count == 95)
    #expect(forms[0].allSatisfy { $0 == 0 })
    let box = GlyphFont.rows(of: "□")
    for letter in "čćžšđČĆŽŠĐäöüñéßλЖ".unicodeScalars {
      #expect(GlyphFont.rows(of: letter) != box, "\(letter)")
    }
    #expect(GlyphFont.rows(of: "お") == box)
    // A minus sign is one row of pixels, and a bar one column.
    #expect(GlyphFont.rows(of: "-").filter { $0 != 0 }.count == 1)
    #expect(Set(GlyphFont.rows(of: "|")).subtracting([0]).count == 1)
    // An accent that follows its letter has no width.
    #expect(GlyphFont.scalars(of: "c\u{30C}a").map(\.value) == [0x63, 0x61])
  }

  /// WCAG 2.2, relative luminance and contrast.
  private func contrast(_ a: ChartStyle.Color, _ b: ChartStyle.Color) -> Double {
    func light(_ color: ChartStyle.Color) -> Double {
      let parts = [color.red, color.green, color.blue].map { value -> Double in
        let share = Double(value) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    let (first, second) = (light(a), light(b))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  @Test func colorsHaveContrast() {
    #expect(abs(contrast(ChartStyle.Color(0xffffff), black) - 21) < 1e-9)
    for style in ChartStyle.allCases where style != .grid {
      #expect(contrast(style.light, ChartStyle.page.light) >= 4.5, "\(style)")
      #expect(contrast(style.dark, ChartStyle.page.dark) >= 4.5, "\(style)")
    }
    for step in 1...HeatScale.steps {
      for isRight in [true, false] {
        let (light, dark) = (
          HeatScale.light(step: step, isRight: isRight),
          HeatScale.dark(step: step, isRight: isRight)
        )
        #expect(contrast(light.cell, light.ink) >= 4.5, "\(step) \(isRight)")
        #expect(contrast(dark.cell, dark.ink) >= 4.5, "\(step) \(isRight)")
      }
    }
  }

  @Test func stepsOfShares() {
    #expect([0, 0.01, 0.011, 0.2, 0.5, 0.61, 1].map(HeatScale.step) == [0, 1, 2, 3, 4, 5, 5])
    #expect(
      [0.0001, 0.0005, 0.4567, 0.9995, 0.9999, 1].map(ConfusionText.percent)
        == ["<0.1", "0.1", "45.7", "100.0", ">99.9", "100"])
  }

  /// Axes of 0 to 100 % span x from 64 to 340 and y from 256 up to 52.
  @Test func barsStandInTheirBins() {
    let calibration = Calibration(
      confidences: [0.3, 0.9, 0.9, 0.9], hits: [true, true, true, false], bins: 2)
    let reliability = ConfidenceCharts.reliability(calibration).drawing.svgElements
    #expect(
      reliability.contains(
        "<rect class=\"train-mark\" x=\"64.5\" y=\"52.0\" width=\"137.0\" height=\"204.0\"/>"))
    #expect(
      reliability.contains(
        "<rect class=\"train-mark\" x=\"202.5\" y=\"120.0\" width=\"137.0\" height=\"136.0\"/>"))
    let histogram = ConfidenceCharts.histogram(calibration).drawing.svgElements
    #expect(
      histogram.contains(
        "<rect class=\"train-mark\" x=\"202.5\" y=\"103.0\" width=\"137.0\" height=\"153.0\"/>"))
  }

  /// Squares of two pixels; the third row and column fill no square.
  @Test func reducedImagesAreMeans() {
    let raster = Raster(width: 3, height: 3, channels: 1, pixels: [1, 2, 9, 3, 5, 9, 9, 9, 9])
    #expect(raster.reduced(toSide: 2).pixels == [3])
    #expect(raster.reduced(toSide: 3) == raster)
    let color = Raster(width: 2, height: 1, channels: 3, pixels: [0, 10, 20, 1, 20, 40])
    #expect(color.reduced(toSide: 1).pixels == [1, 15, 30])
  }
}
