import Files

/// IDX, the file format of MNIST and related data sets: a big-endian header followed by unsigned
/// bytes.
///
///     images  00 00 08 03  count height width  count·height·width pixels, row by row
///     labels  00 00 08 01  count               count labels
///
/// Files may be gzipped or plain; the first bytes tell which.
public enum IDX {
  /// The content of an IDX file: images or labels.
  public enum Kind: String, Sendable, CustomStringConvertible {
    case images, labels

    public var description: String { rawValue }
    /// The number of extents in the header.
    var rank: Int { self == .images ? 3 : 1 }
    var headerCount: Int { 4 + 4 * rank }
    var magicText: String { "0x0000080\(rank)" }
    var other: Kind { self == .images ? .labels : .images }
  }

  /// The maximum number of data bytes of a file.
  public static let largestDataCount = 1 << 30
  /// The maximum size of a plain file in bytes.
  public static let largestFileCount = largestDataCount + Kind.images.headerCount

  /// The content of an IDX file.
  public struct Content: Sendable {
    /// The header's bytes.
    let header: [UInt8]
    /// `[count, height, width]` of images, `[count]` of labels; all at least 1.
    public let extents: [Int]
    /// The data bytes; their number is the product of the extents.
    public let data: [UInt8]

    public var count: Int { extents[0] }

    /// SHA-256 of the plain file, header and data, in base 16.
    public var sha256: String { Hash.sha256(of: [header, data]) }

    /// The images with rows and columns exchanged; images must be square.
    func transposedPixels() -> [UInt8] {
      let side = extents[1]
      precondition(extents.count == 3 && side == extents[2], "transposed: \(extents)")
      return data.withUnsafeBufferPointer { data in
        [UInt8](unsafeUninitializedCapacity: data.count) { output, initialized in
          for image in stride(from: 0, to: data.count, by: side * side) {
            for y in 0..<side {
              for x in 0..<side { output[image + y * side + x] = data[image + x * side + y] }
            }
          }
          initialized = data.count
        }
      }
    }
  }

  /// Reads the images file `file`, gzipped or plain; its extents are `[count, height, width]`.
  public static func images(_ file: [UInt8]) throws(IDXError) -> Content {
    try content(of: file, as: .images)
  }

  /// Reads the labels file `file`, gzipped or plain, and checks that each label is one of `classes`
  /// values starting at `first`.
  public static func labels(
    _ file: [UInt8], classes: Int, first: UInt8 = 0
  ) throws(IDXError) -> Content {
    let content = try content(of: file, as: .labels)
    let range = Int(first)..<Int(first) + classes
    if let index = content.data.firstIndex(where: { !range.contains(Int($0)) }) {
      throw .label(content.data[index], index: index, expected: range)
    }
    return content
  }

  private static func content(of file: [UInt8], as kind: Kind) throws(IDXError) -> Content {
    try file.withUnsafeBufferPointer { bytes throws(IDXError) in
      Gzip.isGzip(bytes) ? try inflate(bytes, as: kind) : try plain(bytes, as: kind)
    }
  }

  private static func plain(
    _ bytes: UnsafeBufferPointer<UInt8>, as kind: Kind
  ) throws(IDXError) -> Content {
    let extents = try readExtents(bytes, as: kind)
    let expected = extents.reduce(1, *)
    let found = bytes.count - kind.headerCount
    guard found >= expected else { throw .dataEndsEarly(bytes: found, expected: expected) }
    guard found == expected else { throw .dataTooLong(bytes: found, expected: expected) }
    return Content(
      header: Array(bytes.prefix(kind.headerCount)), extents: extents,
      data: Array(bytes.dropFirst(kind.headerCount)))
  }

  /// Inflates the header first and then exactly the data that it announces.
  private static func inflate(
    _ bytes: UnsafeBufferPointer<UInt8>, as kind: Kind
  ) throws(IDXError) -> Content {
    let compressed = bytes.count
    var reader = try inflating { () throws(GzipError) in try GzipReader(bytes) }
    let header = try inflating { () throws(GzipError) in
      try reader.read(count: kind.headerCount, from: compressed)
    }
    let extents = try header.withUnsafeBufferPointer { header throws(IDXError) in
      try readExtents(header, as: kind)
    }
    let expected = extents.reduce(1, *)
    let data = try inflating { () throws(GzipError) in
      try reader.read(count: expected, from: compressed)
    }
    guard data.count == expected else {
      throw .dataEndsEarly(bytes: data.count, expected: expected)
    }
    try inflating { () throws(GzipError) in
      try reader.finish(total: kind.headerCount + expected)
    }
    return Content(header: header, extents: extents, data: data)
  }

  /// The result of `body`; its errors become ``IDXError``s.
  private static func inflating<Result: ~Copyable>(
    _ body: () throws(GzipError) -> Result
  ) throws(IDXError) -> Result {
    do throws(GzipError) { return try body() } catch { throw .gzip(error) }
  }

  /// The extents in the header at the start of `bytes`.
  private static func readExtents(
    _ bytes: UnsafeBufferPointer<UInt8>, as kind: Kind
  ) throws(IDXError) -> [Int] {
    let magic = bytes.prefix(4)
    guard magic.prefix(2).allSatisfy({ $0 == 0 }), !magic.elementsEqual([0, 0, 0, 0]) else {
      throw .notIDX(found: ContentGuess.describe(bytes), expected: kind)
    }
    guard magic.count == 4 else {
      throw .headerEndsEarly(bytes: bytes.count, expected: kind.headerCount)
    }
    guard magic[2] == 0x08 else { throw .elementType(found: magic[2]) }
    if magic[3] == kind.other.rank { throw .swapped(found: kind.other) }
    guard magic[3] == kind.rank else {
      throw .dimensions(found: Int(magic[3]), expected: kind)
    }
    guard bytes.count >= kind.headerCount else {
      throw .headerEndsEarly(bytes: bytes.count, expected: kind.headerCount)
    }

    let extents = (1...kind.rank).map { word in
      bytes[4 * word..<4 * word + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard extents.allSatisfy({ $0 > 0 }) else { throw .zeroExtent(extents) }
    var total = 1
    for extent in extents {
      let (product, overflow) = total.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= largestDataCount else { throw .tooLarge(extents) }
      total = product
    }
    return extents
  }
}
