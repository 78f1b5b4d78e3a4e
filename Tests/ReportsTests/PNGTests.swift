import CPNG
import Reports
import Testing

/// Decodes a PNG by libpng's simplified interface, without the code under test.
private func decode(_ bytes: [UInt8]) -> Raster? {
  var image = png_image()
  image.version = png_uint_32(PNG_IMAGE_VERSION)
  guard png_image_begin_read_from_memory(&image, bytes, bytes.count) != 0 else { return nil }
  let channels = image.format & png_uint_32(PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1
  var pixels = [UInt8](repeating: 0, count: Int(image.width) * Int(image.height) * channels)
  guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { return nil }
  return Raster(
    width: Int(image.width), height: Int(image.height), channels: channels, pixels: pixels)
}

@Suite struct PNGTests {
  private func pattern(_ width: Int, _ height: Int, _ channels: Int) -> Raster {
    Raster(
      width: width, height: height, channels: channels,
      pixels: (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 * $0 * 31 + $0) })
  }

  @Test(arguments: [(1, 1), (3, 2), (1, 500), (500, 1), (64, 48)], [1, 3])
  func decodingGivesTheSameImage(size: (Int, Int), channels: Int) throws {
    let raster = pattern(size.0, size.1, channels)
    #expect(try decode(PNG.encode(raster)) == raster)
  }

  @Test(arguments: [1, 3])
  func theHeaderSaysEightBitsGrayOrColor(channels: Int) throws {
    let bytes = try PNG.encode(pattern(3, 2, channels))
    #expect(bytes[..<8] == [137, 80, 78, 71, 13, 10, 26, 10])
    // IHDR: width, height, bit depth, color type, compression, filter, interlace.
    #expect(bytes[8..<16] == [0, 0, 0, 13, 73, 72, 68, 82])
    #expect(bytes[16..<29] == [0, 0, 0, 3, 0, 0, 0, 2, 8, channels == 3 ? 2 : 0, 0, 0, 0])
    #expect(bytes.suffix(12) == [0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130])
  }

  @Test func equalImagesGiveEqualBytes() throws {
    let raster = pattern(97, 31, 3)
    let first = try PNG.encode(raster)
    #expect(try PNG.encode(raster) == first)
    #expect(!String(decoding: first, as: UTF8.self).contains("tIME"))
  }

  @Test func anImageThatIsTooLargeIsAnError() {
    let raster = Raster(
      width: 1_000_001, height: 1, channels: 1, pixels: [UInt8](repeating: 0, count: 1_000_001))
    #expect(throws: PNGError.tooLarge(width: 1_000_001, height: 1)) { try PNG.encode(raster) }
  }

  @Test func enlargementRepeatsPixels() {
    let raster = Raster(width: 2, height: 1, channels: 3, pixels: [1, 2, 3, 4, 5, 6])
    let row: [UInt8] = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]
    #expect(
      raster.enlarged(by: 2) == Raster(width: 4, height: 2, channels: 3, pixels: row + row))
    #expect(raster.enlarged(by: 1) == raster)
  }
}
