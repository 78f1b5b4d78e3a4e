import Foundation
import Testing

@testable import Checkpoints

/// Fine-tuning from three classes to two, as in docs/fine-tuning.md.
@Suite struct FineTuningTests {
  private static let network = "conv(4,3,bias=no) bn relu pool(4) fc(6) relu fc(classes)"

  /// A folder of classes, each with copies of one image of the package.
  private func makeImages(_ name: String, classes: [String], in scratch: Scratch) throws {
    let images = ["filters-conv1", "filters-conv1-initial", "autoencoder-transposed-initial"]
    for (label, image) in zip(classes, images) {
      let bytes = [UInt8](
        try Data(contentsOf: Program.packageFolder.appending(path: "docs/images/\(image).png")))
      for number in 0..<20 { try scratch.write(bytes, "\(name)/train/\(label)/\(number).png") }
      try scratch.write(bytes, "\(name)/test/\(label)/0.png")
    }
  }

  private func train(
    _ data: String, _ run: String, _ more: [String], in scratch: Scratch
  ) throws -> Program.Outcome {
    try Program.run(
      "train",
      [
        "--dataset", "folder", "--data-dir", data, "--image-size", "16", "--run-dir", run,
        "--arch", Self.network, "--batch-size", "8", "--val-split", "8", "--progress", "none",
        "--filters-every", "0", "--threads", "1",
      ] + more, in: scratch)
  }

  private func checkpoint(_ run: String, in scratch: Scratch) throws -> Checkpoint {
    let name = try #require(
      scratch.names("\(run)/checkpoints").filter { $0.hasPrefix("step-") }.last)
    return try CheckpointFile.read(scratch.path("\(run)/checkpoints/\(name)"))
  }

  @Test func fineTunesToOtherClasses() throws {
    let scratch = try Scratch()
    try makeImages("three", classes: ["a", "b", "c"], in: scratch)
    try makeImages("two", classes: ["x", "y"], in: scratch)
    let first = try train("three", "first", ["--epochs", "2"], in: scratch)
    try #require(first.status == 0, "\(first.errors)")
    let source = try checkpoint("first", in: scratch)
    let file = "first/checkpoints/\(try #require(scratch.names("first/checkpoints").last))"

    let more = ["--init", file, "--freeze", "all-but-head", "--epochs", "3"]
    let tuned = try train("two", "tuned", more, in: scratch)
    #expect(tuned.status == 0, "\(tuned.errors)")
    #expect(
      tuned.errors.contains(
        "warning: \(file): fc2.weight [3, 6], fc2.bias [3]: not loaded, for 3 classes where the "
          + "network has 2; fc2 starts anew."), "\(tuned.errors)")
    #expect(tuned.output.contains("\n14 of the parameters are trained\n"), "\(tuned.output)")
    let result = try checkpoint("tuned", in: scratch)
    var kept = 0
    for tensor in result.tensors where !tensor.name.contains("fc2") {
      let before = try #require(source.tensors.first { $0.name == tensor.name })
      #expect(
        tensor.values.map(\.bitPattern) == before.values.map(\.bitPattern), "\(tensor.name)")
      kept += 1
    }
    #expect(kept == 7)
    #expect(result.metadata["classes"] == #"["x","y"]"#)
    #expect(try scratch.text("tuned/config.yaml").contains("\nfreeze: all-but-head\n"))
    #expect(try Program.run("evaluate", ["tuned"], in: scratch).status == 0)

    // A resumed run freezes the same layers, and its result is equal to the bit.
    let half = try train("two", "half", more + ["--max-steps", "5"], in: scratch)
    #expect(half.status == 0, "\(half.errors)")
    let resumed = try Program.run(
      "train", ["--resume", "half", "--max-steps", "1000", "--progress", "none"], in: scratch)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let last = try #require(scratch.names("tuned/checkpoints").last { $0.hasPrefix("step-") })
    #expect(
      try scratch.bytes("half/checkpoints/\(last)") == scratch.bytes("tuned/checkpoints/\(last)"))
    let other = try Program.run(
      "train", ["--resume", "half", "--freeze", "conv1", "--progress", "none"], in: scratch)
    other.expectFailure(2, "half: the run cannot go on with other settings: --freeze was all-but…")
  }
}
