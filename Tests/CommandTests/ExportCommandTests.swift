import Checkpoints
import Foundation
import Testing

/// `export`: files for other programs, in new names.
@Suite struct ExportCommandTests {
  private func train(_ scratch: Scratch, _ run: String, _ more: String...) throws {
    try scratch.makeDigits()
    let outcome = try Program.run("train", tinyRun(run, "--max-steps", "2") + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func export(_ scratch: Scratch, _ arguments: String...) throws -> String {
    let outcome = try Program.run("export", arguments, in: scratch)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    return outcome.output
  }

  private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    Data(bytes).range(of: Data(text.utf8)) != nil
  }

  @Test func writesONNXIntoTheRun() throws {
    let scratch = try Scratch()
    try train(scratch, "run")
    let output = try export(scratch, "run")
    #expect(output.hasPrefix("run/export/model.onnx  "))
    #expect(scratch.names("run/export") == ["model.onnx"])
    let bytes = try scratch.bytes("run/export/model.onnx")
    #expect(bytes.prefix(2) == [0x08, 8])
    for text in [
      "lecture-cnn", "conv1.weight", "fc1.bias", "images", "logits", "architecture",
      "preprocessing",
      "conv(3,3) pool(2) relu fc(classes)",
    ] { #expect(contains(bytes, text), "\(text)") }
    // Neither paths nor times are part of it.
    #expect(!contains(bytes, "run/"))

    // Equal files stay; others get a new name.
    #expect(try export(scratch, "run") == output)
    let other = try export(scratch, "run", "--with-preprocessing", "uint8", "--softmax")
    #expect(other.hasPrefix("run/export/model-2.onnx  "))
    #expect(scratch.names("run/export") == ["model-2.onnx", "model.onnx"])
    #expect(contains(try scratch.bytes("run/export/model-2.onnx"), "probabilities"))
    #expect(try scratch.bytes("run/export/model.onnx") == bytes)
  }

  @Test func writesAModuleAndItsValues() throws {
    let scratch = try Scratch()
    try train(scratch, "run")
    _ = try export(scratch, "run", "--format", "torch", "--output", "a/b", "--example", "3")
    #expect(scratch.names("a/b") == ["model-example.safetensors", "model.py", "model.safetensors"])
    let (values, metadata) = try Safetensors.decode(scratch.bytes("a/b/model.safetensors"))
    let checkpoint = try CheckpointFile.read(
      scratch.path("run/checkpoints/step-0000000002.safetensors"))
    #expect(values == checkpoint.tensors.filter { !$0.name.hasPrefix("optim.") })
    #expect(metadata["step"] == "2" && metadata["seed"] == checkpoint.metadata["seed"])
    let module = try scratch.text("a/b/model.py")
    #expect(module.contains("self.conv1 = nn.Conv2d(1, 3, 3, padding=1)"))
    let (example, _) = try Safetensors.decode(scratch.bytes("a/b/model-example.safetensors"))
    #expect(example.map(\.shape) == [[3, 1, 28, 28], [3, 10], [3, 1, 28, 28]])

    // All files of a network have one name.
    try scratch.write([1], "a/c/model.safetensors")
    _ = try export(scratch, "run", "--format", "torch", "--output", "a/c")
    #expect(scratch.names("a/c") == ["model-2.py", "model-2.safetensors", "model.safetensors"])
  }

  @Test func takesACheckpointElsewhere() throws {
    let scratch = try Scratch()
    try train(scratch, "run")
    try scratch.write(
      scratch.bytes("run/checkpoints/step-0000000002.safetensors"), "mine.safetensors")
    #expect(try export(scratch, "mine.safetensors").hasPrefix("mine-export/model.onnx  "))
    _ = try export(scratch, "run")
    #expect(
      try scratch.bytes("mine-export/model.onnx") == scratch.bytes("run/export/model.onnx"))
  }

  @Test func flagsThatDoNotFitAreErrors() throws {
    let scratch = try Scratch()
    let help = "See `swift run export --help`."
    for (arguments, message) in [
      (
        ["--format", "torch", "--softmax"],
        "--softmax: not with --format torch, whose module gives logits. Leave it out."
      ),
      (
        ["--format", "torch", "--with-preprocessing", "float"],
        "--with-preprocessing: not with --format torch, whose file has the function prepare. Leave it out."
      ),
      (["--example", "0"], "--example: invalid value (found “0”, expected 1 to 10000)."),
      (["--output", ""], "--output: invalid value (found “”, expected a path)."),
    ] {
      try Program.run("export", ["run"] + arguments, in: scratch).expectFailure(
        2, "\(message) \(help)")
    }
    try Program.run("export", ["nowhere"], in: scratch).expectFailure(
      1, "nowhere: no such file. Check the path.")
  }

  @Test func anAutoencoderGivesImages() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run(
      "train",
      [
        "--data-dir", "digits", "--run-dir", "run", "--arch", "conv(2,3) relu conv(1,3)", "--loss",
        "mse", "--batch-size", "8", "--val-split", "10", "--progress", "none", "--max-steps", "1",
      ], in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    _ = try export(scratch, "run", "--example", "2")
    #expect(contains(try scratch.bytes("run/export/model.onnx"), "reconstruction"))
    let (example, _) = try Safetensors.decode(
      scratch.bytes("run/export/model-example.safetensors"))
    #expect(example.map(\.shape) == [[Int]](repeating: [2, 1, 28, 28], count: 3))
    try Program.run("export", ["run", "--softmax"], in: scratch).expectFailure(
      2,
      "--softmax: an autoencoder gives images (expected a network that gives classes). Leave it out."
    )
  }
}
