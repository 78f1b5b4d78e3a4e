import Files

/// The description of one tensor in a safetensors header, checked.
public struct SafetensorsEntry: Sendable {
  public let name: String
  public let dtype: SafetensorsDtype
  public let shape: [Int]
  /// The tensor's first byte in the data.
  let begin: Int
  let end: Int

  /// The number of elements.
  var count: Int { (end - begin) * 8 / dtype.bits }

  /// - Parameter available: the number of bytes of data in the file.
  init(
    _ member: CanonicalJSON.Member, available: Int, rules: SafetensorsRules
  ) throws(SafetensorsError) {
    name = member.key
    guard case .object(let fields) = member.value else { throw .entryNotAnObject(tensor: name) }
    if rules == .strict {
      for field in fields where !["dtype", "shape", "data_offsets"].contains(field.key) {
        throw .unknownField(tensor: name, field: field.key)
      }
    }
    dtype = try Self.dtype(of: member, rules)
    shape = try Self.numbers("shape", of: member, rules)
    let offsets = try Self.numbers("data_offsets", of: member, rules)
    guard offsets.count == 2 else { throw .offsetCount(tensor: name, found: offsets.count) }
    begin = offsets[0]
    end = offsets[1]
    try checkExtent(available: available, rules)
  }

  private static func dtype(
    of member: CanonicalJSON.Member, _ rules: SafetensorsRules
  ) throws(SafetensorsError) -> SafetensorsDtype {
    guard let value = member.value["dtype"] else {
      throw .missingField(tensor: member.key, field: "dtype")
    }
    guard case .string(let text) = value else {
      throw .unknownDtype(tensor: member.key, found: shortText(of: value))
    }
    guard let dtype = SafetensorsDtype(rawValue: text) else {
      throw .unknownDtype(tensor: member.key, found: quoted(text))
    }
    guard rules == .reference || dtype == .float32 else {
      throw .unsupportedDtype(tensor: member.key, found: text)
    }
    return dtype
  }

  private static func numbers(
    _ field: String, of member: CanonicalJSON.Member, _ rules: SafetensorsRules
  ) throws(SafetensorsError) -> [Int] {
    guard let value = member.value[field] else {
      throw .missingField(tensor: member.key, field: field)
    }
    guard case .array(let items) = value else { throw .notAList(tensor: member.key, field: field) }
    let limit = rules == .strict ? 1 << 53 : Int.max
    var numbers: [Int] = []
    for item in items {
      guard case .integer(let number) = item, 0...limit ~= number else {
        throw .notAWholeNumber(tensor: member.key, field: field, found: shortText(of: item))
      }
      numbers.append(number)
    }
    return numbers
  }

  /// A value for an error message: numbers as they are, other values by their kind.
  private static func shortText(of value: CanonicalJSON) -> String {
    switch value {
    case .string(let string): quoted(string)
    case .array: "a list"
    case .object: "an object"
    default: value.text
    }
  }

  private func checkExtent(
    available: Int, _ rules: SafetensorsRules
  ) throws(SafetensorsError) {
    guard begin <= end else { throw .offsetsReversed(tensor: name, begin: begin, end: end) }
    let bytes = try byteCount(rules)
    guard end - begin == bytes else {
      throw .lengthMismatch(tensor: name, shape: shape, bytes: end - begin, expected: bytes)
    }
    let alignment = max(1, dtype.bits / 8)
    guard rules == .reference || begin % alignment == 0 else {
      throw .misaligned(tensor: name, begin: begin, alignment: alignment)
    }
    guard end <= available else { throw .pastEnd(tensor: name, end: end, available: available) }
  }

  /// The number of bytes of all elements of the shape.
  ///
  /// The product is computed as the format's reader does, in unsigned 64-bit numbers, so an
  /// overflow is an error even if a later extent is 0.
  private func byteCount(_ rules: SafetensorsRules) throws(SafetensorsError) -> Int {
    var product: UInt = rules == .strict ? UInt(dtype.bits / 8) : 1
    func multiply(by factor: Int) throws(SafetensorsError) {
      let (next, overflow) = product.multipliedReportingOverflow(by: UInt(factor))
      guard !overflow, rules == .reference || next <= Int.max else {
        throw .tooManyElements(tensor: name, shape: shape)
      }
      product = next
    }
    for extent in shape { try multiply(by: extent) }
    guard rules == .reference else { return Int(product) }
    try multiply(by: dtype.bits)
    guard product % 8 == 0 else {
      throw .partialByte(tensor: name, shape: shape, bits: product)
    }
    return Int(product / 8)
  }

  /// Checks that `entries` cover the data to its end without gaps and overlaps, and in order if
  /// `rules` are strict.
  static func checkCover(
    _ entries: [SafetensorsEntry], available: Int, rules: SafetensorsRules
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
    guard rules == .strict else { return }
    for (first, second) in zip(entries, entries.dropFirst()) where second.begin < first.end {
      throw .disorder(tensor: second.name, after: first.name)
    }
  }
}
