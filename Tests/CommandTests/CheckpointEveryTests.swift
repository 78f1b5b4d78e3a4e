import Foundation
import Testing

/// `--checkpoint-every` saves within an epoch, and changes files alone.
@Suite struct CheckpointEveryTests {
  private static let arguments = [
    "--data-dir", "digits", "--arch", "conv(2,3) pool(4) fc(classes)", "--val-split", "10",
    "--batch-size", "8", "--epochs", "2", "--threads", "1", "--progress", "none",
  ]

  @Test(arguments: ["3", "1s"])
  func resultsStayTheSame(_ interval: String) throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for (run, more) in [("plain", []), ("often", ["--checkpoint-every", interval])] {
      let outcome = try Program.run(
        "train", Self.arguments + ["--run-dir", run] + more, in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let last = "checkpoints/step-0000000014.safetensors"
    #expect(try scratch.bytes("often/\(last)") == scratch.bytes("plain/\(last)"))
    #expect(
      try scratch.bytes("often/metrics.jsonl") == scratch.bytes("plain/metrics.jsonl"))
    // 7 steps an epoch: step 12 is within the second one.
    #expect(
      scratch.exists("often/checkpoints/step-0000000012.safetensors") == (interval == "3"))
    #expect(!scratch.exists("plain/checkpoints/step-0000000012.safetensors"))
    #expect(try scratch.text("often/config.yaml").contains("checkpoint-every: \(interval)\n"))
  }

  /// A run from a checkpoint within an epoch ends as one without a stop.
  @Test func aRunGoesOnFromWithinAnEpoch() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    #expect(
      try Program.run(
        "train", Self.arguments + ["--run-dir", "run", "--checkpoint-every", "5"], in: scratch
      ).status == 0)
    let last = "run/checkpoints/step-0000000014.safetensors"
    let whole = (try scratch.bytes(last), try scratch.text("run/metrics.jsonl"))
    // As after a kill behind step 10, which lies in the second epoch.
    #expect(scratch.exists("run/checkpoints/step-0000000010.safetensors"))
    try FileManager.default.removeItem(atPath: scratch.path(last))
    let outcome = try Program.run(
      "train", ["--resume", "run", "--data-dir", "digits", "--progress", "none"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("going on from step 10\n"))
    #expect(try scratch.bytes(last) == whole.0)
    #expect(try scratch.text("run/metrics.jsonl") == whole.1)
  }

  /// Steps and epochs are both counted from 1.
  @Test func theEpochOfAStepIsThatOfItsEpochLine() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    #expect(
      try Program.run("train", Self.arguments + ["--run-dir", "run"], in: scratch).status == 0)
    let lines = try scratch.text("run/metrics.jsonl").split(separator: "\n")
    let epochs = lines.compactMap { line -> String? in
      guard let start = line.range(of: "\"epoch\":") else { return nil }
      return String(line[start.upperBound...].prefix { $0.isNumber })
    }
    #expect(epochs == Array(repeating: "1", count: 8) + Array(repeating: "2", count: 8))
  }
}
