import Testing

@testable import Datasets

struct BadGzip: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let bytes: [UInt8]
  let limit: Int
  let message: String

  init(_ description: String, _ bytes: [UInt8], limit: Int = 100, _ message: String) {
    self.testDescription = description
    self.bytes = bytes
    self.limit = limit
    self.message = message
  }

  private static let content = Array("hello".utf8)
  private static let good = HandMade.gzip(content)
  /// The start of a member whose compressed data begins with `bytes`.
  private static func deflate(_ bytes: UInt8...) -> [UInt8] {
    HandMade.gzipHeader() + bytes + [UInt8](repeating: 0, count: 16)
  }
  private static func notGzip(_ found: String) -> String {
    "not gzip data (found \(found), expected the bytes 1f 8b)"
  }
  private static func endsEarly(_ count: Int) -> String {
    "the gzip data ends early (found only \(count) bytes of it)"
  }

  static let table: [BadGzip] = [
    // Not gzip.
    .init("nothing", [], notGzip("nothing")),
    .init("one byte", [0x1f], notGzip("the bytes 1f")),
    .init("HTML", Array("<!DOCTYPE html><html>".utf8), notGzip("an HTML page")),
    .init("HTML, indented", Array("\r\n  <HTML><head>".utf8), notGzip("an HTML page")),
    .init("HTML, byte order mark", [0xef, 0xbb, 0xbf] + "<html>".utf8, notGzip("an HTML page")),
    .init("XML", Array("<?xml version='1.0'?><Error>".utf8), notGzip("an XML document")),
    .init(
      "Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\n".utf8),
      notGzip("a Git LFS pointer instead of the file")),
    .init("zip", Array("PK".utf8) + [3, 4, 20, 0], notGzip("a zip archive")),
    .init("bzip2", Array("BZh91AY".utf8), notGzip("bzip2 data")),
    .init("xz", [0xfd] + Array("7zXZ".utf8) + [0, 0], notGzip("xz data")),
    .init("Zstandard", [0x28, 0xb5, 0x2f, 0xfd, 4], notGzip("Zstandard data")),
    .init("7z", Array("7z".utf8) + [0xbc, 0xaf, 0x27, 0x1c], notGzip("a 7z archive")),
    .init("PNG", [0x89] + Array("PNG\r\n".utf8) + [0x1a, 10], notGzip("a PNG image")),
    .init("JPEG", [0xff, 0xd8, 0xff, 0xe0], notGzip("a JPEG image")),
    .init("NumPy", [0x93] + Array("NUMPY".utf8) + [1, 0], notGzip("a NumPy array")),
    .init("PDF", Array("%PDF-1.7".utf8), notGzip("a PDF document")),
    .init("text", Array("404: Not Found\n".utf8), notGzip("text")),
    .init(
      "tar", Array("file".utf8) + [UInt8](repeating: 0, count: 253) + Array("ustar".utf8),
      notGzip("a tar archive")),
    .init("zeros", [UInt8](repeating: 0, count: 600), notGzip("zero bytes")),
    .init("other bytes", [0xde, 0xad, 0xbe, 0xef, 0], notGzip("the bytes de ad be ef")),
    .init("IDX", HandMade.labels([1, 2]), notGzip("the bytes 00 00 08 01")),

    // Truncated.
    .init("the magic only", Array(good.prefix(2)), endsEarly(2)),
    .init("cut in the header", Array(good.prefix(9)), endsEarly(9)),
    .init("cut after the header", Array(good.prefix(10)), endsEarly(10)),
    .init("cut in the block's length", Array(good.prefix(13)), endsEarly(13)),
    .init("cut in the data", Array(good.prefix(17)), endsEarly(17)),
    .init("cut before the checksum", Array(good.prefix(20)), endsEarly(20)),
    .init("cut in the checksum", Array(good.prefix(23)), endsEarly(23)),
    .init("cut in the length", Array(good.dropLast()), endsEarly(27)),
    .init("cut in the name", HandMade.gzipHeader(flags: 8) + "digits".utf8, endsEarly(16)),

    // Damaged.
    .init(
      "wrong checksum", HandMade.gzip(content, checksum: 0x1234_5678),
      "damaged gzip data (incorrect data check)"),
    .init(
      "flipped bit", good.indices.map { $0 == 16 ? good[$0] ^ 4 : good[$0] },
      "damaged gzip data (incorrect data check)"),
    .init(
      "wrong length", HandMade.gzip(content, length: 6),
      "damaged gzip data (incorrect length check)"),
    .init(
      "unknown method", [0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 3],
      "damaged gzip data (unknown compression method)"),
    .init(
      "reserved flags", HandMade.gzip(content, flags: 0xe0),
      "damaged gzip data (unknown header flags set)"),
    .init(
      "wrong header checksum", HandMade.gzip(content, flags: 2, fields: [0, 0]),
      "damaged gzip data (header crc mismatch)"),
    .init("block type 3", deflate(7), "damaged gzip data (invalid block type)"),
    .init(
      "stored length", deflate(1, 5, 0, 5, 0), "damaged gzip data (invalid stored block lengths)"),
    .init(
      "too many codes", deflate(0xfd, 0xff, 0xff),
      "damaged gzip data (too many length or distance symbols)"),
    .init(
      "distance before the start", deflate(0x4b, 0x04, 0x42),
      "damaged gzip data (invalid distance too far back)"),
    .init(
      "unused distance code", deflate(0x03, 0x3e), "damaged gzip data (invalid distance code)"),

    // Too long.
    .init(
      "trailing byte", good + [10], "bytes follow the end of the gzip data (found 1, expected none)"
    ),
    .init(
      "padded with zeros", good + [UInt8](repeating: 0, count: 512),
      "bytes follow the end of the gzip data (found 512, expected none)"),
    .init(
      "second member", good + good,
      "the gzip data has a second member (found after 28 bytes, expected one member)"),
    .init(
      "start of a second member", good + [0x1f, 0x8b],
      "the gzip data has a second member (found after 28 bytes, expected one member)"),
    .init(
      "one byte over the limit", good, limit: 4,
      "the gzip data expands past its promise (found more, expected 4 bytes)"),
    .init(
      "over a limit of none", good, limit: 0,
      "the gzip data expands past its promise (found more, expected 0 bytes)"),
    .init(
      "bomb", HandMade.bomb(matches: 2000), limit: 1000,
      "the gzip data expands past its promise (found more, expected 1000 bytes)"),
  ]
}

@Suite struct BadGzipTests {
  @Test(arguments: BadGzip.table)
  func everyErrorIsOneSentence(_ bad: BadGzip) throws {
    let error = try #require(throws: GzipError.self) {
      try Gzip.inflate(bad.bytes, limit: bad.limit)
    }
    #expect(error.description == bad.message)
  }

  /// Data that is not gzip may still be plain IDX. Every other error must be the same when a file
  /// is read.
  @Test(arguments: BadGzip.table.filter { $0.bytes.starts(with: [0x1f, 0x8b]) && $0.limit == 100 })
  func idxFilesHaveTheSameErrors(_ bad: BadGzip) throws {
    let error = try #require(throws: IDXError.self) { try IDX.labels(bad.bytes, classes: 10) }
    guard case .gzip(let inner) = error else {
      // The content "hello" is checked before the trailer.
      #expect(error.description == "not IDX data (found text, expected IDX labels)")
      return
    }
    #expect(inner.description == bad.message)
  }
}
