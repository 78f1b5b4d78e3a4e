import Testing

@testable import Datasets

@Suite struct GzipTests {
  @Test(arguments: [0, 1, 5, 1000, 65_535])
  func storedContentComesBack(count: Int) throws {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let file = HandMade.gzip(content)
    #expect(try Gzip.inflate(file, limit: count) == content)
    #expect(try Gzip.inflate(file, limit: count + 1000) == content)
  }

  /// `printf hello | gzip -9n`, compressed with the fixed code.
  @Test func compressedContentComesBack() throws {
    let file: [UInt8] = [
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
      0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00,
    ]
    #expect(try Gzip.inflate(file, limit: 5) == Array("hello".utf8))
  }

  @Test func optionalHeaderFieldsAreSkipped() throws {
    let content = Array("hello".utf8)
    let named = HandMade.gzip(content, flags: 8, fields: Array("digits".utf8) + [0])
    #expect(try Gzip.inflate(named, limit: 5) == content)
    let extra = HandMade.gzip(content, flags: 4, fields: [3, 0, 1, 2, 3])
    #expect(try Gzip.inflate(extra, limit: 5) == content)
  }

  @Test func aMatchInTheFixedCodeExpands() throws {
    // The bomb has no end: the announced bytes are read, and then the missing end is an error.
    let file = HandMade.bomb(matches: 10)
    #expect(throws: GzipError.endsEarly(bytes: file.count)) {
      try Gzip.inflate(file, limit: 1 + 2580 + 5)
    }
  }

  /// The size of the input limits the memory, whatever the requested number of bytes.
  @Test func memoryIsBoundedByTheInput() throws {
    let content = try Gzip.inflate(HandMade.gzip([1, 2, 3]), limit: 1 << 40)
    #expect(content == [1, 2, 3])
    #expect(content.capacity < 100_000)
  }

  @Test func isBuiltOptimized() {
    #expect(isOptimized)
  }
}
