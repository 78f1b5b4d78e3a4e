import CZlib

/// Inflates one gzip member in pieces, and only as many bytes as requested.
///
/// zlib's `gzread` copies files that are not gzip, ignores what follows the end, joins members, and
/// detects a truncated file only when closing it. This reader reports all four as errors.
struct GzipReader: ~Copyable {
  /// zlib keeps the stream's address, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let inputCount: Int
  private var hasEnded = false

  /// Starts reading `input`, which must outlive the reader and be shorter than 4 GiB.
  init(_ input: UnsafeBufferPointer<UInt8>) throws(GzipError) {
    precondition(input.count <= Int(UInt32.max), "GzipReader: \(input.count) bytes")
    guard Gzip.isGzip(input) else { throw .notGzip(found: ContentGuess.describe(input)) }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    // 15 is the largest window; adding 16 requires a gzip header and trailer.
    let status = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      throw .outOfMemory
    }
    self.stream = stream
    self.inputCount = input.count
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Writes the next `count` bytes to `output`.
  ///
  /// - Returns: the number of bytes, which is less than `count` only at a valid end of the data:
  ///   with the right checksum and length, and nothing after it.
  mutating func read(
    into output: UnsafeMutablePointer<UInt8>, count: Int
  ) throws(GzipError) -> Int {
    var produced = 0
    while produced < count && !hasEnded {
      let room = UInt32(clamping: count - produced)
      stream.pointee.next_out = output + produced
      stream.pointee.avail_out = room
      let status = inflate(stream, Z_NO_FLUSH)
      produced += Int(room - stream.pointee.avail_out)
      switch status {
      case Z_OK: continue
      case Z_STREAM_END:
        hasEnded = true
        try checkNothingFollows()
      // No progress although the output has room, so the input has ended.
      case Z_BUF_ERROR: throw .endsEarly(bytes: inputCount)
      case Z_MEM_ERROR: throw .outOfMemory
      default:
        throw .damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)")
      }
    }
    return produced
  }

  /// Checks that the data ends here.
  ///
  /// - Parameter total: the announced number of bytes, for the message.
  mutating func finish(total: Int) throws(GzipError) {
    var extra: UInt8 = 0
    guard try read(into: &extra, count: 1) == 0 else { throw .expandsPast(bytes: total) }
  }

  private func checkNothingFollows() throws(GzipError) {
    let left = UnsafeBufferPointer(
      start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    guard !left.isEmpty else { return }
    if Gzip.isGzip(left) {
      throw .secondMember(afterBytes: inputCount - left.count)
    }
    throw .trailingBytes(left.count)
  }
}
