import Testing

@testable import Datasets

struct BadIDX: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let kind: IDX.Kind
  let bytes: [UInt8]
  /// The message for the plain file.
  let message: String
  /// The message for the gzipped file, if it differs.
  let compressedMessage: String

  init(
    _ description: String, _ kind: IDX.Kind, _ bytes: [UInt8], _ message: String,
    compressed: String? = nil
  ) {
    self.testDescription = description
    self.kind = kind
    self.bytes = bytes
    self.message = message
    self.compressedMessage = compressed ?? message
  }

  private static let huge = 0xffff_ffff

  private static func images(_ extents: Int...) -> [UInt8] {
    [0, 0, 8, 3] + extents.flatMap { HandMade.bigEndian($0) }
  }
  private static func tooLarge(_ extents: String) -> String {
    "the extents are too large (found \(extents), expected at most 1073741824 bytes)"
  }

  static let table: [BadIDX] = [
    // Not IDX.
    .init(
      "HTML", .images, Array("<html><body>Moved</body></html>".utf8),
      "not IDX data (found an HTML page, expected IDX images)"),
    .init(
      "PNG", .labels, [0x89] + Array("PNG\r\n".utf8) + [0x1a, 10, 0, 0, 0, 13],
      "not IDX data (found a PNG image, expected IDX labels)"),
    .init(
      "short text", .labels, Array("hi".utf8), "not IDX data (found text, expected IDX labels)"),
    .init(
      "zeros", .images, [UInt8](repeating: 0, count: 800),
      "not IDX data (found zero bytes, expected IDX images)"),
    .init(
      "little-endian", .images, [3, 8, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7],
      "not IDX data (found the bytes 03 08 00 00, expected IDX images)"),

    // Another kind of IDX file.
    .init(
      "labels for images", .images, HandMade.labels([1, 2, 3]),
      "labels where images belong (found magic 0x00000801, expected 0x00000803)"),
    .init(
      "images for labels", .labels, HandMade.images(3, 2, 2),
      "images where labels belong (found magic 0x00000803, expected 0x00000801)"),
    .init(
      "floats", .images, HandMade.header([0, 0, 0x0d, 3], 1, 1, 1) + [0, 0, 0, 0],
      "IDX data of another element type (found 0x0d, 32-bit floats, expected 0x08, unsigned bytes)"
    ),
    .init(
      "doubles", .labels, HandMade.header([0, 0, 0x0e, 1], 1) + [UInt8](repeating: 0, count: 8),
      "IDX data of another element type (found 0x0e, 64-bit floats, expected 0x08, unsigned bytes)"
    ),
    .init(
      "integers", .labels, HandMade.header([0, 0, 0x0c, 1], 1) + [0, 0, 0, 1],
      "IDX data of another element type "
        + "(found 0x0c, 32-bit integers, expected 0x08, unsigned bytes)"),
    .init(
      "signed bytes", .labels, HandMade.header([0, 0, 9, 1], 1) + [1],
      "IDX data of another element type (found 0x09, signed bytes, expected 0x08, unsigned bytes)"
    ),
    .init(
      "unknown type", .images, HandMade.header([0, 0, 0x42, 3], 1, 1, 1) + [1],
      "IDX data of another element type (found 0x42, expected 0x08, unsigned bytes)"),
    .init(
      "four dimensions", .images, HandMade.header([0, 0, 8, 4], 1, 1, 1, 3) + [1, 2, 3],
      "IDX data of another rank (found 4 dimensions, expected 3 for images)"),
    .init(
      "two dimensions", .labels, HandMade.header([0, 0, 8, 2], 1, 1) + [1],
      "IDX data of another rank (found 2 dimensions, expected 1 for labels)"),
    .init(
      "no dimensions", .labels, [0, 0, 8, 0, 1],
      "IDX data of another rank (found 0 dimensions, expected 1 for labels)"),

    // Errors in the header.
    .init(
      "three bytes", .labels, [0, 0, 8], "the IDX header ends early (found 3 bytes, expected 8)"),
    .init(
      "the magic only", .images, [0, 0, 8, 3],
      "the IDX header ends early (found 4 bytes, expected 16)"),
    .init(
      "no width", .images, images(1, 28),
      "the IDX header ends early (found 12 bytes, expected 16)"),
    .init(
      "cut in the count", .labels, [0, 0, 8, 1, 0, 0, 0],
      "the IDX header ends early (found 7 bytes, expected 8)"),
    .init(
      "no images", .images, images(0, 28, 28),
      "an extent is zero (found 0×28×28, expected at least 1 each)"),
    .init(
      "no height", .images, images(1, 0, 28),
      "an extent is zero (found 1×0×28, expected at least 1 each)"),
    .init(
      "zero width", .images, images(1, 28, 0),
      "an extent is zero (found 1×28×0, expected at least 1 each)"),
    .init(
      "no labels", .labels, HandMade.labels([]),
      "an extent is zero (found 0, expected at least 1 each)"),
    .init(
      "overflow in 64 bits", .images, images(huge, huge, huge),
      tooLarge("4294967295×4294967295×4294967295")),
    .init(
      "overflow to 0 in 64 bits", .images, images(1 << 31, 1 << 31, 4),
      tooLarge("2147483648×2147483648×4")),
    .init(
      "overflow in 32 bits", .images, images(1 << 16, 1 << 16, 1), tooLarge("65536×65536×1")),
    .init(
      "one over the limit", .labels, HandMade.header([0, 0, 8, 1], 1 << 30 + 1) + [1],
      tooLarge("1073741825")),
    .init("2³² - 1 labels", .labels, HandMade.header([0, 0, 8, 1], huge), tooLarge("4294967295")),
    .init("negative count", .images, images(-1, 1, 1), tooLarge("4294967295×1×1")),

    // Errors in the data.
    .init(
      "no data", .images, images(1, 2, 2), "the IDX data ends early (found 0 bytes, expected 4)"),
    .init(
      "one pixel missing", .images, Array(HandMade.images(2, 2, 2).dropLast()),
      "the IDX data ends early (found 7 bytes, expected 8)"),
    .init(
      "a gigabyte promised", .images, images(1 << 20, 32, 32) + [1, 2, 3],
      "the IDX data ends early (found 3 bytes, expected 1073741824)"),
    .init(
      "one label missing", .labels, Array(HandMade.labels([1, 2, 3]).dropLast()),
      "the IDX data ends early (found 2 bytes, expected 3)"),
    .init(
      "one pixel too many", .images, HandMade.images(2, 2, 2) + [0],
      "bytes follow the IDX data (found 9 bytes, expected 8)",
      compressed: "the gzip data expands past its promise (found more, expected 24 bytes)"),
    .init(
      "labels after the labels", .labels, HandMade.labels([1, 2]) + HandMade.labels([1, 2]),
      "bytes follow the IDX data (found 12 bytes, expected 2)",
      compressed: "the gzip data expands past its promise (found more, expected 10 bytes)"),
    .init(
      "label 10", .labels, HandMade.labels([0, 9, 10, 11]),
      "a label is out of range (found 10 at index 2, expected 0 to 9)"),
    .init(
      "label 255", .labels, HandMade.labels([255]),
      "a label is out of range (found 255 at index 0, expected 0 to 9)"),
  ]
}

@Suite struct BadIDXTests {
  private func message(of bytes: [UInt8], as kind: IDX.Kind) throws -> String {
    try #require(throws: IDXError.self) {
      switch kind {
      case .images: try IDX.images(bytes)
      case .labels: try IDX.labels(bytes, classes: 10)
      }
    }.description
  }

  @Test(arguments: BadIDX.table)
  func everyErrorIsOneSentence(_ bad: BadIDX) throws {
    #expect(try message(of: bad.bytes, as: bad.kind) == bad.message)
  }

  @Test(arguments: BadIDX.table)
  func gzippedFilesHaveTheirErrors(_ bad: BadIDX) throws {
    #expect(try message(of: HandMade.gzip(bad.bytes), as: bad.kind) == bad.compressedMessage)
  }

  @Test func gzippedTwiceIsNamed() throws {
    let twice = HandMade.gzip(HandMade.gzip(HandMade.labels([1])))
    #expect(
      try message(of: twice, as: .labels)
        == "not IDX data (found gzip data, expected IDX labels)")
  }

  /// A bomb behind a valid header: only one byte more than announced is inflated.
  @Test func aBombIsNotInflated() throws {
    let header = HandMade.header([0, 0, 8, 3], 1, 28, 28)
    #expect(
      try message(of: HandMade.bomb(after: header, matches: 20_000), as: .images)
        == "the gzip data expands past its promise (found more, expected 800 bytes)")
  }

  @Test func membersAreNotJoined() throws {
    let whole = HandMade.images(2, 2, 2)
    let joined = HandMade.gzip(Array(whole.prefix(16))) + HandMade.gzip(Array(whole.dropFirst(16)))
    #expect(
      try message(of: joined, as: .images)
        == "the gzip data has a second member (found after 39 bytes, expected one member)")
  }
}
