/// Writes a message in the wire format of protocol buffers (protobuf.dev, "Encoding").
///
/// A message is a sequence of fields. Each begins with a varint, `number << 3 | type`:
///
/// | type | content |
/// |---|---|
/// | 0 | a varint: 7 bits a byte, the lowest first; all bytes but the last have bit 7 set |
/// | 1, 5 | 8 or 4 bytes, little-endian |
/// | 2 | a length as a varint, and that many bytes: text, bytes or a message |
///
/// A repeated field is written once for each element. Fields have the order of the calls; equal
/// calls give equal bytes. Every call writes its field, even with the value 0.
public struct ProtobufWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// Writes a field of type `int32`, `int64`, `bool` or `enum`. A negative number takes ten bytes.
  public mutating func write(_ field: Int, _ value: Int) {
    start(field, 0)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  /// Writes a field of type `float`.
  public mutating func write(_ field: Int, _ value: Float) {
    start(field, 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes a field of type `double`.
  public mutating func write(_ field: Int, _ value: Double) {
    start(field, 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes a field of type `string`.
  public mutating func write(_ field: Int, _ text: String) { write(field, Array(text.utf8)) }

  /// Writes a field of type `bytes`.
  public mutating func write(_ field: Int, _ content: [UInt8]) {
    start(field, 2)
    append(varint: UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  /// Writes a field of type `bytes` with the elements of `values`, little-endian.
  public mutating func write(_ field: Int, floats values: [Float]) {
    start(field, 2)
    append(varint: UInt64(values.count * MemoryLayout<Float>.size))
    values.withUnsafeBytes { source in
      #if _endian(little)
        bytes.append(contentsOf: source)
      #else
        for value in values {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
      #endif
    }
  }

  /// Writes a field that is a message, whose fields `body` writes.
  public mutating func write(_ field: Int, message body: (inout ProtobufWriter) -> Void) {
    start(field, 2)
    let place = bytes.count
    body(&self)
    // The length comes before the content, and is known only now.
    bytes.insert(contentsOf: Self.varint(UInt64(bytes.count - place)), at: place)
  }

  private mutating func start(_ field: Int, _ type: UInt64) {
    precondition(field > 0 && field < 1 << 29, "a protobuf field has the number \(field)")
    append(varint: UInt64(field) << 3 | type)
  }

  private mutating func append(varint value: UInt64) {
    bytes.append(contentsOf: Self.varint(value))
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
    return bytes
  }
}
