import Files

/// A tensor as stored in a file: PyTorch's name and shape, and the elements in row-major order.
public struct StoredTensor: Sendable, Equatable {
  public let name: String
  public let shape: [Int]
  public let values: [Float]

  /// - Precondition: the number of `values` is the product of `shape`.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
      "\(name): \(values.count) values for shape \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// Writes safetensors files of single-precision tensors, and reads them by strict rules.
///
/// The rules are those of ``SafetensorsFile`` and these: the length of the header is a multiple of
/// 8, it starts with `{` and has no unknown field; all elements are `F32` and aligned; tensors are
/// listed in the order of their data. ``SafetensorsFile`` reads files of other programs.
public enum Safetensors {
  /// The bytes of an element: `F32` is the only type that is written and read.
  static let elementBytes = 4

  /// The bytes of a file with `tensors` and `metadata`; equal content gives equal bytes.
  ///
  /// Tensors are sorted by the UTF-8 bytes of their names, and metadata by those of its keys. The
  /// header is padded with spaces to a multiple of 8 bytes.
  ///
  /// - Precondition: names of tensors are unique, and none is `__metadata__`.
  public static func encode(
    tensors: [StoredTensor], metadata: [String: String] = [:]
  ) -> [UInt8] {
    let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var names: Set = [SafetensorsHeader.metadataKey]
    for tensor in sorted {
      precondition(names.insert(tensor.name).inserted, "two tensors named \(tensor.name)")
    }
    var header = Array(headerText(of: sorted, metadata: metadata).utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }

    var file: [UInt8] = []
    let elements = sorted.reduce(0) { $0 + $1.values.count }
    file.reserveCapacity(8 + header.count + elementBytes * elements)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
    file.append(contentsOf: header)
    for tensor in sorted { append(tensor.values, to: &file) }
    return file
  }

  private static func headerText(of sorted: [StoredTensor], metadata: [String: String]) -> String {
    var members: [CanonicalJSON.Member] = []
    if !metadata.isEmpty {
      let strings = metadata.map { CanonicalJSON.Member($0.key, .string($0.value)) }
      members.append(.init(SafetensorsHeader.metadataKey, CanonicalJSON.object(strings).sorted))
    }
    var offset = 0
    for tensor in sorted {
      let end = offset + elementBytes * tensor.values.count
      members.append(
        .init(
          tensor.name,
          [
            "dtype": "F32", "shape": .array(tensor.shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(end)],
          ]))
      offset = end
    }
    return CanonicalJSON.object(members).text
  }

  private static func append(_ values: [Float], to file: inout [UInt8]) {
    values.withUnsafeBytes { bytes in
      #if _endian(little)
        file.append(contentsOf: bytes)
      #else
        for value in values {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { file.append(contentsOf: $0) }
        }
      #endif
    }
  }

  /// The tensors and the metadata in `bytes`, in the file's order.
  ///
  /// - Throws: ``SafetensorsError`` unless every byte is accounted for. Values are not checked; see
  ///   ``firstNotFinite(in:)``.
  public static func decode(
    _ bytes: [UInt8]
  ) throws(SafetensorsError) -> (tensors: [StoredTensor], metadata: [String: String]) {
    let file = try SafetensorsFile(bytes, rules: .strict)
    var tensors: [StoredTensor] = []
    for entry in file.entries {
      tensors.append(
        StoredTensor(name: entry.name, shape: entry.shape, values: try file.values(of: entry)))
    }
    return (tensors, file.metadata)
  }

  /// The first element of `tensors` that is NaN or infinite, by tensor and index.
  public static func firstNotFinite(
    in tensors: [StoredTensor]
  ) -> (tensor: String, index: Int, value: Float)? {
    for tensor in tensors {
      if let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
        return (tensor.name, index, tensor.values[index])
      }
    }
    return nil
  }
}
