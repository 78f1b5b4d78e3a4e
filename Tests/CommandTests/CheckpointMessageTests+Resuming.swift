import Foundation
import Testing

@testable import Checkpoints
@testable import Files
@testable import Training

extension CheckpointMessageTests {
  @Test func evaluateTellsThatNothingWasKept() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let arguments = ["--arch", "fc(classes)", "--val-split", "0", "--max-steps", "2"]
    let outcome = try Program.run(
      "train", ["--data-dir", "digits", "--run-dir", "run", "--progress", "none"] + arguments,
      in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    try Program.run("evaluate", ["run", "--split", "validation"], in: scratch)
      .expectFailure(
        1,
        "run/checkpoints/step-0000000002.safetensors: the run kept no examples for validation (expected a run …"
      )
    try Program.run("evaluate", ["run", "--best"], in: scratch)
      .expectFailure(
        1,
        "run: there is no best checkpoint, as the run kept no examples for validation. "
          + "Leave --best out to take the newest one.")
    let file = "run/checkpoints/step-0000000002.safetensors"
    try Program.run("evaluate", [file, "--best"], in: scratch)
      .expectFailure(
        2,
        "--best: \(file) is a file (expected a run directory, whose best checkpoint it takes). "
          + "Leave --best out.")
  }

  @Test func initialValuesMustFit() throws {
    let (scratch, checkpoint) = try makeRun()
    let path = "other.safetensors"
    func change(_ body: (inout [StoredTensor]) -> Void) throws {
      var tensors = checkpoint.tensors
      body(&tensors)
      try scratch.write(Safetensors.encode(tensors: tensors, metadata: [:]), path)
    }
    func expect(_ message: String) throws {
      try Program.run("train", tinyRun("run", "--init", path), in: scratch)
        .expectFailure(1, "\(path): \(message)")
      #expect(!scratch.exists("run"))
    }
    try expect("no such file. Check the path.")
    try change { $0[3] = renamed($0[3], "fc1.weights") }
    try expect("tensor \"fc1.weight\" is missing (expected shape [10, 588]). \(Self.fitting)")
    try change { $0[1] = .init(name: $0[1].name, shape: [3, 9], values: $0[1].values) }
    try expect(
      "tensor \"conv1.weight\" has another shape (found [3, 9], expected [3, 1, 3, 3]). "
        + Self.fitting)
    try change { $0.append(renamed($0[0], "fc2.bias")) }
    try expect("tensor \"fc2.bias\" has no place in the model (found shape [3]). \(Self.fitting)")
    try change { $0[0] = .init(name: $0[0].name, shape: [3], values: [0, .infinity, 0]) }
    try expect("tensor \"conv1.bias\": element 1 is no finite number (found inf). \(Self.another)")
    try scratch.write(
      Array(Safetensors.encode(tensors: checkpoint.tensors, metadata: [:]).dropLast()), path)
    try expect("ends inside tensor…")
  }

  @Test func aRunThatCannotResumeIsOneLine() throws {
    let (scratch, checkpoint) = try makeRun()
    let steps = ["good/checkpoints/step-0000000007.safetensors"]
    let newest = "good/checkpoints/step-0000000014.safetensors"
    try FileManager.default.removeItem(atPath: scratch.path(steps[0]))
    let metrics = try scratch.bytes("good/metrics.jsonl")
    func expect(_ message: String) throws {
      let before = try? scratch.bytes("good/metrics.jsonl")
      try Program.run("train", ["--resume", "good", "--epochs", "3"], in: scratch)
        .expectFailure(1, message)
      #expect((try? scratch.bytes("good/metrics.jsonl")) == before, "\(message)")
    }
    for (key, value, message) in [
      ("epoch_examples", "5", "cannot be read (found \"5\")"),
      ("epoch_correct", "1", "cannot be read (found \"1\")"),
      ("epoch_loss_sum", "nan", "cannot be read (found \"nan\")"),
      ("metrics_length", "-1", "cannot be read (found \"-1\")"),
      ("best", "7 nan 1", "cannot be read (found \"7 nan 1\")"),
    ] {
      try scratch.write(signed(checkpoint) { $1[key] = value }, newest)
      try expect("\(newest): \"\(key)\" in its metadata \(message). \(Self.another)")
    }
    try scratch.write(signed(checkpoint) { $1["metrics_sha256"] = nil }, newest)
    try expect("\(newest): no \"metrics_sha256\" in its metadata. \(Self.another)")
    try scratch.write(signed(checkpoint) { tensors, _ in tensors.removeLast() }, newest)
    try expect(
      "\(newest): tensor \"optim.fc1.weight.momentum_buffer\" is missing "
        + "(expected shape [10, 588]). \(Self.fitting)")

    try scratch.write(signed(checkpoint), newest)
    let advice = "Put the file back as it was."
    let length = try #require(checkpoint.metadata["metrics_length"].flatMap { Int($0) })
    try scratch.write(Array(metrics.prefix(100)), "good/metrics.jsonl")
    try expect(
      "good/metrics.jsonl: shorter than at the checkpoint (found 100 bytes, "
        + "expected at least \(length)). \(advice)")
    var altered = metrics
    altered[3] ^= 1
    try scratch.write(altered, "good/metrics.jsonl")
    try expect("good/metrics.jsonl: altered since the checkpoint…")
    try FileManager.default.removeItem(atPath: scratch.path("good/metrics.jsonl"))
    try expect(
      "good/metrics.jsonl: no such file, but the checkpoint counts on it. \(advice)")

    // After the file is restored, the run can be resumed.
    try scratch.write(metrics, "good/metrics.jsonl")
    let outcome = try Program.run("train", ["--resume", "good", "--epochs", "3"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
