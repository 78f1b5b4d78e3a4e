/// Extracts files from a gzipped tar archive (POSIX.1-1988, "ustar") in pieces.
///
///     header  512 bytes: name, size, kind, checksum, …
///     file    its bytes, padded with zeros to blocks of 512
///     …
///     end     a block of zeros, and only zeros after it
///
/// The reader writes no files, and returns only the files that were requested by name. Names that
/// lead out of the archive's folder, links and devices are errors wherever they occur. GNU tar's
/// headers for long names are errors too. Attributes of pax are ignored, because the requested
/// names are short. No byte is inflated before a header has announced it.
public struct TarReader: ~Copyable {
  /// A file of the archive.
  public struct File {
    /// The path in the archive, without a leading `./`.
    public let name: String
    public let content: [UInt8]
  }

  private static let blockCount = 512
  /// Programs pad archives with zeros to whole records, usually of 10 KiB.
  private static let largestPadding = 1 << 20

  private var reader: GzipReader
  private let compressedCount: Int
  private let limit: Int
  private var missing: [String]
  private var found: [String] = []
  private var position = 0
  private var hasEnded = false

  /// Starts reading `archive`, which must outlive the reader and be shorter than 4 GiB.
  ///
  /// - `members`: the files to return, as paths in the archive.
  /// - `limit`: the maximum size in bytes of any file of the archive.
  public init(
    _ archive: UnsafeBufferPointer<UInt8>, members: [String], limit: Int
  ) throws(TarError) {
    precondition(limit >= 0, "TarReader: a limit of \(limit) bytes")
    do throws(GzipError) { reader = try GzipReader(archive) } catch { throw .gzip(error) }
    compressedCount = archive.count
    self.limit = limit
    missing = members
  }

  /// The next requested file, in the archive's order; nil after the last one, once the rest of the
  /// archive is checked.
  public mutating func next() throws(TarError) -> File? {
    while !hasEnded {
      let block = position / Self.blockCount
      let bytes = try read(Self.blockCount)
      guard bytes.contains(where: { $0 != 0 }) else {
        try finish()
        break
      }
      let header = try TarHeader(bytes, block: block)
      let name = try header.checkedName()
      try header.checkKind(name)
      guard header.size <= limit else {
        throw .tooLarge(name: name, bytes: header.size, limit: limit)
      }
      let padding = (Self.blockCount - header.size % Self.blockCount) % Self.blockCount
      guard header.isFile, found.contains(name) || missing.contains(name) else {
        try skip(header.size + padding)
        continue
      }
      guard let place = missing.firstIndex(of: name) else { throw .twice(name: name) }
      missing.remove(at: place)
      found.append(name)
      let content = try read(header.size)
      try skip(padding)
      return File(name: name, content: content)
    }
    return nil
  }

  /// Checks that only zeros follow and that no requested file is missing.
  private mutating func finish() throws(TarError) {
    hasEnded = true
    var padding = 0
    while case let bytes = try readUpTo(1 << 16), !bytes.isEmpty {
      padding += bytes.count
      guard padding <= Self.largestPadding, bytes.allSatisfy({ $0 == 0 }) else { throw .trailing }
    }
    guard missing.isEmpty else { throw .missing(missing) }
  }

  private mutating func skip(_ count: Int) throws(TarError) {
    var left = count
    while left > 0 { left -= try read(min(left, 1 << 16)).count }
  }

  private mutating func read(_ count: Int) throws(TarError) -> [UInt8] {
    let bytes = try readUpTo(count)
    guard bytes.count == count else { throw .endsEarly(bytes: position) }
    return bytes
  }

  private mutating func readUpTo(_ count: Int) throws(TarError) -> [UInt8] {
    do throws(GzipError) {
      let bytes = try reader.read(count: count, from: compressedCount)
      position += bytes.count
      return bytes
    } catch { throw .gzip(error) }
  }
}
