import Files

/// Why a file is not valid IDX data.
public enum IDXError: Error, Equatable, Sendable, CustomStringConvertible {
  case gzip(GzipError)
  /// The header is incomplete.
  case headerEndsEarly(bytes: Int, expected: Int)
  /// The first two bytes are not zero, as in every IDX file; `found` names the apparent kind of
  /// content.
  case notIDX(found: String, expected: IDX.Kind)
  /// The file has images where labels are expected, or the reverse.
  case swapped(found: IDX.Kind)
  /// The elements are not unsigned bytes.
  case elementType(found: UInt8)
  /// The number of dimensions is neither that of images nor that of labels.
  case dimensions(found: Int, expected: IDX.Kind)
  case zeroExtent([Int])
  case tooLarge([Int])
  /// The data is incomplete.
  case dataEndsEarly(bytes: Int, expected: Int)
  /// Bytes follow the data.
  case dataTooLong(bytes: Int, expected: Int)
  /// A label outside the expected range.
  case label(UInt8, index: Int, expected: Range<Int>)

  public var description: String {
    switch self {
    case .gzip(let error): error.description
    case .headerEndsEarly(let bytes, let expected):
      "the IDX header ends early (found \(bytes) bytes, expected \(expected))"
    case .notIDX(let found, let kind): "not IDX data (found \(found), expected IDX \(kind))"
    case .swapped(let found):
      "\(found) where \(found.other) belong (found magic \(found.magicText), "
        + "expected \(found.other.magicText))"
    case .elementType(let found):
      "IDX data of another element type (found 0x\(hexadecimal(found))\(typeName(found)), "
        + "expected 0x08, unsigned bytes)"
    case .dimensions(let found, let kind):
      "IDX data of another rank (found \(found) dimensions, expected \(kind.rank) for \(kind))"
    case .zeroExtent(let extents):
      "an extent is zero (found \(product(extents)), expected at least 1 each)"
    case .tooLarge(let extents):
      "the extents are too large (found \(product(extents)), "
        + "expected at most \(IDX.largestDataCount) bytes)"
    case .dataEndsEarly(let bytes, let expected):
      "the IDX data ends early (found \(bytes) bytes, expected \(expected))"
    case .dataTooLong(let bytes, let expected):
      "bytes follow the IDX data (found \(bytes) bytes, expected \(expected))"
    case .label(let label, let index, let expected):
      "a label is out of range (found \(label) at index \(index), "
        + "expected \(expected.lowerBound) to \(expected.upperBound - 1))"
    }
  }

  /// The advice for the user.
  var remedy: String {
    switch self {
    case .swapped: "Were the images and labels files swapped?"
    case .elementType, .dimensions, .label: "Is it the file of another data set?"
    case .gzip(.outOfMemory): "Free some memory."
    default: "Get the file again."
    }
  }

  private func product(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }

  private func typeName(_ type: UInt8) -> String {
    switch type {
    case 0x09: ", signed bytes"
    case 0x0b: ", 16-bit integers"
    case 0x0c: ", 32-bit integers"
    case 0x0d: ", 32-bit floats"
    case 0x0e: ", 64-bit floats"
    default: ""
    }
  }
}
