/// Why bytes are not a message of protocol buffers.
public enum ProtobufError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A field or its content reaches past the end of the message.
  case truncated
  /// A varint of more than ten bytes, or a field of an unknown type or the number 0.
  case malformed

  public var description: String {
    switch self {
    case .truncated: "the message ends within a field (expected a whole field)"
    case .malformed: "not a message of protocol buffers (expected fields of the types 0, 1, 2, 5)"
    }
  }
}

/// Reads a message in the wire format that ``ProtobufWriter`` writes.
///
/// It knows no names and no schema: a field has a number and a content.
public enum ProtobufReader {
  /// A field of a message.
  public struct Field: Equatable, Sendable {
    public let number: Int
    /// A varint, or the bits of a number of 8 or 4 bytes; 0 for a field of type 2.
    public let bits: UInt64
    /// The content of a field of type 2; empty for other types.
    public let content: ArraySlice<UInt8>

    /// The number of a field of type `double`.
    public var double: Double { Double(bitPattern: bits) }
    /// The number of a field of type `float`.
    public var float: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits)) }
    /// The number of a field of type `int32`, `int64`, `bool` or `enum`.
    public var integer: Int { Int(Int64(bitPattern: bits)) }
    /// The content as text.
    public var text: String { String(decoding: content, as: UTF8.self) }
  }

  /// All fields of a message, in their order.
  public static func fields(
    of message: ArraySlice<UInt8>
  ) throws(ProtobufError) -> [Field] {
    var rest = message
    var fields: [Field] = []
    while !rest.isEmpty {
      let key = try varint(&rest)
      let number = Int(truncatingIfNeeded: key >> 3)
      guard (1..<1 << 29).contains(number) else { throw .malformed }
      switch key & 7 {
      case 0: fields.append(Field(number: number, bits: try varint(&rest), content: []))
      case 1: fields.append(Field(number: number, bits: try fixed(&rest, 8), content: []))
      case 5: fields.append(Field(number: number, bits: try fixed(&rest, 4), content: []))
      case 2:
        let count = try varint(&rest)
        guard count <= rest.count else { throw .truncated }
        fields.append(Field(number: number, bits: 0, content: rest.prefix(Int(count))))
        rest = rest.dropFirst(Int(count))
      default: throw .malformed
      }
    }
    return fields
  }

  /// The first field that the numbers of `path` lead to, each within the content of the one before; nil if
  /// there is none, or the message is malformed.
  public static func first(_ path: [Int], in message: ArraySlice<UInt8>) -> Field? {
    var content = message
    var found: Field?
    for number in path {
      guard let fields = try? fields(of: content),
        let field = fields.first(where: { $0.number == number })
      else { return nil }
      found = field
      content = field.content
    }
    return found
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst() else { throw .truncated }
      value |= UInt64(byte & 0x7F) << (7 * UInt64(place))
      if byte & 0x80 == 0 { return value }
    }
    throw .malformed
  }

  private static func fixed(
    _ rest: inout ArraySlice<UInt8>, _ count: Int
  ) throws(ProtobufError) -> UInt64 {
    guard rest.count >= count else { throw .truncated }
    var value: UInt64 = 0
    for byte in rest.prefix(count).reversed() { value = value << 8 | UInt64(byte) }
    rest = rest.dropFirst(count)
    return value
  }
}
