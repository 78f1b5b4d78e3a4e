/// A safetensors file of any program, checked by the rules of the format's own reader
/// (`safetensors/src/tensor.rs` of version 0.8).
///
/// The header has at most 100 MB and maps names to known dtypes, shapes and offsets. The tensors'
/// data covers the rest of the file, in any order, without gaps, overlaps or trailing bytes. Two
/// things that the format's reader accepts are errors here: a key that appears twice, of which the
/// reader silently drops one, and tensors described by JSON lists, which no program writes.
public struct SafetensorsFile: Sendable {
  /// The maximum size of a header in bytes.
  public static let headerLimit = 100_000_000

  public let metadata: [String: String]
  /// The header's description of each tensor, in the header's order.
  public let entries: [SafetensorsEntry]
  private let bytes: [UInt8]
  private let dataStart: Int

  /// Reads the header; ``values(of:)`` reads the values.
  public init(_ bytes: [UInt8]) throws(SafetensorsError) {
    try self.init(bytes, rules: .reference)
  }

  init(_ bytes: [UInt8], rules: SafetensorsRules) throws(SafetensorsError) {
    let header = try SafetensorsHeader(of: bytes, rules: rules)
    let available = bytes.count - header.range.upperBound
    var entries: [SafetensorsEntry] = []
    for member in header.entries {
      entries.append(try SafetensorsEntry(member, available: available, rules: rules))
    }
    try SafetensorsEntry.checkCover(entries, available: available, rules: rules)
    self.bytes = bytes
    self.entries = entries
    metadata = header.metadata
    dataStart = header.range.upperBound
  }

  /// The elements of a tensor of this file, in row-major order.
  ///
  /// `F64` values are rounded to the nearest `Float`; values out of range become infinite. Whole
  /// numbers must have an exact `Float`.
  ///
  /// - Throws: ``SafetensorsError`` for a dtype that cannot hold weights: `BOOL`, complex numbers
  ///   and floating-point numbers of 8 bits or fewer.
  public func values(of entry: SafetensorsEntry) throws(SafetensorsError) -> [Float] {
    switch entry.dtype {
    case .float32:
      values(of: entry) { (word: UInt32) in Float(bitPattern: UInt32(littleEndian: word)) }
    case .float64:
      values(of: entry) { (word: UInt64) in Float(Double(bitPattern: UInt64(littleEndian: word))) }
    case .float16:
      values(of: entry) { (word: UInt16) in Float(halfBits: UInt16(littleEndian: word)) }
    case .bfloat16:
      values(of: entry) { (word: UInt16) in
        Float(bitPattern: UInt32(UInt16(littleEndian: word)) << 16)
      }
    case .uint8: try wholeNumbers(of: entry, UInt8.self)
    case .int8: try wholeNumbers(of: entry, Int8.self)
    case .uint16: try wholeNumbers(of: entry, UInt16.self)
    case .int16: try wholeNumbers(of: entry, Int16.self)
    case .uint32: try wholeNumbers(of: entry, UInt32.self)
    case .int32: try wholeNumbers(of: entry, Int32.self)
    case .uint64: try wholeNumbers(of: entry, UInt64.self)
    case .int64: try wholeNumbers(of: entry, Int64.self)
    case .bool, .complex64, .float4, .float6E2M3, .float6E3M2, .float8E4M3, .float8E5M2,
      .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ:
      throw .unsupportedValues(tensor: entry.name, dtype: entry.dtype)
    }
  }

  private func values<Word: FixedWidthInteger>(
    of entry: SafetensorsEntry, _ value: (Word) -> Float
  ) -> [Float] {
    let count = entry.count
    return bytes[dataStart + entry.begin..<dataStart + entry.end].withUnsafeBytes { bytes in
      [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in 0..<count {
          buffer[index] = value(
            bytes.loadUnaligned(
              fromByteOffset: MemoryLayout<Word>.size * index, as: Word.self))
        }
        initialized = count
      }
    }
  }

  private func wholeNumbers<Word: FixedWidthInteger>(
    of entry: SafetensorsEntry, _: Word.Type
  ) throws(SafetensorsError) -> [Float] {
    var fault: (index: Int, word: Word)?
    var index = 0
    let numbers = values(of: entry) { (word: Word) -> Float in
      defer { index += 1 }
      let number = Word(littleEndian: word)
      if let exact = Float(exactly: number) { return exact }
      if fault == nil { fault = (index, number) }
      return 0
    }
    if let fault {
      throw .inexactNumber(tensor: entry.name, index: fault.index, found: "\(fault.word)")
    }
    return numbers
  }
}
