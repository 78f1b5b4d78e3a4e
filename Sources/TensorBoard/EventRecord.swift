/// The records of an event file, which is a TFRecord file (tensorflow/core/lib/io/record_writer.h):
///
/// | bytes | content |
/// |---|---|
/// | 8 | the length n of the data, little-endian |
/// | 4 | the masked CRC-32C of these 8 bytes |
/// | n | the data: an event |
/// | 4 | the masked CRC-32C of the data |
enum EventRecord {
  /// The bytes of a record.
  static func encode(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data
      + littleEndian(CRC32C.masked(data))
  }

  /// The data of the whole and correct records at the beginning of `bytes`, each with the place behind its
  /// record.
  ///
  /// What follows is the start of a record that was not written to its end, or is damaged.
  static func records(in bytes: [UInt8]) -> [(data: ArraySlice<UInt8>, end: Int)] {
    var records: [(data: ArraySlice<UInt8>, end: Int)] = []
    var place = 0
    while bytes.count - place >= 16 {
      let length = number(bytes[place..<place + 8])
      guard length <= UInt64(bytes.count - place - 16),
        number(bytes[place + 8..<place + 12]) == UInt64(CRC32C.masked(bytes[place..<place + 8]))
      else { break }
      let data = bytes[place + 12..<place + 12 + Int(length)]
      guard
        number(bytes[data.endIndex..<data.endIndex + 4]) == UInt64(CRC32C.masked(data))
      else { break }
      place = data.endIndex + 4
      records.append((data, place))
    }
    return records
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
