/// Reads JSON (RFC 8259) strictly.
///
/// Errors are: a key that appears twice in an object, anything outside the grammar, a string that
/// is not UTF-8, half of a surrogate pair, and nesting beyond a limit. Keys that are canonically
/// equivalent in Unicode count as the same key, because `String` compares them as equal.
public enum StrictJSON {
  /// The value in `bytes`; white space around it is allowed.
  ///
  /// A number that consists of digits only and fits becomes ``CanonicalJSON/integer(_:)``. All
  /// others, such as `-0` and `1e3`, become ``CanonicalJSON/number(_:)``.
  ///
  /// - Parameters:
  ///   - depthLimit: the maximum number of nested arrays and objects.
  ///   - valueLimit: the maximum number of values, nested ones included. Each takes some dozen bytes of
  ///     memory, however few bytes its text has.
  /// - Throws: ``StrictJSONError`` with the offset of the error in bytes.
  public static func parse(
    _ bytes: ArraySlice<UInt8>, depthLimit: Int = 32, valueLimit: Int = Int.max
  ) throws(StrictJSONError) -> CanonicalJSON {
    var parser = StrictJSONParser(
      bytes: bytes, position: bytes.startIndex, depthLimit: depthLimit, valueLimit: valueLimit)
    let value = try parser.value(depth: 0)
    try parser.end()
    return value
  }

  /// The value in `text`.
  public static func parse(
    _ text: String, depthLimit: Int = 32
  ) throws(StrictJSONError) -> CanonicalJSON {
    try parse(Array(text.utf8)[...], depthLimit: depthLimit)
  }
}

/// A recursive descent over `bytes`; `position` is the next byte.
private struct StrictJSONParser {
  let bytes: ArraySlice<UInt8>
  var position: Int
  let depthLimit: Int
  let valueLimit: Int
  private var valueCount = 0

  init(bytes: ArraySlice<UInt8>, position: Int, depthLimit: Int, valueLimit: Int) {
    self.bytes = bytes
    self.position = position
    self.depthLimit = depthLimit
    self.valueLimit = valueLimit
  }

  // MARK: Values

  mutating func value(depth: Int) throws(StrictJSONError) -> CanonicalJSON {
    skipSpace()
    guard let byte = peek() else { throw fault(.endsEarly) }
    valueCount += 1
    guard valueCount <= valueLimit else { throw fault(.tooMany(limit: valueLimit)) }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw fault(.unexpected(byte, expected: "a value"))
    }
  }

  mutating func end() throws(StrictJSONError) {
    skipSpace()
    if let byte = peek() { throw fault(.bytesAfterEnd(byte)) }
  }

  private mutating func object(depth: Int) throws(StrictJSONError) -> CanonicalJSON {
    guard depth <= depthLimit else { throw fault(.tooDeep(limit: depthLimit)) }
    position += 1
    var members: [CanonicalJSON.Member] = []
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return .object([]) }
    while true {
      skipSpace()
      let start = position
      guard peek() == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let key = try string()
      guard keys.insert(key).inserted else { throw fault(.duplicateKey(key), at: start) }
      skipSpace()
      guard take(":") else { throw unexpected("':'") }
      members.append(.init(key, try value(depth: depth)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw unexpected("',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(StrictJSONError) -> CanonicalJSON {
    guard depth <= depthLimit else { throw fault(.tooDeep(limit: depthLimit)) }
    position += 1
    var items: [CanonicalJSON] = []
    skipSpace()
    if take("]") { return .array([]) }
    while true {
      items.append(try value(depth: depth))
      skipSpace()
      if take("]") { return .array(items) }
      guard take(",") else { throw unexpected("',' or ']'") }
    }
  }

  private mutating func word(
    _ word: StaticString, _ value: CanonicalJSON
  ) throws(StrictJSONError) -> CanonicalJSON {
    for index in 0..<word.utf8CodeUnitCount {
      guard peek() == word.utf8Start[index] else { throw unexpected("'\(word)'") }
      position += 1
    }
    return value
  }

  // MARK: Numbers

  private mutating func number() throws(StrictJSONError) -> CanonicalJSON {
    let start = position
    var isInteger = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isInteger = false
      try digits()
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw fault(.numberTooLarge, at: start) }
    return .number(value)
  }

  private mutating func digits() throws(StrictJSONError) {
    let start = position
    while let byte = peek(), isDigit(byte) { position += 1 }
    guard position > start else { throw unexpected("a digit") }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  // MARK: Strings

  private mutating func string() throws(StrictJSONError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: content, as: UTF8.self) else {
          throw fault(.badUTF8, at: start)
        }
        return string
      case UInt8(ascii: "\\"):
        content += try escape()
      case 0..<0x20:
        throw fault(.controlCharacter(byte))
      default:
        content.append(byte)
        position += 1
      }
    }
    throw fault(.endsEarly)
  }

  /// The UTF-8 bytes of the character that the escape sequence at `position` denotes.
  private mutating func escape() throws(StrictJSONError) -> [UInt8] {
    let start = position
    position += 1
    guard let byte = peek() else { throw fault(.endsEarly) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicode(escapeStart: start)
    default: throw fault(.badEscape, at: start)
    }
  }

  private mutating func unicode(escapeStart: Int) throws(StrictJSONError) -> [UInt8] {
    let high = try fourHexDigits(escapeStart)
    guard 0xd800..<0xe000 ~= high else { return utf8(high) }
    guard high < 0xdc00, take("\\"), take("u") else {
      throw fault(.loneSurrogate, at: escapeStart)
    }
    let low = try fourHexDigits(escapeStart)
    guard 0xdc00..<0xe000 ~= low else { throw fault(.loneSurrogate, at: escapeStart) }
    return utf8(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
  }

  private mutating func fourHexDigits(_ escapeStart: Int) throws(StrictJSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw fault(.endsEarly) }
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
        throw fault(.badEscape, at: escapeStart)
      }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  private func utf8(_ scalar: UInt32) -> [UInt8] {
    // Surrogates were handled above, so the value is a scalar.
    Array(String(Character(UnicodeScalar(scalar)!)).utf8)
  }

  // MARK: Bytes

  private func peek() -> UInt8? {
    position < bytes.endIndex ? bytes[position] : nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      position += 1
    }
  }

  private func unexpected(_ expected: String) -> StrictJSONError {
    guard let byte = peek() else { return fault(.endsEarly) }
    return fault(.unexpected(byte, expected: expected))
  }

  private func fault(
    _ problem: StrictJSONError.Problem, at place: Int? = nil
  ) -> StrictJSONError {
    StrictJSONError(offset: (place ?? position) - bytes.startIndex, problem: problem)
  }
}
