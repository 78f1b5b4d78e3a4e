import Files

/// The header of a safetensors file, parsed down to its metadata; each tensor's entry is still
/// JSON.
///
/// A file starts with the header's length in 8 bytes, little-endian. The header follows, a JSON
/// object that maps each tensor's name to its `dtype`, `shape` and `data_offsets`, and
/// `__metadata__` to strings. The data is last, and offsets count from its start.
struct SafetensorsHeader {
  /// The key of the metadata; no tensor can have this name.
  static let metadataKey = "__metadata__"

  let metadata: [String: String]
  /// The name and the JSON of each tensor, in the header's order.
  let entries: [CanonicalJSON.Member]
  /// The place of the JSON in the file; the data begins at its end.
  let range: Range<Int>

  init(of file: [UInt8], rules: SafetensorsRules) throws(SafetensorsError) {
    range = try Self.range(in: file, rules)
    let root: CanonicalJSON
    do {
      root = try StrictJSON.parse(
        file[range], depthLimit: rules.depthLimit, valueLimit: rules.valueLimit)
    } catch {
      throw .json(error)
    }
    guard case .object(let members) = root else { throw .headerStart(file[range.lowerBound]) }
    metadata = try Self.metadata(root[Self.metadataKey], rules)
    entries = members.filter { $0.key != Self.metadataKey }
  }

  private static func range(
    in file: [UInt8], _ rules: SafetensorsRules
  ) throws(SafetensorsError) -> Range<Int> {
    guard file.count >= 8 else { throw .tooShort(bytes: file.count) }
    let length = file[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(rules.headerLimit) else {
      throw .headerTooLong(
        bytes: length, limit: rules.headerLimit, looksLike: kind(of: file))
    }
    let end = 8 + Int(length)
    guard end <= file.count else {
      throw .headerPastEnd(bytes: Int(length), available: file.count - 8)
    }
    guard length > 0 else { throw .headerStart(nil) }
    guard rules == .strict else { return 8..<end }
    guard file[8] == UInt8(ascii: "{") else { throw .headerStart(file[8]) }
    guard length % 8 == 0 else { throw .headerMisaligned(bytes: Int(length)) }
    return 8..<end
  }

  private static func metadata(
    _ value: CanonicalJSON?, _ rules: SafetensorsRules
  ) throws(SafetensorsError) -> [String: String] {
    guard let value, rules == .strict || value != .null else { return [:] }
    guard case .object(let members) = value else { throw .metadataNotStrings(key: nil) }
    var metadata: [String: String] = [:]
    for member in members {
      guard case .string(let string) = member.value else {
        throw .metadataNotStrings(key: member.key)
      }
      metadata[member.key] = string
    }
    return metadata
  }

  /// The kind of file that starts like `file` and is often mistaken for safetensors.
  private static func kind(of file: [UInt8]) -> String? {
    let kinds: [(start: [UInt8], name: String)] = [
      (Array("PK".utf8), "a zip archive, such as PyTorch's .pt and .pth"),
      ([0x80, 0x02], "a Python pickle"),
      ([0x1f, 0x8b], "gzip data"),
      ([0x89] + Array("HDF".utf8), "an HDF5 file"),
      ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
      (Array("GGUF".utf8), "a GGUF file"),
      (Array("<".utf8), "HTML or XML"),
      (Array("version ".utf8), "a Git LFS pointer"),
    ]
    return kinds.first { file.starts(with: $0.start) }?.name
  }
}
