import Files

/// The content of a checkpoint.
public struct Checkpoint: Sendable, Equatable {
  /// The tensors, sorted by the UTF-8 bytes of their names.
  public let tensors: [StoredTensor]
  /// The metadata, except the entries `format` and `sha256`, which describe the file itself.
  public let metadata: [String: String]

  public init(tensors: [StoredTensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// True if the run was trained on the sample of its data set, according to
  /// ``TrainingData/identity``.
  public var isOfSample: Bool {
    metadata["data"]?.prefix { $0 != ":" }.hasSuffix("-sample") ?? false
  }
}

/// Writes and reads checkpoints of format 1.
///
/// A checkpoint is a safetensors file whose metadata holds the `format` and the `sha256` of the
/// whole file, in which the digest's own 64 characters count as zeros. Equal content gives equal
/// bytes.
public enum CheckpointFile {
  /// The format that is written, and the newest one that is read.
  public static let format = 1

  /// The maximum size of a checkpoint in bytes, 4 GiB.
  public static let limit = 1 << 32

  private static let formatKey = "format"
  private static let checksumKey = "sha256"
  private static let zeros = String(repeating: "0", count: 64)

  /// The bytes of a file with `tensors` and `metadata`, which were read back as a check.
  ///
  /// - Throws: ``CheckpointProblem`` if the bytes cannot be read back because a value is not finite
  ///   or the header is too long.
  /// - Precondition: names of tensors are unique; the keys `format` and `sha256` are not used.
  public static func encode(
    tensors: [StoredTensor], metadata: [String: String]
  ) throws(CheckpointProblem) -> [UInt8] {
    precondition(
      metadata[formatKey] == nil && metadata[checksumKey] == nil,
      "the metadata of a checkpoint names its own \(formatKey) or \(checksumKey)")
    var metadata = metadata
    metadata[formatKey] = String(format)
    metadata[checksumKey] = zeros
    var bytes = Safetensors.encode(tensors: tensors, metadata: metadata)
    // The header is checked first: if it is too long, the checksum's place would not be found.
    _ = try header(of: bytes)
    guard let place = checksumPlace(in: bytes, digest: zeros) else {
      preconditionFailure("a written header has no \(checksumKey)")
    }
    bytes.replaceSubrange(place, with: checksum(of: bytes, place: place).utf8)
    _ = try decode(bytes)
    return bytes
  }

  /// The checkpoint in the file at `path`.
  public static func read(_ path: String) throws(CheckpointError) -> Checkpoint {
    let bytes: [UInt8]
    do throws(InputFileProblem) { bytes = try InputFile.read(path, limit: limit) } catch {
      throw CheckpointError(path: path, problem: .file(error))
    }
    return try decode(bytes, path: path)
  }

  /// The checkpoint in `bytes`; `path` is named in errors.
  public static func decode(
    _ bytes: [UInt8], path: String
  ) throws(CheckpointError) -> Checkpoint {
    do throws(CheckpointProblem) { return try decode(bytes) } catch {
      throw CheckpointError(path: path, problem: error)
    }
  }

  private static func decode(_ bytes: [UInt8]) throws(CheckpointProblem) -> Checkpoint {
    // The format is checked first, because a newer format may break rules of this one.
    if let problem = formatProblem(try header(of: bytes).metadata[formatKey]) { throw problem }
    let tensors: [StoredTensor]
    var metadata: [String: String]
    do throws(SafetensorsError) { (tensors, metadata) = try Safetensors.decode(bytes) } catch {
      throw .safetensors(error)
    }
    try verifyChecksum(of: bytes, digest: metadata[checksumKey])
    if let fault = Safetensors.firstNotFinite(in: tensors) {
      throw .notFinite(tensor: fault.tensor, index: fault.index, value: fault.value)
    }
    metadata[formatKey] = nil
    metadata[checksumKey] = nil
    return Checkpoint(tensors: tensors, metadata: metadata)
  }

  private static func header(of bytes: [UInt8]) throws(CheckpointProblem) -> SafetensorsHeader {
    do throws(SafetensorsError) { return try SafetensorsHeader(of: bytes, rules: .strict) } catch {
      throw .safetensors(error)
    }
  }

  private static func formatProblem(_ found: String?) -> CheckpointProblem? {
    guard let found else { return .noFormat }
    guard found != String(format) else { return nil }
    guard let number = Int(found), number > format, String(number) == found else {
      return .unknownFormat(found: found)
    }
    return .newerFormat(found: number)
  }

  private static func verifyChecksum(
    of bytes: [UInt8], digest: String?
  ) throws(CheckpointProblem) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
    guard let digest, digest.utf8.count == 64,
      digest.utf8.allSatisfy({ digits ~= $0 || letters ~= $0 }),
      let place = checksumPlace(in: bytes, digest: digest)
    else { throw .noChecksum }
    let found = checksum(of: bytes, place: place)
    guard found == digest else { throw .checksum(found: found, expected: digest) }
  }

  private static func checksum(of bytes: [UInt8], place: Range<Int>) -> String {
    var hash = Hash(.sha256)
    hash.append(bytes[..<place.lowerBound])
    hash.append(Array(zeros.utf8)[...])
    hash.append(bytes[place.upperBound...])
    return hash.hexadecimal
  }

  /// The place of the digits of `digest` in the file.
  ///
  /// Only the member of the metadata matches the search text: inside a string its quotation marks
  /// would be escaped, and a tensor's value is an object.
  private static func checksumPlace(in bytes: [UInt8], digest: String) -> Range<Int>? {
    let header = 8..<max(8, min(bytes.count, 8 + SafetensorsRules.strict.headerLimit))
    for start in ["{", ","] {
      let prefix = Array("\(start)\"\(checksumKey)\":\"".utf8)
      if let match = place(of: prefix + Array((digest + "\"").utf8), in: bytes, header) {
        return match + prefix.count..<match + prefix.count + digest.utf8.count
      }
    }
    return nil
  }

  /// The first place of `text` in a range of `bytes`. The standard library's generic search took 120 ms
  /// for a header of 1 MB.
  private static func place(of text: [UInt8], in bytes: [UInt8], _ range: Range<Int>) -> Int? {
    guard range.count >= text.count else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      (range.lowerBound...range.upperBound - text.count).first { place in
        bytes[place] == text[0] && text.indices.allSatisfy { bytes[place + $0] == text[$0] }
      }
    }
  }
}
