import Testing

@testable import Datasets

@Suite struct JPEGReaderTests {
  /// A frame header for an image.
  static func frame(
    _ width: Int, _ height: Int, _ components: UInt8, depth: UInt8 = 8
  ) -> [UInt8] {
    let list: [UInt8] = (0..<components).flatMap { [$0 + 1, 0x11, 0] as [UInt8] }
    var bytes: [UInt8] = [0xff, 0xc0, 0, UInt8(8 + list.count), depth]
    for extent in [height, width] { bytes += [UInt8(extent >> 8), UInt8(extent & 255)] }
    return bytes + [components] + list
  }

  static let start: [UInt8] = [0xff, 0xd8]

  @Test func theFirstFrameHeaderCounts() throws {
    let comment: [UInt8] = [0xff, 0xfe, 0, 4, 65, 66]
    let file =
      Self.start + comment + [0xff, 0xff] + Self.frame(300, 20, 3).dropFirst()
      + Self.frame(1, 1, 1)
    #expect(try JPEGReader.header(file) == .init(width: 300, height: 20, channels: 3))
    // A beginning without the frame header gives nothing.
    #expect(try JPEGReader.header(Array(file.prefix(12))) == nil)
  }

  struct Bad: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let message: String

    init(_ description: String, _ bytes: [UInt8], _ message: String) {
      (testDescription, self.bytes, self.message) = (description, bytes, message)
    }

    private static let again = "Get the file again, or remove it."

    static let table: [Bad] = [
      .init(
        "the start only", [0xff, 0xd8, 0xff], "damaged JPEG data (the data ends early). \(again)"),
      .init(
        "no marker", JPEGReaderTests.start + [0xff, 0xe0, 0, 2, 9, 9],
        "damaged JPEG data (no marker where one belongs). \(again)"),
      .init(
        "a segment of no length", JPEGReaderTests.start + [0xff, 0xe0, 0, 1],
        "damaged JPEG data (a segment of length 1). \(again)"),
      .init(
        "a scan before the frame", JPEGReaderTests.start + [0xff, 0xda, 0, 2],
        "damaged JPEG data (no frame header). \(again)"),
      .init(
        "no height", JPEGReaderTests.start + JPEGReaderTests.frame(5, 0, 1),
        "the JPEG has no pixels (found 5×0, expected at least 1×1). \(again)"),
      .init(
        "too wide", JPEGReaderTests.start + JPEGReaderTests.frame(16_385, 1, 3),
        "the JPEG is too large (found 16385×1, expected sides of at most 16384 and at most 67108864 "
          + "pixels). Make it smaller, or remove it."),
      .init(
        "12 bits", JPEGReaderTests.start + JPEGReaderTests.frame(5, 5, 1, depth: 12),
        "this kind of JPEG is not read (found 12 bits a channel, expected 8). "
          + "Convert it, or remove it."),
      .init(
        "two components", JPEGReaderTests.start + JPEGReaderTests.frame(5, 5, 2),
        "this kind of JPEG is not read (found 2 components, expected 1, 3 or 4). "
          + "Convert it, or remove it."),
      .init(
        "nothing after the frame", JPEGReaderTests.start + JPEGReaderTests.frame(5, 5, 1),
        "damaged JPEG data (the data ends early). \(again)"),
    ]
  }

  @Test(arguments: Bad.table)
  func everyErrorIsOneLine(_ bad: Bad) throws {
    let error = try #require(throws: ImageReadError.self) { try ImageReader.image(bad.bytes) }
    #expect("\(error). \(error.remedy)" == bad.message)
  }

  /// Each scan costs a pass over the image, so their number is limited.
  @Test func manyScansAreRefused() throws {
    let file = try ImageFixture.named("jpeg-progressive").file
    // The last scan, up to the end marker, once more and again.
    let last = try #require((0..<file.count - 1).last { file[$0] == 0xff && file[$0 + 1] == 0xda })
    let scan = file[last..<file.count - 2]
    let many = Array(file.dropLast(2)) + (0..<600).flatMap { _ in scan } + file.suffix(2)
    #expect(throws: ImageReadError.self) { try ImageReader.image(many) }
  }

  /// The value of each orientation on an image of 2×3 pixels:
  ///
  ///     1 2
  ///     3 4
  ///     5 6
  @Test(
    arguments: [
      (1, [1, 2, 3, 4, 5, 6]), (2, [2, 1, 4, 3, 6, 5]), (3, [6, 5, 4, 3, 2, 1]),
      (4, [5, 6, 3, 4, 1, 2]), (5, [1, 3, 5, 2, 4, 6]), (6, [5, 3, 1, 6, 4, 2]),
      (7, [6, 4, 2, 5, 3, 1]), (8, [2, 4, 6, 1, 3, 5]),
    ] as [(Int, [UInt8])])
  func imagesAreTurnedUpright(orientation: Int, pixels: [UInt8]) {
    let image = Image(width: 2, height: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
    let upright = image.upright(from: orientation)
    #expect(upright.pixels == pixels)
    #expect(upright.width == (orientation > 4 ? 3 : 2))
  }

  @Test func brokenEXIFIsIgnored() {
    let intro = Array("Exif".utf8) + [0, 0]
    let entry: [UInt8] = [0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0]
    let good: [UInt8] = intro + [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + entry
    #expect(EXIF.orientation(good[...]) == 8)
    for count in 0..<good.count - 2 { #expect(EXIF.orientation(good.prefix(count)) == nil) }
    var wrong = good
    wrong[24] = 9
    #expect(EXIF.orientation(wrong[...]) == nil)
    // A directory far beyond the end.
    wrong = good
    wrong.replaceSubrange(10..<14, with: [255, 255, 255, 255])
    #expect(EXIF.orientation(wrong[...]) == nil)
  }
}
