import PNGBridge
import Testing

@testable import Datasets

@Suite struct PNGReaderTests {
  private static let gray: [UInt8] = [0, 50, 255, 7, 8, 9]

  @Test func grayAndColorAreReadAsTheyAre() throws {
    let gray = try ImageReader.image(HandMade.png(3, 2, 1, Self.gray))
    #expect(gray == Image(width: 3, height: 2, channels: 1, pixels: Self.gray))
    let pixels = (0..<5 * 4 * 3).map { UInt8(4 * $0) }
    let color = try ImageReader.image(HandMade.png(5, 4, 3, pixels))
    #expect(color == Image(width: 5, height: 4, channels: 3, pixels: pixels))
  }

  /// Filter 1 stores the difference to the pixel on the left.
  @Test func filtersAreUndone() throws {
    let image = try ImageReader.image(
      HandMade.png(3, 2, 1, [10, 5, 250, 1, 1, 1], filter: 1))
    #expect(image.pixels == [10, 15, 9, 1, 2, 3])
  }

  @Test func chunksThatAnImageDoesNotNeedAreIgnored() throws {
    let extra = [
      HandMade.chunk("gAMA", [0, 0, 1, 2]),
      // An invalid profile, which must not be read.
      HandMade.chunk("iCCP", Array("x".utf8) + [0, 0, 1, 2, 3]),
      HandMade.chunk("tEXt", Array("Comment".utf8) + [0, 65]),
      HandMade.chunk("zzZz", [UInt8](repeating: 9, count: 100)),
    ]
    let image = try ImageReader.image(HandMade.png(3, 2, 1, Self.gray, extra: extra))
    #expect(image.pixels == Self.gray)
    #expect(try ImageReader.image(HandMade.png(3, 2, 1, Self.gray) + [1, 2]).pixels == Self.gray)
  }

  /// Files that the package writes, compressed by libpng.
  @Test(arguments: [(1, 1, 1), (28, 28, 1), (32, 32, 3), (1, 300, 3), (257, 2, 1)])
  func filesOfThePackageAreRead(width: Int, height: Int, channels: Int) throws {
    let pixels = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
    let capacity = png_bridge_capacity(UInt32(width), UInt32(height), Int32(channels))
    var message = [CChar](repeating: 0, count: Int(png_bridge_message_capacity))
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = png_bridge_encode(
        pixels, UInt32(width), UInt32(height), Int32(channels), buffer.baseAddress!, capacity,
        &message)
    }
    #expect(
      try ImageReader.image(bytes)
        == Image(width: width, height: height, channels: channels, pixels: pixels))
  }

  @Test func theLargestImageIsRead() throws {
    let header = HandMade.bigEndian(16_384) + HandMade.bigEndian(4096) + [8, 2, 0, 0, 0]
    let file = HandMade.pngSignature + HandMade.chunk("IHDR", header)
    #expect(try PNGReader.header(file) == .init(width: 16_384, height: 4096, channels: 3))
  }

  /// 255·α/255 + background·(255 − α)/255, rounded.
  @Test func theBackgroundShowsThroughTransparentPixels() throws {
    let file = HandMade.png(
      3, 1, 2, [200, 0, 200, 255, 200, 51], color: 4)
    func read(_ background: UInt8) throws -> [UInt8] {
      try ImageReader.image(file, background: background).pixels
    }
    #expect(try read(255) == [255, 200, 244])
    #expect(try read(0) == [0, 200, 40])
    #expect(try read(100) == [100, 200, 120])
    #expect(try ImageReader.decode(file, background: 0).isTransparent)
    let opaque = HandMade.png(1, 1, 2, [200, 255], color: 4)
    #expect(
      try ImageReader.decode(opaque, background: 0)
        == .init(
          image: Image(width: 1, height: 1, channels: 1, pixels: [200]), isTransparent: false))
  }

  struct Bad: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let message: String

    init(_ description: String, _ bytes: [UInt8], _ message: String) {
      (testDescription, self.bytes, self.message) = (description, bytes, message)
    }

    private static let good = HandMade.png(3, 2, 1, PNGReaderTests.gray)
    private static let limits =
      "expected sides of at most 16384 and at most 67108864 pixels"
    private static let again = "Get the file again, or remove it."

    private static func flipped(_ place: Int, from bytes: [UInt8] = good) -> [UInt8] {
      var bytes = bytes
      bytes[place < 0 ? bytes.count + place : place] ^= 1
      return bytes
    }

    private static func other(_ name: String, _ bytes: [UInt8]) -> Bad {
      .init(
        name, bytes,
        "not an image that is read (found \(name), expected a PNG or JPEG image). "
          + "Convert it, or remove it.")
    }

    static let table: [Bad] = [
      other("a WebP image", Array("RIFF".utf8) + [9, 0, 0, 0] + Array("WEBPVP8 ".utf8)),
      other("a BMP image", Array("BM".utf8) + [99, 1, 0, 0, 0, 0, 0, 0, 54]),
      other("text", Array("BMX bikes\n".utf8)),
      other("a TIFF image", Array("II*".utf8) + [0, 8]),
      other("a TIFF image", Array("MM".utf8) + [0, 0x2a]),
      other("a HEIC image", [0, 0, 0, 24] + Array("ftypheic".utf8)),
      other("an AVIF image", [0, 0, 0, 24] + Array("ftypavif".utf8)),
      other("a film", [0, 0, 0, 24] + Array("ftypisom".utf8)),
      other("a JPEG XL image", [0xff, 0x0a, 1]),
      .init(
        "GIF", Array("GIF89a".utf8),
        "not an image that is read (found a GIF image, expected a PNG or JPEG image). "
          + "Convert it, or remove it."),
      .init(
        "HTML", Array("<html>".utf8),
        "not an image that is read (found an HTML page, expected a PNG or JPEG image). "
          + "Convert it, or remove it."),
      .init(
        "line ends changed", [0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A] + good.dropFirst(8),
        "not an image that is read (found a PNG whose line ends were changed, "
          + "expected a PNG or JPEG image). "
          + "Convert it, or remove it."),
      .init(
        "the signature only", HandMade.pngSignature,
        "damaged PNG data (the data ends early). \(again)"),
      .init(
        "another first chunk",
        HandMade.pngSignature + HandMade.chunk("IDAT", [UInt8](repeating: 0, count: 40)),
        "damaged PNG data (no header). \(again)"),
      .init(
        "no width", HandMade.png(0, 2, 1, []),
        "the PNG has no pixels (found 0×2, expected at least 1×1). \(again)"),
      .init(
        "too wide", HandMade.png(16_385, 1, 1, []),
        "the PNG is too large (found 16385×1, \(limits)). "
          + "Make it smaller, or remove it."),
      .init(
        "far too high",
        HandMade.pngSignature
          + HandMade.chunk(
            "IHDR", HandMade.bigEndian(1) + HandMade.bigEndian(0x7fff_ffff) + [8, 0, 0, 0, 0]),
        "the PNG is too large (found 1×2147483647, \(limits)). "
          + "Make it smaller, or remove it."),
      .init(
        "too many pixels", HandMade.png(16_384, 4097, 1, []),
        "the PNG is too large (found 16384×4097, \(limits)). Make it smaller, or remove it."),
      .init(
        "3 bits", HandMade.png(1, 1, 1, [0], depth: 3),
        "damaged PNG data (3 bits a channel for color type 0). \(again)"),
      .init(
        "a palette of 16 bits", HandMade.png(1, 1, 1, [0], depth: 16, color: 3),
        "damaged PNG data (16 bits a channel for color type 3). \(again)"),
      .init(
        "no palette", HandMade.png(1, 1, 1, [0], color: 3),
        "damaged PNG data (IDAT: Missing PLTE before IDAT). \(again)"),
      .init(
        "an unknown interlacing", HandMade.png(1, 1, 1, [0], interlacing: 2),
        "damaged PNG data (Invalid IHDR data). \(again)"),
      .init(
        "an unknown color type", HandMade.png(1, 1, 1, [0], color: 5),
        "damaged PNG data (the color type is 5). \(again)"),
      .init(
        "no data", Array(good.prefix(33)), "damaged PNG data (the data ends early). \(again)"),
      .init(
        "cut in the data", Array(good.prefix(50)),
        "damaged PNG data (the data ends early). \(again)"),
      .init(
        "no end", Array(good.dropLast(12)), "damaged PNG data (the data ends early). \(again)"),
      .init(
        "a wrong checksum of the header", flipped(32),
        "damaged PNG data (IHDR: CRC error). \(again)"),
      .init(
        "a wrong checksum of the data", flipped(-13),
        "damaged PNG data (IDAT: CRC error). \(again)"),
      .init(
        "a wrong checksum of the end", flipped(-1),
        "damaged PNG data (IEND: CRC error). \(again)"),
      .init(
        "a wrong checksum of a comment",
        HandMade.png(
          3, 2, 1, PNGReaderTests.gray, extra: [HandMade.chunk("tEXt", [65], checksum: 1)]),
        "damaged PNG data (tEXt: CRC error). \(again)"),
      .init(
        "a row short", HandMade.png(3, 2, 1, Array(PNGReaderTests.gray.prefix(3))),
        "damaged PNG data (Not enough image data). \(again)"),
      .init(
        "an unknown filter", HandMade.png(3, 2, 1, PNGReaderTests.gray, filter: 9),
        "damaged PNG data (bad adaptive filter value). \(again)"),
      .init(
        "another compression",
        HandMade.pngSignature
          + HandMade.chunk(
            "IHDR", HandMade.bigEndian(3) + HandMade.bigEndian(2) + [8, 0, 1, 0, 0])
          + good.dropFirst(33),
        "damaged PNG data (Invalid IHDR data). \(again)"),
    ]
  }

  @Test(arguments: Bad.table)
  func everyErrorIsOneLine(_ bad: Bad) throws {
    let error = try #require(throws: ImageReadError.self) { try ImageReader.image(bad.bytes) }
    #expect("\(error). \(error.remedy)" == bad.message)
  }

  /// The checksum of the zlib data is wrong; that of the chunk is right.
  @Test func aWrongSumOfThePixelsIsTold() throws {
    var data = HandMade.zlib([0] + Self.gray.prefix(3) + [0] + Self.gray.suffix(3))
    data[data.count - 1] ^= 1
    let file =
      HandMade.png(3, 2, 1, Self.gray).prefix(33) + HandMade.chunk("IDAT", data)
      + HandMade.chunk("IEND", [])
    #expect(throws: ImageReadError.self) { try ImageReader.image(Array(file)) }
  }
}
