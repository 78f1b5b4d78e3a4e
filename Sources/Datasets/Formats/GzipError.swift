/// Why gzip data could not be inflated.
public enum GzipError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The data starts otherwise than gzip does; `found` names what it looks like.
  case notGzip(found: String)
  /// The data breaks off before the end of the compressed stream and its checksum.
  case endsEarly(bytes: Int)
  /// zlib's own word for what is wrong: a wrong checksum, an impossible code and the like.
  case damaged(String)
  /// There is more than was promised inside.
  case expandsPast(bytes: Int)
  /// The first member is followed by another one.
  case secondMember(afterBytes: Int)
  /// The first member is followed by bytes that are not gzip.
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
