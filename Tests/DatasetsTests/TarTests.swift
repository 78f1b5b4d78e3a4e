import Testing

@testable import Datasets

/// Reads all files called `members` from `archive`.
func readTar(
  _ archive: [UInt8], members: [String], limit: Int = 1 << 20
) throws(TarError) -> [TarReader.File] {
  try archive.withUnsafeBufferPointer { bytes throws(TarError) in
    var reader = try TarReader(bytes, members: members, limit: limit)
    var files: [TarReader.File] = []
    while let file = try reader.next() { files.append(file) }
    return files
  }
}

@Suite struct TarTests {
  private static let text = Array("convolution".utf8)
  private static let block = [UInt8](repeating: 7, count: 512)

  @Test func requestedFilesAreInTheArchivesOrder() throws {
    let archive = HandMadeTar.gzip(
      HandMadeTar.entry("set/", kind: "5"), HandMadeTar.entry("set/readme.html", Self.text),
      HandMadeTar.entry("set/b.bin", Self.block), HandMadeTar.entry("set/empty"),
      HandMadeTar.entry("set/a.bin", Self.text))
    let files = try readTar(archive, members: ["set/a.bin", "set/empty", "set/b.bin"])
    #expect(files.map(\.name) == ["set/b.bin", "set/empty", "set/a.bin"])
    #expect(files.map(\.content) == [Self.block, [], Self.text])
  }

  /// `tar --format=v7`, `gnu`, and `ustar` with a prefix, a path that starts with `.`, and pax
  /// attributes.
  @Test(arguments: [
    HandMadeTar.entry("set/a", text, magic: "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"),
    HandMadeTar.entry("set/a", text, kind: "\u{0}", magic: "ustar  \u{0}"),
    HandMadeTar.entry("a", text, prefix: "set"), HandMadeTar.entry("./set/./a", text),
    // GNU tar stores other data in place of the prefix.
    HandMadeTar.entry("set/a", text, prefix: "12345", magic: "ustar  \u{0}"),
    HandMadeTar.entry("pax_global_header", text, kind: "g")
      + HandMadeTar.entry("PaxHeaders/a", text, kind: "x") + HandMadeTar.entry("set/a", text),
    HandMadeTar.entry("set/a", text, size: "        13 \u{0}"),
  ])
  func everyDialectOfTarIsRead(entries: [UInt8]) throws {
    let files = try readTar(HandMadeTar.gzip(entries), members: ["set/a"])
    #expect(files.map(\.name) == ["set/a"])
    #expect(files.map(\.content) == [Self.text])
  }

  @Test func anArchiveOfGNUTarIsRead() throws {
    // GNU tar's `tar --format=gnu -cf - d/conv.txt | gzip -9n`, with "conv relu pool\n" in the
    // file.
    let files = try readTar(Self.gnu, members: ["d/conv.txt"])
    #expect(files.map(\.content) == [Array("conv relu pool\n".utf8)])
  }

  private static let gnu: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xd1, 0x31, 0x0a, 0x02,
    0x31, 0x10, 0x05, 0xd0, 0xd4, 0x9e, 0x22, 0x27, 0xd0, 0x04, 0x16, 0x3d, 0x8f, 0xa8, 0xdd,
    0x62, 0x24, 0x66, 0xc5, 0xe3, 0x9b, 0xb5, 0x11, 0x2c, 0xb4, 0x52, 0x58, 0x78, 0xaf, 0xf9,
    0xc3, 0xcc, 0x54, 0x33, 0xc7, 0xcd, 0xa1, 0x9c, 0x6f, 0xeb, 0x76, 0x6f, 0xe1, 0x67, 0x52,
    0xb7, 0x1d, 0x86, 0x67, 0x76, 0xef, 0x99, 0x52, 0xde, 0xbd, 0xea, 0xb9, 0x9f, 0xf3, 0xd0,
    0xd7, 0x63, 0x0a, 0x7f, 0x30, 0x5d, 0xdb, 0xbe, 0xc6, 0x18, 0x6a, 0x29, 0x1f, 0x4f, 0xf0,
    0x6d, 0xbe, 0x50, 0xf3, 0xf7, 0x63, 0x3d, 0x8d, 0x53, 0xbc, 0x94, 0x32, 0xae, 0x02, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xcb, 0xf0, 0x00, 0xa9, 0x15, 0x87, 0x9e,
    0x00, 0x28, 0x00, 0x00,
  ]

  private struct Case: Sendable, CustomTestStringConvertible {
    let archive: [UInt8]
    let message: String
    var testDescription: String { message }

    init(_ entries: [UInt8]..., end: [UInt8] = HandMadeTar.end, says message: String) {
      archive = HandMadeTar.gzip(entries.flatMap { $0 }, end: end)
      self.message = message
    }
  }

  private static let good = HandMadeTar.entry("set/a", text)
  private static let cases: [Case] = [
    Case(
      good, HandMadeTar.entry("../b", text),
      says: "an unsafe name in the tar archive (found “../b”, expected one within its folder)"),
    Case(
      HandMadeTar.entry("set/../../b", text), good,
      says:
        "an unsafe name in the tar archive (found “set/../../b”, expected one within its folder)"
    ),
    Case(
      HandMadeTar.entry("b", prefix: ".."), good,
      says: "an unsafe name in the tar archive (found “../b”, expected one within its folder)"),
    Case(
      HandMadeTar.entry("/etc/passwd", text), good,
      says:
        "an unsafe name in the tar archive (found “/etc/passwd”, expected one within its folder)"
    ),
    Case(
      HandMadeTar.entry("", text), good,
      says: "an unsafe name in the tar archive (found “”, expected one within its folder)"),
    Case(
      HandMadeTar.entry("set/a", kind: "2"),
      says: "“set/a” in the tar archive is a symbolic link (expected a regular file or a folder)"),
    Case(
      good, HandMadeTar.entry("set/b", kind: "1"),
      says: "“set/b” in the tar archive is a hard link (expected a regular file or a folder)"),
    Case(
      HandMadeTar.entry("set/tty", kind: "3"), good,
      says: "“set/tty” in the tar archive is a device (expected a regular file or a folder)"),
    Case(
      HandMadeTar.entry("set/pipe", kind: "6"), good,
      says: "“set/pipe” in the tar archive is a named pipe (expected a regular file or a folder)"),
    Case(
      HandMadeTar.entry("././@LongLink", text, kind: "L"), good,
      says: "“@LongLink” in the tar archive is a long name (expected a regular file or a folder)"),
    Case(
      HandMadeTar.entry("set/q", kind: "Q"), good,
      says: "“set/q” in the tar archive is of an unknown kind, 0x51 "
        + "(expected a regular file or a folder)"),
    Case(
      HandMadeTar.entry("set/a", size: "00004000001 "),
      says:
        "“set/a” in the tar archive is too large (found 1048577 bytes, expected at most 1048576)"
    ),
    Case(
      HandMadeTar.entry("other", size: "777777777777"), good,
      says: "“other” in the tar archive is too large (found 68719476735 bytes, "
        + "expected at most 1048576)"),
    Case(
      HandMadeTar.entry("set/a", size: "0000000009 "),
      says: "damaged tar archive (found no size in the header in block 0, "
        + "expected a number in base 8)"),
    Case(
      HandMadeTar.entry("set/a", size: "\u{0}"),
      says: "damaged tar archive (found no size in the header in block 0, "
        + "expected a number in base 8)"),
    Case(good, good, says: "“set/a” is in the tar archive twice (expected once)"),
    Case(
      HandMadeTar.entry("set/c", text), says: "the tar archive has not all files (missing set/a)"),
    Case(good, end: [], says: "the tar archive ends early (found only 1024 bytes of it)"),
    Case(
      Array(good.prefix(700)), end: [],
      says: "the tar archive ends early (found only 700 bytes of it)"),
    Case(
      Array(good.prefix(100)), end: [],
      says: "the tar archive ends early (found only 100 bytes of it)"),
    Case(
      good, end: HandMadeTar.end + good,
      says: "bytes follow the end of the tar archive (expected zeros alone)"),
    Case(
      good, end: [UInt8](repeating: 0, count: 512 + 1 << 20 + 1),
      says: "bytes follow the end of the tar archive (expected zeros alone)"),
    Case(
      good, HandMadeTar.entry("set/b", checksum: 1234),
      says:
        "damaged tar archive (found a tar archive in block 2, expected a header with its checksum)"
    ),
    Case(
      Array("<!DOCTYPE html>".utf8), end: [UInt8](repeating: 32, count: 600),
      says:
        "damaged tar archive (found an HTML page in block 0, expected a header with its checksum)"
    ),
  ]

  @Test(arguments: cases)
  private func refused(archive: Case) {
    let error = #expect(throws: TarError.self) {
      try readTar(archive.archive, members: ["set/a"])
    }
    #expect(error?.description == archive.message)
  }

  @Test func damagedGzipIsRefused() throws {
    let whole = HandMadeTar.gzip(Self.good)
    #expect(throws: TarError.gzip(.endsEarly(bytes: whole.count - 1))) {
      try readTar(whole.dropLast(), members: ["set/a"])
    }
    #expect(throws: TarError.gzip(.trailingBytes(1))) {
      try readTar(whole + [0], members: ["set/a"])
    }
    #expect(throws: TarError.gzip(.notGzip(found: "an HTML page"))) {
      try readTar(Array("<html>".utf8), members: ["set/a"])
    }
    var wrong = whole
    wrong[wrong.count - 8] ^= 1
    #expect(throws: TarError.gzip(.damaged("incorrect data check"))) {
      try readTar(wrong, members: ["set/a"])
    }
  }

  /// A name that is not UTF-8 could be written in two ways.
  @Test func aNameThatIsNotTextIsRefused() throws {
    var entry = HandMadeTar.entry("set/a")
    entry[0] = 0xff
    HandMadeTar.sign(&entry, at: 0)
    let error = #expect(throws: TarError.self) {
      try readTar(HandMadeTar.gzip(entry), members: ["set/a"])
    }
    guard case .name? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
