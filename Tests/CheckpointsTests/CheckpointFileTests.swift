import TestSupport
import Testing

@testable import Checkpoints
@testable import Files

/// A small checkpoint of a network, like those of training.
enum SampleCheckpoint {
  static func tensors(_ scale: Float = 1) -> [StoredTensor] {
    [
      StoredTensor(
        name: "conv1.weight", shape: [4, 1, 3, 3], values: (0..<36).map { scale * Float($0) }),
      StoredTensor(name: "conv1.bias", shape: [4], values: [-scale, 0, 1e-20, 1e20]),
      StoredTensor(
        name: "optim.conv1.weight.momentum", shape: [4, 1, 3, 3],
        values: (0..<36).map { scale / Float($0 + 1) }),
    ]
  }

  static func metadata(step: Int) -> [String: String] {
    ["step": String(step), "configuration": #"{"rate":0.1,"sha256":"x"}"#, "model": "conv(4,3)"]
  }

  static func bytes(step: Int, scale: Float = 1) -> [UInt8] {
    do {
      return try CheckpointFile.encode(tensors: tensors(scale), metadata: metadata(step: step))
    } catch { preconditionFailure("\(error)") }
  }
}

@Suite struct CheckpointFileTests {
  let bytes = SampleCheckpoint.bytes(step: 20)

  @Test func readsBackWhatItWrote() throws {
    let read = try CheckpointFile.decode(bytes, path: "c")
    #expect(read.tensors == SampleCheckpoint.tensors().sorted { $0.name < $1.name })
    #expect(read.metadata == SampleCheckpoint.metadata(step: 20))
    #expect(
      try CheckpointFile.encode(tensors: read.tensors.reversed(), metadata: read.metadata) == bytes)
  }

  @Test func holdsItsFormatAndTheHashOfItself() throws {
    let metadata = try Safetensors.decode(bytes).metadata
    #expect(metadata["format"] == "1")
    let digest = try #require(metadata["sha256"])
    let text = String(decoding: bytes.prefix(600), as: UTF8.self)
    #expect(text.contains("\"sha256\":\"\(digest)\""))
    // The checksum is recomputed here in another way than in the code.
    let place = try #require(bytes.firstRange(of: Array(digest.utf8)))
    var zeroed = bytes
    zeroed.replaceSubrange(place, with: [UInt8](repeating: UInt8(ascii: "0"), count: 64))
    var hash = Hash(.sha256)
    hash.append(zeroed)
    #expect(hash.hexadecimal == digest)
  }

  @Test func readsFromAPath() throws {
    let folder = TemporaryFolder()
    folder.put(bytes, at: "c")
    #expect(
      try CheckpointFile.read(folder.path + "/c") == CheckpointFile.decode(bytes, path: "c"))
  }

  @Test func everyFlippedBitOfTheHeaderIsDetected() {
    let header = 8 + Int(bytes[0]) + 256 * Int(bytes[1])
    #expect(header > 400 && header < bytes.count)
    for place in 0..<header {
      for bit in 0..<8 { expectDamage(place, bit) }
    }
  }

  @Test func flippedBitsOfTheDataAreDetected() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<10_000 {
      expectDamage(
        Int.random(in: 0..<bytes.count, using: &random), Int.random(in: 0..<8, using: &random))
    }
  }

  private func expectDamage(_ place: Int, _ bit: Int) {
    var damaged = bytes
    damaged[place] ^= 1 << UInt8(bit)
    #expect(throws: CheckpointError.self, "bit \(bit) of byte \(place)") {
      try CheckpointFile.decode(damaged, path: "c")
    }
  }

  @Test func everyTruncationIsDetected() {
    for count in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "\(count) bytes") {
        try CheckpointFile.decode(Array(bytes.prefix(count)), path: "c")
      }
    }
  }

  @Test func mutatedFilesNeverTrap() {
    var random = SplitMix64(seed: 6)
    for _ in 0..<20_000 {
      let mutated = random.mutation(of: bytes, words: ["{", "\"", "sha256", "format", "2", "0"])
      if let read = try? CheckpointFile.decode(mutated, path: "c") {
        // Several mutations may cancel each other; no other changed file is accepted.
        #expect(mutated == bytes)
        #expect(read.metadata == SampleCheckpoint.metadata(step: 20))
      }
    }
  }

  // MARK: Messages

  /// A safetensors file with the given metadata.
  private static func file(_ metadata: [String: String], value: Float = 1) -> [UInt8] {
    Safetensors.encode(
      tensors: [StoredTensor(name: "a", shape: [1], values: [value])], metadata: metadata)
  }

  static let faults: [([UInt8], String)] = [
    (
      file([:]),
      "c: not a checkpoint of this program (found no format in its metadata, expected \"1\")."
        + " Give a checkpoint that this program wrote."
    ),
    (
      file(["format": "pt"]),
      "c: unknown checkpoint format (found \"pt\", expected \"1\")."
        + " Give a checkpoint that this program wrote."
    ),
    (
      file(["format": "0"]),
      "c: unknown checkpoint format (found \"0\", expected \"1\")."
        + " Give a checkpoint that this program wrote."
    ),
    (
      file(["format": "+2"]),
      "c: unknown checkpoint format (found \"+2\", expected \"1\")."
        + " Give a checkpoint that this program wrote."
    ),
    (
      file(["format": "2", "sha256": "x"]),
      "c: newer checkpoint format (found 2, expected at most 1)."
        + " Use the version of this program that wrote it."
    ),
    (
      // A newer format may have other dtypes, so the format is reported first.
      SafetensorsBadInputTests.file(
        #"{"__metadata__":{"format":"3"},"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}"#,
        data: 2),
      "c: newer checkpoint format (found 3, expected at most 1)."
        + " Use the version of this program that wrote it."
    ),
    (file(["format": "1"]), noChecksum),
    (file(["format": "1", "sha256": ""]), noChecksum),
    (file(["format": "1", "sha256": String(repeating: "0", count: 63)]), noChecksum),
    (file(["format": "1", "sha256": String(repeating: "A", count: 64)]), noChecksum),
    (
      // White space that this program never writes.
      SafetensorsBadInputTests.file(
        #"{"__metadata__":{"format":"1","sha256": "\#(String(repeating: "0", count: 64))"}}"#),
      noChecksum
    ),
    (
      file(["format": "1", "sha256": String(repeating: "0", count: 64)]),
      "c: damaged (found SHA-256 \(zerosDigest), expected \(String(repeating: "0", count: 64)))."
        + " Use another checkpoint or a copy of this one."
    ),
    (
      Array("<html></html>".utf8),
      "c: not a safetensors file (found what looks like HTML or XML)."
        + " Give a checkpoint that this program wrote."
    ),
    (
      [1, 2],
      "c: too short for a safetensors file (found 2 bytes, expected at least 8)."
        + " Use another checkpoint or a copy of this one."
    ),
  ]

  private static let noChecksum =
    "c: no checksum (expected 64 hexadecimal digits as sha256 in its metadata)."
    + " Use another checkpoint or a copy of this one."

  private static let zerosDigest: String = {
    var hash = Hash(.sha256)
    hash.append(file(["format": "1", "sha256": String(repeating: "0", count: 64)]))
    return hash.hexadecimal
  }()

  @Test(arguments: faults)
  func invalidFilesAreRefused(bytes: [UInt8], message: String) {
    #expect(
      failure { () throws(CheckpointError) in try CheckpointFile.decode(bytes, path: "c") }
        == message)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func neitherWritesNorReadsValuesThatAreNotFinite(value: Float) throws {
    let tensors = [
      StoredTensor(name: "a", shape: [1], values: [1]),
      StoredTensor(name: "b", shape: [2], values: [1, value]),
    ]
    #expect {
      try CheckpointFile.encode(tensors: tensors, metadata: [:])
    } throws: {
      ($0 as? CheckpointProblem)?.description
        == "tensor \"b\": element 1 is no finite number (found \(value))"
    }
    // With the right checksum.
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 64)
    var file = Safetensors.encode(
      tensors: tensors, metadata: ["format": "1", "sha256": String(decoding: zeros, as: UTF8.self)])
    var hash = Hash(.sha256)
    hash.append(file)
    file.replaceSubrange(try #require(file.firstRange(of: zeros)), with: hash.hexadecimal.utf8)
    #expect(
      failure { () throws(CheckpointError) in try CheckpointFile.decode(file, path: "c") }
        == "c: tensor \"b\": element 1 is no finite number (found \(value))."
        + " Use another checkpoint or a copy of this one.")
  }

  @Test func tellsWhatCannotBeRead() {
    let folder = TemporaryFolder()
    folder.put([], at: "empty")
    let cases = [
      ("/none", "no such file. Check the path."),
      ("", "is a directory (expected a file). Give the path of a checkpoint file."),
      ("/empty", "the file is empty. Use another checkpoint or a copy of this one."),
    ]
    for (name, message) in cases {
      let path = folder.path + name
      #expect(
        failure { () throws(CheckpointError) in try CheckpointFile.read(path) }
          == "\(path): \(message)")
    }
  }

  @Test func aHeaderThatIsTooLongIsNotWritten() {
    let text = String(repeating: "x", count: 1_048_576)
    #expect {
      try CheckpointFile.encode(tensors: [], metadata: ["configuration": text])
    } throws: {
      ($0 as? CheckpointProblem)?.description.hasPrefix("the header is too long (found 10") == true
    }
  }

  private func failure(_ body: () throws(CheckpointError) -> Checkpoint) -> String? {
    do throws(CheckpointError) {
      _ = try body()
      return nil
    } catch { return error.description }
  }
}

@Suite struct CheckpointMatchingTests {
  let checkpoint = Checkpoint(
    tensors: [
      StoredTensor(name: "a", shape: [2], values: [1, 2]),
      StoredTensor(name: "b", shape: [1, 1], values: [3]),
      StoredTensor(name: "optim.a", shape: [2], values: [4, 5]),
    ], metadata: ["seed": "7"])

  @Test func valuesAreInTheRequestedOrder() throws {
    let values = try checkpoint.values(
      matching: [("b", [1, 1]), ("a", [2])], passingOver: { $0.hasPrefix("optim.") })
    #expect(values == [[3], [1, 2]])
    #expect(try checkpoint.string("seed") == "7")
  }

  static let faults: [([(name: String, shape: [Int])], String)] = [
    ([("a", [2]), ("c", [3, 1])], "tensor \"c\" is missing (expected shape [3, 1])"),
    ([("a", [1, 2])], "tensor \"a\" has another shape (found [2], expected [1, 2])"),
    ([("b", [1])], "tensor \"b\" has another shape (found [1, 1], expected [1])"),
    ([("a", [2])], "tensor \"b\" has no place in the model (found shape [1, 1])"),
    ([], "tensor \"a\" has no place in the model (found shape [2])"),
  ]

  @Test(arguments: 0..<faults.count)
  func messagesNameTensorAndShape(fault: Int) {
    let (expected, message) = Self.faults[fault]
    #expect {
      try checkpoint.values(matching: expected, passingOver: { $0.hasPrefix("optim.") })
    } throws: { "\($0)" == message }
  }

  @Test func namesWhatTheMetadataLacks() {
    #expect {
      try checkpoint.string("step")
    } throws: { "\($0)" == "no \"step\" in its metadata" }
    let problem = CheckpointProblem.otherModel(found: "fc(10)", expected: "conv(2,3) fc(10)")
    #expect(
      CheckpointError(path: "p", problem: problem).description
        == "p: holds another model (found \"fc(10)\", expected \"conv(2,3) fc(10)\")."
        + " Give the model that the checkpoint was trained with, or another checkpoint.")
  }
}
