import Files
import Testing

@testable import Checkpoints

@Suite struct InspectTests {
  private func train(_ scratch: Scratch, _ run: String, _ more: String...) throws {
    let outcome = try Program.run(
      "train", tinyRun(run) + ["--epochs", "1"] + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func aRunIsShown() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, "run")
    let outcome = try Program.run("inspect", ["run"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in [
      "run/checkpoints/step-0000000007.safetensors", "checkpoint of format 1, undamaged",
      "7, epoch 1", "layers  conv(3,3) pool(2) relu fc(classes)", "conv1.weight",
      "batch-size", "receptive field",
    ] {
      #expect(outcome.output.contains(text), "\(text) in \(outcome.output)")
    }
    let json = try Program.run("inspect", ["run", "--json"], in: scratch)
    let parsed = try StrictJSON.parse(Array(json.output.utf8)[...])
    #expect(parsed["format"] == .string("1"))
    #expect(parsed["problems"] == .array([]))
    guard case .array(let layers)? = parsed["layers"] else { throw MissingMember() }
    #expect(layers.count == 4 && layers[0]["name"] == .string("conv1"))
    #expect(parsed["settings"]?["batch-size"] == .string("8"))
  }

  @Test func valuesThatAreNotFiniteAreFound() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, "run")
    let path = "run/checkpoints/step-0000000007.safetensors"
    let checkpoint = try CheckpointFile.read(scratch.path(path))
    let tensors = checkpoint.tensors.map { tensor in
      tensor.name == "fc1.bias"
        ? StoredTensor(
          name: tensor.name, shape: tensor.shape,
          values: [.nan, .infinity] + tensor.values.dropFirst(2)) : tensor
    }
    var metadata = checkpoint.metadata
    metadata["format"] = "1"
    metadata["sha256"] = String(repeating: "0", count: 64)
    try scratch.write(Safetensors.encode(tensors: tensors, metadata: metadata), "bad.safetensors")
    let outcome = try Program.run("inspect", ["bad.safetensors"], in: scratch)
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLines == [
        "error: bad.safetensors: tensor “fc1.bias” has 2 values that are not finite (found nan at "
          + "element 0, expected numbers). Take an earlier checkpoint."
      ])
    #expect(outcome.output.contains("conv1.weight") && outcome.output.contains("damaged"))

    // If no command can use a checkpoint of the run, the newest is inspected all the same.
    for name in scratch.names("run/checkpoints") where name.hasPrefix("step-") {
      try scratch.write(scratch.bytes("bad.safetensors"), "run/checkpoints/\(name)")
    }
    let run = try Program.run("inspect", ["run"], in: scratch)
    #expect(run.status == 1 && run.output.contains("conv1.weight"))
  }

  @Test func checkpointsAreCompared() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, "a")
    try train(scratch, "b", "--lr", "0.01")
    let same = try Program.run("inspect", ["a", "--diff", "a"], in: scratch)
    #expect(same.status == 0 && same.output.contains("no difference: "), "\(same.output)")
    let outcome = try Program.run("inspect", ["a", "--diff", "b"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in ["lr ", "0.01", "conv1.weight", "27 of 27", "greatest difference"] {
      #expect(outcome.output.contains(text), "\(text) in \(outcome.output)")
    }
    let json = try Program.run("inspect", ["a", "--diff", "b", "--json"], in: scratch)
    let parsed = try StrictJSON.parse(Array(json.output.utf8)[...])
    #expect(parsed["settings"]?["lr"]?["b"] == .string("0.01"))
    #expect(parsed["only_a"] == .array([]))
  }

  @Test func networksAreShownWithoutAFile() throws {
    let scratch = try Scratch()
    let outcome = try Program.run(
      "inspect", ["--arch", "conv(8,3) relu fc(classes)", "--dataset", "cifar10"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains("on images of 32×32×3") && outcome.output.contains("32 × 32 × 8"))
    let model = try Program.run(
      "inspect", ["--model", "vgg-small", "--image-size", "64", "--classes", "7", "--json"],
      in: scratch)
    let parsed = try StrictJSON.parse(Array(model.output.utf8)[...])
    #expect(parsed["input"] == .array([64, 64, 3]))
    try Program.run("inspect", ["--arch", "conv(8,3"], in: scratch).expectFailure(2, "--arch: …")
  }

  @Test func badArgumentsAreRefused() throws {
    let scratch = try Scratch()
    for (arguments, message) in [
      ([], "inspect: nothing to inspect or too much (found 0, …"),
      (["a", "--arch", "relu"], "inspect: nothing to inspect or too much (found 2, …"),
      (["a", "--classes", "3"], "--classes: a checkpoint has its own (expected …"),
      (["--arch", "relu", "--best"], "--best: nothing is trained (expected …"),
      (["--arch", "relu", "--diff", "a"], "--diff: nothing is trained (expected …"),
      (["--model", "lenet5", "--image-size", "0"], "--image-size: invalid value (found “0”, …"),
    ] {
      try Program.run("inspect", arguments, in: scratch).expectFailure(2, message)
    }
    try Program.run("inspect", ["none"], in: scratch).expectFailure(1, "none: no such file…")
    try scratch.write([1, 2, 3], "small")
    try Program.run("inspect", ["small"], in: scratch).expectFailure(
      1, "small: too short for a safetensors file …")
  }

  private struct MissingMember: Error {}
}
