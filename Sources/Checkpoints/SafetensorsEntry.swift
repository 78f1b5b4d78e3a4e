import Files

/// What a safetensors header says of one tensor, checked.
struct SafetensorsEntry {
  let name: String
  let shape: [Int]
  /// Where the tensor's bytes lie in the data.
  let begin: Int
  let end: Int

  private let elementBytes: Int

  /// The number of elements.
  var count: Int { (end - begin) / elementBytes }

  /// The types of elements that the format knows and this reader does not take, and their size in
  /// bytes; nil where it is no whole number.
  private static let unsupportedDtypes: [String: Int?] = [
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "U32": 4, "I32": 4, "U64": 8, "I64": 8,
    "F16": 2, "BF16": 2, "F64": 8, "F4": nil, "F6_E2M3": nil, "F6_E3M2": nil, "F8_E4M3": 1,
    "F8_E5M2": 1, "F8_E8M0": 1, "F8_E4M3FNUZ": 1, "F8_E5M2FNUZ": 1, "C64": 8,
  ]

  /// - Parameters:
  ///   - available: the bytes of data in the file.
  ///   - isPassedOver: whether nobody will read the values, which then may be of any type.
  init(
    _ member: CanonicalJSON.Member, available: Int, isPassedOver: Bool = false
  ) throws(SafetensorsError) {
    name = member.key
    guard case .object(let fields) = member.value else { throw .entryNotAnObject(tensor: name) }
    for field in fields where !["dtype", "shape", "data_offsets"].contains(field.key) {
      throw .unknownField(tensor: name, field: field.key)
    }
    elementBytes = try Self.elementBytes(of: member, isPassedOver: isPassedOver)
    shape = try Self.numbers("shape", of: member)
    let offsets = try Self.numbers("data_offsets", of: member)
    guard offsets.count == 2 else { throw .offsetCount(tensor: name, found: offsets.count) }
    begin = offsets[0]
    end = offsets[1]
    try checkExtent(available: available)
  }

  private static func elementBytes(
    of member: CanonicalJSON.Member, isPassedOver: Bool
  ) throws(SafetensorsError) -> Int {
    guard let value = member.value["dtype"] else {
      throw .missingField(tensor: member.key, field: "dtype")
    }
    guard case .string(let dtype) = value else {
      throw .unknownDtype(tensor: member.key, found: shortText(of: value))
    }
    guard dtype != "F32" else { return Safetensors.elementBytes }
    guard let bytes = unsupportedDtypes[dtype] else {
      throw .unknownDtype(tensor: member.key, found: quoted(dtype))
    }
    guard isPassedOver, let bytes else {
      throw .unsupportedDtype(tensor: member.key, found: dtype)
    }
    return bytes
  }

  private static func numbers(
    _ field: String, of member: CanonicalJSON.Member
  ) throws(SafetensorsError) -> [Int] {
    guard let value = member.value[field] else {
      throw .missingField(tensor: member.key, field: field)
    }
    guard case .array(let items) = value else { throw .notAList(tensor: member.key, field: field) }
    var numbers: [Int] = []
    for item in items {
      guard case .integer(let number) = item, 0...(1 << 53) ~= number else {
        throw .notAWholeNumber(tensor: member.key, field: field, found: shortText(of: item))
      }
      numbers.append(number)
    }
    return numbers
  }

  /// A value for an error message: numbers as they are, everything else by kind.
  private static func shortText(of value: CanonicalJSON) -> String {
    switch value {
    case .string(let string): quoted(string)
    case .array: "a list"
    case .object: "an object"
    default: value.text
    }
  }

  private func checkExtent(available: Int) throws(SafetensorsError) {
    guard begin <= end else { throw .offsetsReversed(tensor: name, begin: begin, end: end) }
    var expected = elementBytes
    for extent in shape {
      let (product, overflow) = expected.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .tooManyElements(tensor: name, shape: shape) }
      expected = product
    }
    guard end - begin == expected else {
      throw .lengthMismatch(tensor: name, shape: shape, bytes: end - begin, expected: expected)
    }
    guard begin % elementBytes == 0 else {
      throw .misaligned(tensor: name, begin: begin, alignment: elementBytes)
    }
    guard end <= available else { throw .pastEnd(tensor: name, end: end, available: available) }
  }

  /// Checks that `entries` cover the data without hole or overlap, in order and to its end.
  static func checkCover(
    _ entries: [SafetensorsEntry], available: Int
  ) throws(SafetensorsError) {
    var previousEnd = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin >= previousEnd else {
        throw .overlap(tensor: entry.name, begin: entry.begin, previousEnd: previousEnd)
      }
      guard entry.begin == previousEnd else {
        throw .hole(tensor: entry.name, begin: entry.begin, previousEnd: previousEnd)
      }
      previousEnd = entry.end
    }
    guard previousEnd == available else {
      throw .bytesAfterEnd(found: available, expected: previousEnd)
    }
    for (first, second) in zip(entries, entries.dropFirst()) where second.begin < first.end {
      throw .disorder(tensor: second.name, after: first.name)
    }
  }
}
