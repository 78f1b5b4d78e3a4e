import Datasets
import Testing

@testable import Reports

@Suite struct ContactSheetTests {
  /// Two classes of pictures of 1×2 pixels; class 1 has only one.
  private static let images = ImageSet(
    height: 1, width: 2, channels: 1, classes: 2, pixels: [1, 2, 3, 4, 5, 6, 7, 8],
    labels: [0, 1, 0, 0])

  @Test func aRowForEachClassAndLinesBetween() {
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

  @Test func theLongerSideComesTo1200AtMost() {
    let raster = ContactSheet(Self.images, columns: 2).raster
    #expect([raster.width, raster.height] == [7 * 171, 5 * 171])
  }

  @Test func coloursStayTogether() {
    let images = ImageSet(
      height: 1, width: 1, channels: 3, classes: 1, pixels: [10, 20, 30], labels: [0])
    let sheet = ContactSheet(images, columns: 1).plain
    #expect([sheet.width, sheet.height, sheet.channels] == [3, 3, 3])
    #expect(Array(sheet.pixels[12..<15]) == [10, 20, 30])
    #expect(sheet.pixels.filter { $0 != 96 } == [10, 20, 30])
  }
}

@Suite struct PictureExportTests {
  @Test(
    arguments: [
      (["0", "1", "9"], ["0", "1", "9"]),
      (["airplane", "automobile", "truck"], ["airplane", "automobile", "truck"]),
      // Not in order, or not a name for a folder: a number in front.
      (["T-shirt/top", "Bag"], ["0-T-shirt-top", "1-Bag"]),
      ([".a", "b"], ["0-.a", "1-b"]), (["a", "a"], ["0-a", "1-a"]), (["/", "b"], ["0-", "1-b"]),
    ] as [([String], [String])])
  func foldersStandInTheOrderOfTheClasses(classes: [String], folders: [String]) {
    #expect(PictureExport.folderNames(of: classes) == folders)
  }

  @Test func numbersHaveEqualLength() {
    let names = (0..<12).map { String(20 - $0) }
    let folders = PictureExport.folderNames(of: names)
    #expect(folders.first == "00-20" && folders.last == "11-9")
    #expect(folders == folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }
}
