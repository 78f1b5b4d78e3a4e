import Testing

@testable import Datasets

@Suite struct DigitPreparationTests {
  private let preparation = DigitPreparation(side: 28)

  /// A bar of ink at some rows and columns of a sheet.
  private func sheet(
    _ width: Int, _ height: Int, rows: Range<Int>, columns: Range<Int>, ink: UInt8 = 0,
    paper: UInt8 = 255
  ) -> Image {
    let pixels = (0..<width * height).map { place in
      rows.contains(place / width) && columns.contains(place % width) ? ink : paper
    }
    return Image(width: width, height: height, channels: 1, pixels: pixels)
  }

  /// The rows and columns with ink, and the greatest value.
  private func extent(_ image: Image) -> (rows: [Int], columns: [Int], greatest: UInt8) {
    let inked = image.pixels.indices.filter { image.pixels[$0] > 0 }
    return (
      Set(inked.map { $0 / 28 }).sorted(), Set(inked.map { $0 % 28 }).sorted(), image.pixels.max()!
    )
  }

  /// A bar of 20 by 40 pixels becomes 10 by 20. Its mean row is 9.5, and that of the image 14.
  @Test func inkIsInvertedScaledAndCentered() {
    let (rows, columns, greatest) = extent(
      preparation.prepare(sheet(200, 100, rows: 5..<45, columns: 150..<170)))
    #expect(rows == Array(5..<25))
    #expect(columns == Array(10..<20))
    #expect(greatest == 255)
  }

  /// Two specks of dust on a large sheet vanish when their box is scaled.
  @Test func specksOfDustAreNoDigit() {
    let sheet = sheet(1000, 1000, rows: 0..<0, columns: 0..<0)
    let dust = Image(
      width: 1000, height: 1000, channels: 1,
      pixels: sheet.pixels.indices.map { [100_100, 900_900].contains($0) ? 0 : 255 })
    #expect(preparation.prepare(dust).pixels == [UInt8](repeating: 0, count: 28 * 28))
  }

  @Test func brightInkStaysBright() {
    let dark = preparation.prepare(sheet(60, 60, rows: 10..<50, columns: 20..<40))
    let bright = preparation.prepare(
      sheet(60, 60, rows: 10..<50, columns: 20..<40, ink: 255, paper: 0))
    #expect(dark == bright)
    #expect(!DigitPreparation.isNeeded(for: bright))
    #expect(DigitPreparation.isNeeded(for: sheet(60, 60, rows: 10..<50, columns: 20..<40)))
  }

  /// Gray ink on gray paper has the contrast of black on white, and weak shadows vanish.
  @Test func contrastIsStretchedAndShadowsVanish() {
    var pixels = sheet(60, 60, rows: 10..<50, columns: 20..<40, ink: 90, paper: 190).pixels
    pixels[3 * 60 + 5] = 172
    let image = preparation.prepare(Image(width: 60, height: 60, channels: 1, pixels: pixels))
    #expect(image == preparation.prepare(sheet(60, 60, rows: 10..<50, columns: 20..<40)))
  }

  /// The mass of an L is below and left of the middle of its box.
  @Test func theCenterOfMassIsInTheMiddle() {
    var pixels = sheet(40, 40, rows: 5..<35, columns: 8..<14).pixels
    for y in 29..<35 { for x in 8..<32 { pixels[y * 40 + x] = 0 } }
    let image = preparation.prepare(Image(width: 40, height: 40, channels: 1, pixels: pixels))
    var (mass, across, down) = (0.0, 0.0, 0.0)
    for (place, value) in image.pixels.enumerated() {
      mass += Double(value)
      across += Double(value) * Double(place % 28)
      down += Double(value) * Double(place / 28)
    }
    #expect(abs(across / mass - 14) <= 0.5 && abs(down / mass - 14) <= 0.5)
  }

  @Test func anEmptySheetIsBlack() {
    let empty = preparation.prepare(sheet(50, 40, rows: 0..<0, columns: 0..<0))
    #expect(empty.width == 28 && empty.pixels.allSatisfy { $0 == 0 })
    let dot = Image(width: 1, height: 1, channels: 3, pixels: [9, 9, 9])
    #expect(preparation.prepare(dot).pixels.allSatisfy { $0 == 0 })
  }

  /// An image of MNIST keeps its size and its place to a pixel, so it changes little.
  @Test func imagesOfMNISTKeepTheirPlace() throws {
    let sample = try SampleTests.load(.test)
    var sum = 0
    for index in 0..<100 {
      let pixels = Array(sample.images.pixels[index * 784..<(index + 1) * 784])
      let prepared = preparation.prepare(
        Image(width: 28, height: 28, channels: 1, pixels: pixels))
      for (before, after) in zip(pixels, prepared.pixels) {
        sum += abs(Int(before) - Int(after))
      }
      let (rows, columns, greatest) = extent(prepared)
      #expect((18...20).contains(max(rows.count, columns.count)) && greatest == 255)
    }
    // A shift of all images by one pixel changes 16 of 255 on average.
    #expect(sum / 78_400 < 13)
  }
}
