/// Why a gzipped tar archive could not be unpacked.
public enum TarError: Error, Equatable, Sendable, CustomStringConvertible {
  case gzip(GzipError)
  /// The data ends in a header, in a file, or before the block of zeros that ends an archive.
  case endsEarly(bytes: Int)
  /// A header with a wrong checksum; `found` names the apparent kind of content.
  case notHeader(block: Int, found: String)
  /// The size in a header is not a number in base 8.
  case size(block: Int)
  /// A name that leads out of the folder or is not UTF-8.
  case name(String)
  /// An entry other than a file or a folder, such as a link.
  case kind(name: String, found: String)
  case tooLarge(name: String, bytes: Int, limit: Int)
  case twice(name: String)
  /// Files that are missing in the archive.
  case missing([String])
  /// Bytes other than zeros follow the end.
  case trailing

  public var description: String {
    switch self {
    case .gzip(let error): error.description
    case .endsEarly(let bytes): "the tar archive ends early (found only \(bytes) bytes of it)"
    case .notHeader(let block, let found):
      "damaged tar archive (found \(found) in block \(block), expected a header with its checksum)"
    case .size(let block):
      "damaged tar archive (found no size in the header in block \(block), "
        + "expected a number in base 8)"
    case .name(let name):
      "an unsafe name in the tar archive (found “\(name)”, expected one within its folder)"
    case .kind(let name, let found):
      "“\(name)” in the tar archive is \(found) (expected a regular file or a folder)"
    case .tooLarge(let name, let bytes, let limit):
      "“\(name)” in the tar archive is too large (found \(bytes) bytes, expected at most \(limit))"
    case .twice(let name): "“\(name)” is in the tar archive twice (expected once)"
    case .missing(let names):
      "the tar archive has not all files (missing \(list(names, "and")))"
    case .trailing: "bytes follow the end of the tar archive (expected zeros alone)"
    }
  }
}
