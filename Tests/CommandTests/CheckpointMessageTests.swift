import Foundation
import Testing

@testable import Checkpoints
@testable import Files
@testable import Training

/// The exact messages about invalid checkpoints in every command.
@Suite struct CheckpointMessageTests {
  static let another = "Use another checkpoint or a copy of this one."
  static let fitting =
    "Give the model that the checkpoint was trained with, or another checkpoint."

  /// A run of two epochs in `good`, and its newest checkpoint.
  func makeRun() throws -> (scratch: Scratch, checkpoint: Checkpoint) {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run("train", tinyRun("good", "--epochs", "2"), in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return (
      scratch,
      try CheckpointFile.read(scratch.path("good/checkpoints/step-0000000014.safetensors"))
    )
  }

  /// A file with a right checksum and any content, written here by the format's description.
  func signed(
    _ checkpoint: Checkpoint, format: String? = "1",
    _ change: (inout [StoredTensor], inout [String: String]) -> Void = { _, _ in }
  ) -> [UInt8] {
    var (tensors, metadata) = (checkpoint.tensors, checkpoint.metadata)
    change(&tensors, &metadata)
    metadata["format"] = format
    let zeros = String(repeating: "0", count: 64)
    metadata["sha256"] = zeros
    var bytes = Safetensors.encode(tensors: tensors, metadata: metadata)
    let digest = Hash.sha256(of: [bytes])
    let place = bytes.firstRange(of: Array(zeros.utf8))!
    bytes.replaceSubrange(place, with: digest.utf8)
    return bytes
  }

  func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  func renamed(_ tensor: StoredTensor, _ name: String) -> StoredTensor {
    StoredTensor(name: name, shape: tensor.shape, values: tensor.values)
  }

  @Test func evaluateTellsWhatIsWrong() throws {
    let (scratch, checkpoint) = try makeRun()
    let whole = signed(checkpoint)
    #expect(whole == (try scratch.bytes("good/checkpoints/step-0000000014.safetensors")))
    let data = checkpoint.tensors.reduce(0) { $0 + 4 * $1.values.count }
    var flipped = whole
    flipped[whole.count - 3] ^= 0x40
    let digest = try #require(
      try Safetensors.decode(whole).metadata["sha256"], "a checkpoint has a checksum")
    var zeroed = flipped
    zeroed.replaceSubrange(
      zeroed.firstRange(of: Array(digest.utf8))!, with: [UInt8](repeating: 0x30, count: 64))
    let found = Hash.sha256(of: [zeroed])

    for (name, bytes, message) in [
      (
        "cut", Array(whole.dropLast(4)),
        "ends inside tensor \"optim.fc1.weight.momentum_buffer\" (found \(data - 4) bytes of data, "
          + "expected \(data)). \(Self.another)"
      ),
      ("flipped", flipped, "damaged (found SHA-256 \(found), expected \(digest)). \(Self.another)"),
      (
        "long", whole + [0],
        "bytes after the last tensor (found \(data + 1) bytes of data, expected \(data)). "
          + Self.another
      ),
      (
        "tiny", Array(whole.prefix(5)),
        "too short for a safetensors file (found 5 bytes, expected at least 8). \(Self.another)"
      ),
      ("empty", [], "the file is empty. \(Self.another)"),
      (
        "page", Array("<!DOCTYPE html><html></html>".utf8),
        "not a safetensors file (found what looks like HTML or XML). "
          + "Give a checkpoint that this program wrote."
      ),
      (
        "newer", signed(checkpoint, format: "2"),
        "newer checkpoint format (found 2, expected at most 1). "
          + "Use the version of this program that wrote it."
      ),
      (
        "odd", signed(checkpoint, format: "pt"),
        "unknown checkpoint format (found \"pt\", expected \"1\"). "
          + "Give a checkpoint that this program wrote."
      ),
      (
        "plain", signed(checkpoint, format: nil),
        "not a checkpoint of this program (found no format in its metadata, expected \"1\"). "
          + "Give a checkpoint that this program wrote."
      ),
      (
        "nan",
        signed(checkpoint) { tensors, _ in
          var values = tensors[2].values
          values[3] = .nan
          tensors[2] = .init(name: tensors[2].name, shape: tensors[2].shape, values: values)
        },
        "tensor \"fc1.bias\": element 3 is no finite number (found nan). \(Self.another)"
      ),
      (
        "missing", signed(checkpoint) { tensors, _ in tensors.removeFirst() },
        "tensor \"conv1.bias\" is missing (expected shape [3]). \(Self.fitting)"
      ),
      (
        "unexpected",
        signed(checkpoint) { tensors, _ in tensors.append(renamed(tensors[0], "zoo")) },
        "tensor \"zoo\" has no place in the model (found shape [3]). \(Self.fitting)"
      ),
      (
        "misshapen",
        signed(checkpoint) { tensors, _ in
          tensors[0] = .init(name: tensors[0].name, shape: [3, 1], values: tensors[0].values)
        },
        "tensor \"conv1.bias\" has another shape (found [3, 1], expected [3]). \(Self.fitting)"
      ),
      (
        "model", signed(checkpoint) { $1["architecture"] = "conv(4,3) pool(2) relu fc(classes)" },
        "tensor \"conv1.weight\" has another shape (found [3, 1, 3, 3], expected [4, 1, 3, 3]). "
          + Self.fitting
      ),
      (
        "notation", signed(checkpoint) { $1["architecture"] = "drop(3)" },
        "\"architecture\" in its metadata cannot be read (found \"drop(3)\"). \(Self.another)"
      ),
      (
        "classes", signed(checkpoint) { $1["classes"] = "[0]" },
        "\"classes\" in its metadata cannot be read (found \"[0]\"). \(Self.another)"
      ),
      (
        "input", signed(checkpoint) { $1["input"] = "28,28" },
        "\"input\" in its metadata cannot be read (found \"28,28\"). \(Self.another)"
      ),
      (
        "mean", signed(checkpoint) { $1["mean"] = "x" },
        "\"mean\" in its metadata cannot be read (found \"x\"). \(Self.another)"
      ),
      ("deviation", signed(checkpoint) { $1["std"] = "0" }, "\"std\" in its metadata…"),
      (
        "nothing", signed(checkpoint) { $1["dataset"] = nil },
        "no \"dataset\" in its metadata. \(Self.another)"
      ),
      (
        "configuration", signed(checkpoint) { $1["configuration"] = #"{"lr":"fast"}"# },
        "\"configuration\" in its metadata cannot be read (found \"lr\"). \(Self.another)"
      ),
    ] as [(String, [UInt8], String)] {
      try scratch.write(bytes, "\(name).safetensors")
      try Program.run("evaluate", ["\(name).safetensors"], in: scratch)
        .expectFailure(1, "\(name).safetensors: \(message)")
      #expect(!scratch.exists("\(name)-report"))
    }
  }

  @Test func evaluateTellsWhatWasNotFound() throws {
    let (scratch, checkpoint) = try makeRun()
    try FileManager.default.createDirectory(
      atPath: scratch.path("bare/checkpoints"), withIntermediateDirectories: true)
    try scratch.write([1], "damaged/checkpoints/step-0000000003.safetensors")
    try scratch.write([1, 2], "damaged/checkpoints/step-0000000004.safetensors")
    try scratch.write(signed(checkpoint), "named/checkpoints/step-0000000015.safetensors")
    for (arguments, status, message) in [
      (["none"], 1, "none: no such file. Check the path."),
      (
        ["digits"], 1,
        "digits: no run lives here (expected a directory with checkpoints/). "
          + "Give the directory that train wrote."
      ),
      (
        ["bare"], 1,
        "bare/checkpoints: no checkpoint (found no file step-….safetensors). "
          + "Check the run directory."
      ),
      (
        ["damaged"], 1,
        "damaged/checkpoints: no usable checkpoint (found 2 damaged, the newest: "
          + "damaged/checkpoints/step-0000000004.safetensors: too short for a safetensors file "
          + "(found 2 bytes, expected at least 8)). Use a copy of one of them."
      ),
      (
        ["named"], 1,
        "named/checkpoints: no usable checkpoint (found 1 damaged, the newest: "
          + "named/checkpoints/step-0000000015.safetensors: holds another step than its name says "
          + "(found \"14\", expected 15)). Use a copy of one of them."
      ),
      (
        ["good", "--dataset", "minst"], 2,
        "minst: no such data set (expected cifar10, …, mnist or folder). Did you mean mnist?"
      ),
      (
        ["good", "--data-dir", "nowhere"], 1,
        "nowhere: no such folder. Give the folder that holds the data set's files."
      ),
      (
        ["good", "--threads", "0"], 2,
        "--threads: invalid value (found “0”, expected a whole number from 1 to 256)."
      ),
      (["good", "--kernels", "sse"], 2, "--kernels: invalid value (found “sse”, expected one of…"),
      (
        ["good", "--split", "tset"], 2,
        "The value 'tset' is invalid for '--split <split>'. Please provide one of 'test', "
          + "'validation' or 'train'. See `swift run evaluate --help`."
      ),
      (
        ["good", "--output", ""], 2,
        "--output: invalid value (found “”, expected a path). See `swift run evaluate --help`."
      ),
      ([], 2, "Missing expected argument '<source>'…"),
      (
        ["good", "--fast"], 2,
        "Unknown option '--fast'. Did you mean '--best'? See `swift run evaluate --help`."
      ),
    ] as [([String], Int32, String)] {
      try Program.run("evaluate", arguments, in: scratch).expectFailure(status, message)
    }
    #expect(!scratch.exists("good/report"))
    // The folder for the report cannot be created.
    try scratch.write([1], "file")
    let blocked = try Program.run("evaluate", ["good", "--output", "file/x"], in: scratch)
    blocked.expectFailure(4, "file: cannot be written…")
  }
}
