/// Why gzip data could not be inflated.
public enum GzipError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The data does not start like gzip; `found` names the apparent kind of content.
  case notGzip(found: String)
  /// The data ends before the end of the compressed stream and its checksum.
  case endsEarly(bytes: Int)
  /// zlib's description of the error, such as a wrong checksum or an invalid code.
  case damaged(String)
  /// The content is longer than announced.
  case expandsPast(bytes: Int)
  /// Another member follows the first one.
  case secondMember(afterBytes: Int)
  /// Bytes that are not gzip follow the first member.
  case trailingBytes(Int)
  case outOfMemory

  public var description: String {
    switch self {
    case .notGzip(let found): "not gzip data (found \(found), expected the bytes 1f 8b)"
    case .endsEarly(let bytes): "the gzip data ends early (found only \(bytes) bytes of it)"
    case .damaged(let reason): "damaged gzip data (\(reason))"
    case .expandsPast(let bytes):
      "the gzip data expands past its promise (found more, expected \(bytes) bytes)"
    case .secondMember(let bytes):
      "the gzip data has a second member (found after \(bytes) bytes, expected one member)"
    case .trailingBytes(let count):
      "bytes follow the end of the gzip data (found \(count), expected none)"
    case .outOfMemory: "no memory left to inflate the gzip data"
    }
  }
}
