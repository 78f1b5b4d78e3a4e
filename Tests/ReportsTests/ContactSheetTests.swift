import Datasets
import Testing

@testable import Reports

@Suite struct ContactSheetTests {
  /// Images of 1×2 pixels: three of class 0 and one of class 1.
  private static let images = ImageSet(
    height: 1, width: 2, channels: 1, classes: 2, pixels: [1, 2, 3, 4, 5, 6, 7, 8],
    labels: [0, 1, 0, 0])

  @Test func aSheetHasARowForEachClassAndLinesBetweenImages() {
    let sheet = ContactSheet(Self.images, columns: 2).plain
    let x: UInt8 = 96
    #expect(
      sheet
        == Raster(
          width: 7, height: 5, channels: 1,
          pixels: [
            x, x, x, x, x, x, x,  //
            x, 1, 2, x, 5, 6, x,  //
            x, x, x, x, x, x, x,  //
            x, 3, 4, x, x, x, x,  //
            x, x, x, x, x, x, x,
          ]))
  }

  @Test func augmentedImagesLieBelowTheirOriginals() throws {
    let augmenter = Augmenter(
      try Augmentation("altflip"), of: Self.images, partners: [], seed: 1,
      normalization: try Normalization(mean: [0], std: [1], channels: 1))
    let sheet = ContactSheet(augmenter, examples: [1, 3], epochs: 2).plain
    #expect([sheet.width, sheet.height] == [7, 7])
    func row(_ row: Int) -> [[UInt8]] {
      let pixels = sheet.pixels[(2 * row + 1) * 7..<(2 * row + 2) * 7]
      return [Array(pixels.dropFirst().prefix(2)), Array(pixels.dropFirst(4).prefix(2))]
    }
    #expect(row(0) == [[3, 4], [7, 8]])
    // One epoch has an image as it is, the other mirrored.
    for (column, image) in [[UInt8]]([[3, 4], [7, 8]]).enumerated() {
      #expect(Set([row(1)[column], row(2)[column]]) == [image, image.reversed()])
    }
  }

  @Test func theLongerSideHasAtMost1200Pixels() {
    let raster = ContactSheet(Self.images, columns: 2).raster
    #expect([raster.width, raster.height] == [7 * 171, 5 * 171])
  }

  @Test func aColorSheetKeepsTheChannelsOfAPixelTogether() {
    let images = ImageSet(
      height: 1, width: 1, channels: 3, classes: 1, pixels: [10, 20, 30], labels: [0])
    let sheet = ContactSheet(images, columns: 1).plain
    #expect([sheet.width, sheet.height, sheet.channels] == [3, 3, 3])
    #expect(Array(sheet.pixels[12..<15]) == [10, 20, 30])
    #expect(sheet.pixels.filter { $0 != 96 } == [10, 20, 30])
  }
}

@Suite struct ImageExportTests {
  @Test(
    arguments: [
      (["0", "1", "9"], ["0", "1", "9"]),
      (["airplane", "automobile", "truck"], ["airplane", "automobile", "truck"]),
      // Names that are out of order, or no folder names, follow a number.
      (["T-shirt/top", "Bag"], ["0-T-shirt-top", "1-Bag"]),
      ([".a", "b"], ["0-.a", "1-b"]), (["a", "a"], ["0-a", "1-a"]), (["/", "b"], ["0-", "1-b"]),
    ] as [([String], [String])])
  func folderNamesAreInTheOrderOfTheClasses(classes: [String], folders: [String]) {
    #expect(ImageExport.folderNames(of: classes) == folders)
  }

  @Test func numbersInFolderNamesHaveEqualLength() {
    let names = (0..<12).map { String(20 - $0) }
    let folders = ImageExport.folderNames(of: names)
    #expect(folders.first == "00-20" && folders.last == "11-9")
    #expect(folders == folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }
}
