/// A JSON value; objects keep their members in order.
///
/// Equal values give equal bytes. The text has no white space, numbers have the shortest form that
/// reads back to the same value, and strings are UTF-8 in which only `"`, `\` and control
/// characters are escaped. ``sorted`` also orders the members of objects.
public enum CanonicalJSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  /// A number in double precision; NaN and infinities, which JSON does not have, are written as
  /// `null`.
  case number(Double)
  /// A number in single precision, with the fewest digits that distinguish it from other `Float`s;
  /// NaN and infinities are written as `null`.
  case float(Float)
  case string(String)
  case array([CanonicalJSON])
  case object([Member])

  /// A key of an object with its value.
  public struct Member: Sendable, Equatable {
    public let key: String
    public let value: CanonicalJSON

    public init(_ key: String, _ value: CanonicalJSON) {
      self.key = key
      self.value = value
    }
  }

  /// The value of `key`, if this is an object that has it.
  public subscript(key: String) -> CanonicalJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The same value with the members of every object sorted by their keys' UTF-8 bytes.
  public var sorted: CanonicalJSON {
    switch self {
    case .object(let members):
      .object(
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
          .map { Member($0.key, $0.value.sorted) })
    case .array(let items): .array(items.map(\.sorted))
    default: self
    }
  }

  /// The value on one line.
  public var text: String {
    var text = ""
    write(to: &text, margin: nil)
    return text
  }

  /// The value with one line for each member and item, indented by two spaces for each level, and a
  /// line feed at the end: for files that people read.
  public var indentedText: String {
    var text = ""
    write(to: &text, margin: "\n")
    return text + "\n"
  }

  /// - Parameter margin: a line feed and the indentation of this value's last line, or `nil` for a
  ///   value on one line.
  private func write(to text: inout String, margin: String?) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .float(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let items):
      text += "["
      Self.write(items, to: &text, margin: margin) { item, text, margin in
        item.write(to: &text, margin: margin)
      }
      text += "]"
    case .object(let members):
      text += "{"
      Self.write(members, to: &text, margin: margin) { member, text, margin in
        Self.write(member.key, to: &text)
        text += margin == nil ? ":" : ": "
        member.value.write(to: &text, margin: margin)
      }
      text += "}"
    }
  }

  private static func write<Item>(
    _ items: [Item], to text: inout String, margin: String?,
    each: (Item, inout String, String?) -> Void
  ) {
    let inner = margin.map { $0 + "  " }
    for (position, item) in items.enumerated() {
      if position > 0 { text += "," }
      text += inner ?? ""
      each(item, &text, inner)
    }
    if !items.isEmpty { text += margin ?? "" }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{8}": text += "\\b"
      case "\u{c}": text += "\\f"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1f}":
        text += scalar.value < 16 ? "\\u000" : "\\u00"
        text += String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension CanonicalJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(arrayLiteral elements: CanonicalJSON...) { self = .array(elements) }

  /// An object with its members in the given order.
  public init(dictionaryLiteral elements: (String, CanonicalJSON)...) {
    self = .object(elements.map { Member($0, $1) })
  }
}
