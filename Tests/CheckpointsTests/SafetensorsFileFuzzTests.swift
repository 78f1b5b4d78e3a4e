import TestSupport
import Testing

@testable import Checkpoints

@Suite struct SafetensorsFileFuzzTests {
  /// Tensors of several types, out of order, with an unpadded header and an unknown field.
  private static let file: [UInt8] = {
    let header =
      #" {"c":{"dtype":"F16","shape":[2,1],"data_offsets":[9,13]},"__metadata__":null,"#
      + #""a":{"dtype":"F64","shape":[1],"data_offsets":[1,9],"x":[{"y":1}]},"#
      + #""b":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"#
      + #""d":{"dtype":"BF16","shape":[0,7],"data_offsets":[13,13]}}"#
    return SafetensorsBadInputTests.length(UInt64(header.utf8.count)) + Array(header.utf8)
      + (0..<13).map { UInt8($0 * 19) }
  }()

  private static let words = [
    "{", "}", "[", "]", "\"", ",", ":", "-1", "1e3", "9223372036854775807", "null", "F32", "F4",
    "U64", "BOOL", "0,0", "\"shape\":[1],", "\"__metadata__\":{},", "    ", "\u{0}\u{0}", "é",
  ]

  @Test func mutatedFilesNeverTrap() throws {
    #expect(try SafetensorsFile(Self.file).entries.map(\.name) == ["c", "a", "b", "d"])
    var random = SplitMix64(seed: 6)
    var accepted = 0
    for _ in 0..<25_000 {
      let bytes = random.mutation(of: Self.file, words: Self.words)
      guard let file = try? SafetensorsFile(bytes) else { continue }
      accepted += 1
      let header = 8 + Int(bytes[0]) + 256 * Int(bytes[1])
      // Each byte of data belongs to one tensor, so the file's size limits the memory of the
      // values.
      #expect(
        file.entries.reduce(0) { $0 + $1.count * $1.dtype.bits } == 8 * (bytes.count - header))
      for entry in file.entries {
        guard let values = try? file.values(of: entry) else { continue }
        #expect(values.count == entry.count)
      }
    }
    #expect(accepted > 100 && accepted < 20_000)
  }

  /// The strict rules include the format's rules.
  @Test func whatTheStrictReaderTakesThisOneReadsAlike() throws {
    let file = Safetensors.encode(
      tensors: [
        StoredTensor(name: "conv1.weight", shape: [2, 1, 1, 2], values: [1, 2, 3, 4]),
        StoredTensor(name: "fc1.bias", shape: [], values: [5]),
      ], metadata: ["a": "b"])
    var random = SplitMix64(seed: 7)
    var accepted = 0
    for _ in 0..<25_000 {
      let bytes = random.mutation(of: file, words: Self.words)
      guard let (tensors, metadata) = try? Safetensors.decode(bytes) else { continue }
      accepted += 1
      let other = try SafetensorsFile(bytes)
      #expect(other.metadata == metadata)
      #expect(other.entries.map(\.name) == tensors.map(\.name))
      for (entry, tensor) in zip(other.entries, tensors) {
        #expect(
          try other.values(of: entry).map(\.bitPattern) == tensor.values.map(\.bitPattern))
      }
    }
    #expect(accepted > 100)
  }
}
