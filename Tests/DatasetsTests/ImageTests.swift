import Testing

@testable import Datasets
@testable import Files

@Suite struct ImageTests {
  /// Computed by `scripts/make-resize-table` with Pillow 13.
  @Test(
    arguments: [
      (28, 28, 1, 32, 32, "84ade144f8308d05f2aa477afc7e29b761b70ba2c2464d308988d92b51218308"),
      (32, 32, 3, 28, 28, "0c77f1789ddc40a671a35af75006ebfc3b63af19803eaadeea508a169783df39"),
      (100, 60, 3, 32, 19, "269d3e72f9e8957ee8ab34fe94527046d1382115b3b05135991b18106bc46572"),
      (61, 97, 1, 20, 32, "2786ef8497e483c72892e8b3f12c5469cbec535966cc07bd1742a41abcca6577"),
      (1, 1, 3, 5, 4, "aa926e6a388665e2cb17e8fe7e2d5247fcb57575b2f2807b10b73889ec16545f"),
      (5, 4, 1, 1, 1, "7ace431cb61584cb9b8dc7ec08cf38ac0a2d649660be86d349fb43108b542fa4"),
      (2, 3, 3, 64, 96, "0edd31d4669030159bfff72d9e8a195907a10c633515cfefef18dccfc5e35181"),
      (640, 480, 3, 32, 24, "792c64b017c509d5379500b110c6d0c42ce3d6ab00334d1913fc560d14fd9002"),
      (33, 31, 1, 33, 17, "a0fd18182c946c6782c00067d41c50c34c724e158210ade292a47e901795401c"),
      (31, 33, 3, 17, 33, "efd7a40516821e9e67b1a2b26f5a273b4f43c2d6b196f3a51ade6c7d343616d8"),
      (4096, 2, 1, 32, 1, "849e3acff6d33f5a56f4a895519de4b90574fde7016a677ab0d613ea4539cd61"),
      (7, 500, 3, 3, 224, "11e9a123d10e058a224cd3c9010cbc71ff33c6e18e728a4b97066d4363e8dfa7"),
    ])
  func resizingMatchesPillow(
    width: Int, height: Int, channels: Int, newWidth: Int, newHeight: Int, hash: String
  ) {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels {
          pixels.append(UInt8((37 * x + 101 * y + 53 * c + 7 * x * y) % 256))
        }
      }
    }
    let image = Image(width: width, height: height, channels: channels, pixels: pixels)
    let resized = image.resized(width: newWidth, height: newHeight)
    #expect([resized.width, resized.height, resized.channels] == [newWidth, newHeight, channels])
    #expect(Hash.sha256(of: [resized.pixels]) == hash)
  }

  @Test func halvingUsesEveryPixel() {
    // The triangle of an output pixel extends by two input pixels to each side of its center, with
    // the weights 1 3 3 1 inside: (3·0 + 3·80 + 1·160)/7 at the left edge.
    let row = Image(width: 4, height: 1, channels: 1, pixels: [0, 80, 160, 240])
    #expect(row.resized(width: 2, height: 1).pixels == [57, 183])
  }

  @Test func anImageOfTheRightSizeIsNotChanged() {
    let image = Image(width: 3, height: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(image.fitted(into: 3) == image)
  }

  @Test func anImageOfAnotherShapeIsCentered() {
    let wide = Image(width: 4, height: 2, channels: 1, pixels: [UInt8](repeating: 200, count: 8))
    #expect(
      wide.fitted(into: 4).pixels
        == [0, 0, 0, 0, 200, 200, 200, 200, 200, 200, 200, 200, 0, 0, 0, 0])
    // Of three black lines, one is above and two are below.
    let flat = Image(width: 6, height: 3, channels: 3, pixels: [UInt8](repeating: 9, count: 54))
    let square = flat.fitted(into: 6)
    let rows = (0..<6).map { square.pixels[$0 * 18] }
    #expect(rows == [0, 9, 9, 9, 0, 0])
    let thin = Image(
      width: 1, height: 4000, channels: 1, pixels: [UInt8](repeating: 5, count: 4000))
    let small = thin.fitted(into: 8)
    #expect((0..<8).map { x in small.pixels[x] } == [0, 0, 0, 5, 0, 0, 0, 0])
  }

  @Test func grayBecomesColor() {
    let gray = Image(width: 2, height: 1, channels: 1, pixels: [3, 250])
    #expect(gray.colored.pixels == [3, 3, 3, 250, 250, 250])
    #expect(gray.colored.colored == gray.colored)
  }
}
