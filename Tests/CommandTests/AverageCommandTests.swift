import Testing

@testable import Checkpoints
@testable import Training

@Suite struct AverageCommandTests {
  private func train(_ scratch: Scratch, _ run: String, _ more: String...) throws {
    let outcome = try Program.run(
      "train",
      tinyRun(run, network: "conv(3,3) bn pool(2) relu fc(classes)") + ["--epochs", "2"] + more,
      in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func writesTheMeanOfCheckpoints() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for seed in 1...3 { try train(scratch, "run-\(seed)", "--seed", "\(seed)") }
    let outcome = try Program.run(
      "average", ["run-1", "run-2", "run-3", "--file", "mean.safetensors"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output == "the mean of 3 checkpoints, with its running averages, is written to "
        + "mean.safetensors\nsee its accuracy by `swift run evaluate mean.safetensors`\n")

    let mean = try CheckpointFile.read(scratch.path("mean.safetensors"))
    let sources = try (1...3).map {
      try CheckpointFile.read(
        scratch.path("run-\($0)/checkpoints/step-0000000014.safetensors"))
    }
    #expect(mean.tensors.count == 8)
    #expect(mean.tensors.contains { $0.name == "bn1.running_var" })
    for tensor in mean.tensors {
      let values = try sources.map { source in
        try #require(source.tensors.first { $0.name == tensor.name }).values.map { Double($0) }
      }
      for (place, value) in tensor.values.enumerated() {
        #expect(
          value == Float((values[0][place] + values[1][place] + values[2][place]) / 3),
          "\(tensor.name)")
      }
    }
    #expect(mean.metadata["step"] == nil)
    #expect(mean.metadata["data"] == sources[0].metadata["data"])

    let evaluated = try Program.run(
      "evaluate", ["mean.safetensors", "--data-dir", "digits"], in: scratch)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let started = try Program.run(
      "train",
      tinyRun("next", network: "conv(3,3) bn pool(2) relu fc(classes)") + [
        "--init", "mean.safetensors", "--max-steps", "1",
      ], in: scratch)
    #expect(started.status == 0, "\(started.errors)")
    #expect(!started.errors.contains("mean.safetensors"), "\(started.errors)")
  }

  /// The mean of a checkpoint with itself is the checkpoint.
  @Test func equalValuesStay() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, "run")
    let path = "run/checkpoints/step-0000000014.safetensors"
    let outcome = try Program.run(
      "average", [path, path, "run", "--best", "--file", "mean.safetensors"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let best = try Program.run(
      "average", [path, path, "--file", "same.safetensors"], in: scratch)
    #expect(best.status == 0, "\(best.errors)")
    let (source, same) = (
      try CheckpointFile.read(scratch.path(path)),
      try CheckpointFile.read(scratch.path("same.safetensors"))
    )
    #expect(same.tensors == source.tensors.filter { !$0.name.hasPrefix("optim.") })
  }

  @Test func anotherNetworkIsRefused() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, "first")
    for (run, flag, value, problem) in [
      (
        "wide", "--arch", "conv(4,3) bn pool(2) relu fc(classes)",
        "(found \"conv(4,3) bn pool(2) relu fc(classes)\", "
          + "expected \"conv(3,3) bn pool(2) relu fc(classes)\")"
      ),
      ("shifted", "--mean", "0.5", "(found \"mean [0.5]\", expected \"mean [0.1307]\")"),
    ] {
      try train(scratch, run, flag, value)
      let outcome = try Program.run(
        "average", ["first", run, "--file", "mean.safetensors"], in: scratch)
      outcome.expectFailure(
        1,
        "\(run)/checkpoints/step-0000000014.safetensors: holds another model \(problem)"
          + (problem.hasSuffix("…") ? "" : ". \(CheckpointMessageTests.fitting)"))
      #expect(!scratch.exists("mean.safetensors"))
    }
  }

  @Test func badArgumentsAreRefused() throws {
    let scratch = try Scratch()
    try Program.run("average", ["a", "--file", "b"], in: scratch).expectFailure(
      2, "average: nothing to average (found 1 checkpoint, expected several). See …")
    try Program.run("average", ["a", "b", "--file", ""], in: scratch).expectFailure(
      2, "--file: invalid value (found “”, expected a path). See …")
    try Program.run("average", ["a", "b", "--file", "c"], in: scratch).expectFailure(
      1, "a: no such file…")
    try scratch.write([1], "notes.txt")
    try Program.run("average", ["a", "b", "--file", "notes.txt"], in: scratch).expectFailure(
      4, "notes.txt: already exists…")
    #expect(try scratch.bytes("notes.txt") == [1])
  }
}
