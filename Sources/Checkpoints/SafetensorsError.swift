import Files

/// Why ``Safetensors`` or ``SafetensorsFile`` does not accept some bytes.
public enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  case tooShort(bytes: Int)
  /// `looksLike` names the kind of file that starts with these bytes, if known.
  case headerTooLong(bytes: UInt64, limit: Int, looksLike: String?)
  case headerPastEnd(bytes: Int, available: Int)
  case headerStart(UInt8?)
  case headerMisaligned(bytes: Int)
  case json(StrictJSONError)
  case metadataNotStrings(key: String?)
  case entryNotAnObject(tensor: String)
  case unknownField(tensor: String, field: String)
  case missingField(tensor: String, field: String)
  case unknownDtype(tensor: String, found: String)
  case unsupportedDtype(tensor: String, found: String)
  case notAList(tensor: String, field: String)
  case notAWholeNumber(tensor: String, field: String, found: String)
  case offsetCount(tensor: String, found: Int)
  case offsetsReversed(tensor: String, begin: Int, end: Int)
  case tooManyElements(tensor: String, shape: [Int])
  case lengthMismatch(tensor: String, shape: [Int], bytes: Int, expected: Int)
  case misaligned(tensor: String, begin: Int, alignment: Int)
  case pastEnd(tensor: String, end: Int, available: Int)
  case overlap(tensor: String, begin: Int, previousEnd: Int)
  case hole(tensor: String, begin: Int, previousEnd: Int)
  case disorder(tensor: String, after: String)
  case bytesAfterEnd(found: Int, expected: Int)
  case partialByte(tensor: String, shape: [Int], bits: UInt)
  /// The file is valid, but elements of this type cannot be weights.
  case unsupportedValues(tensor: String, dtype: SafetensorsDtype)
  case inexactNumber(tensor: String, index: Int, found: String)

  public var description: String {
    switch self {
    case .tooShort(let bytes):
      "too short for a safetensors file (found \(bytes) bytes, expected at least 8)"
    case .headerTooLong(let bytes, let limit, nil):
      "the header is too long (found \(bytes) bytes, expected at most \(limit))"
    case .headerTooLong(_, _, let kind?):
      "not a safetensors file (found what looks like \(kind))"
    case .headerPastEnd(let bytes, let available):
      "ends inside its header (found \(available) of its bytes, expected \(bytes))"
    case .headerStart(nil): "the header is empty (expected a JSON object)"
    case .headerStart(let byte?):
      "the header is not a JSON object (found the byte \(byte), expected '{')"
    case .headerMisaligned(let bytes):
      "the header is misaligned (found \(bytes) bytes, expected a multiple of 8)"
    case .json(let error): "damaged header (\(error))"
    case .metadataNotStrings(nil): "__metadata__ is not an object (expected strings by key)"
    case .metadataNotStrings(let key?):
      "__metadata__ holds something else under \(quoted(key)) (expected a string)"
    case .entryNotAnObject(let tensor): "tensor \(quoted(tensor)) is not described by an object"
    case .unknownField(let tensor, let field):
      "tensor \(quoted(tensor)): unknown field \(quoted(field))"
        + " (expected dtype, shape and data_offsets)"
    case .missingField(let tensor, let field): "tensor \(quoted(tensor)): no \(field)"
    case .unknownDtype(let tensor, let found):
      "tensor \(quoted(tensor)): unknown dtype (found \(found), expected \"F32\")"
    case .unsupportedDtype(let tensor, let found):
      "tensor \(quoted(tensor)): dtype not supported (found \(found), expected F32)"
    case .notAList(let tensor, let field):
      "tensor \(quoted(tensor)): \(field) is not a list of numbers"
    case .notAWholeNumber(let tensor, let field, let found):
      "tensor \(quoted(tensor)): bad number in \(field)"
        + " (found \(found), expected a whole number from 0 to 2^53)"
    case .offsetCount(let tensor, let found):
      "tensor \(quoted(tensor)): bad data_offsets (found \(found) numbers, expected 2)"
    case .offsetsReversed(let tensor, let begin, let end):
      "tensor \(quoted(tensor)): ends before it begins (found bytes \(begin) to \(end))"
    case .tooManyElements(let tensor, let shape):
      "tensor \(quoted(tensor)): more elements than can be counted (found shape \(Self.text(shape)))"
    case .lengthMismatch(let tensor, let shape, let bytes, let expected):
      "tensor \(quoted(tensor)): data does not fill its shape \(Self.text(shape))"
        + " (found \(bytes) bytes, expected \(expected))"
    case .misaligned(let tensor, let begin, let alignment):
      "tensor \(quoted(tensor)): data is misaligned"
        + " (found it at byte \(begin), expected a multiple of \(alignment))"
    case .pastEnd(let tensor, let end, let available):
      "ends inside tensor \(quoted(tensor)) (found \(available) bytes of data, expected \(end))"
    case .overlap(let tensor, let begin, let previousEnd):
      "tensor \(quoted(tensor)): data overlaps another's"
        + " (found it at byte \(begin), expected \(previousEnd))"
    case .hole(let tensor, let begin, let previousEnd):
      "tensor \(quoted(tensor)): data lies behind a hole"
        + " (found it at byte \(begin), expected \(previousEnd))"
    case .disorder(let tensor, let after):
      "tensors out of order (found \(quoted(tensor)) listed behind \(quoted(after)),"
        + " expected the order of their data)"
    case .bytesAfterEnd(let found, let expected):
      "bytes after the last tensor (found \(found) bytes of data, expected \(expected))"
    case .partialByte(let tensor, let shape, let bits):
      "tensor \(quoted(tensor)): shape \(Self.text(shape)) ends inside a byte"
        + " (found \(bits) bits, expected a multiple of 8)"
    case .unsupportedValues(let tensor, let dtype):
      "tensor \(quoted(tensor)): \(dtype.rawValue) holds no weights"
        + " (expected F32, F64, F16, BF16 or whole numbers)"
    case .inexactNumber(let tensor, let index, let found):
      "tensor \(quoted(tensor)): element \(index) has no exact value in single precision"
        + " (found \(found))"
    }
  }

  /// The extents of `shape` in brackets, at most eight of them.
  private static func text(_ shape: [Int]) -> String {
    "[" + shape.prefix(8).map(String.init).joined(separator: ", ")
      + (shape.count > 8 ? ", …]" : "]")
  }
}
