import Foundation
import Testing

@Suite struct RunDirectoryTests {
  @Test func theDirectoryHasAllFiles() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run(
      "train",
      [
        "--data-dir", "digits", "--arch", "conv(3,3) pool(2) relu conv(2,3) fc(classes)",
        "--epochs", "3", "--batch-size", "8", "--val-split", "10", "--log-every", "5",
      ], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let run = "runs/mnist-custom-1"
    #expect(
      scratch.names(run) == [
        ".lock", "checkpoints", "config.yaml", "environment.json", "filters", "metrics.jsonl",
        "plots", "statistics.jsonl", "timing.jsonl",
      ])
    #expect(
      scratch.names("\(run)/checkpoints") == [
        "best.safetensors", "step-0000000014.safetensors", "step-0000000021.safetensors",
      ])
    #expect(
      scratch.names("\(run)/filters") == [
        "epoch-000-conv1.png", "epoch-000-conv2.png", "epoch-001-conv1.png",
        "epoch-001-conv2.png", "epoch-002-conv1.png", "epoch-002-conv2.png",
        "epoch-003-conv1.png", "epoch-003-conv2.png",
      ])
    #expect(scratch.names("\(run)/plots") == ["training.svg"])
    let environment = try #require(object(try scratch.bytes("\(run)/environment.json")))
    #expect(environment["kernels"] is String && environment["threads"] is Int)

    let lines = try scratch.text("\(run)/metrics.jsonl").split(separator: "\n").compactMap {
      object(Array($0.utf8))
    }
    #expect(lines.count == 21 + 3 + 1)
    #expect(
      lines[0].keys.sorted() == ["accuracy", "epoch", "kind", "loss", "rate", "step"])
    #expect(
      lines[7].keys.sorted() == [
        "epoch", "kind", "rate", "step", "train_accuracy", "train_loss", "validation_accuracy",
        "validation_loss",
      ])
    #expect(lines[24]["kind"] as? String == "test")

    // Without a terminal, progress is a line on standard error every five steps and at the end.
    #expect(outcome.errorLines.count == 5, "\(outcome.errors)")
    #expect(outcome.errorLines.allSatisfy { $0.hasPrefix("epoch ") })

    // The next run uses the next free name.
    let again = try Program.run(
      "train",
      [
        "--data-dir", "digits", "--arch", "fc(classes)", "--max-steps", "1", "--progress", "none",
      ], in: scratch)
    #expect(again.status == 0 && again.output.contains("runs/mnist-custom-2"))
  }

  @Test func evaluateReportsTheResultsOfTrain() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(test: 30)
    #expect(try Program.run("train", tinyRun("run", "--epochs", "2"), in: scratch).status == 0)
    let outcome = try Program.run("evaluate", ["run"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("accuracy") && outcome.output.contains("confusion matrix"))

    let report = try #require(object(try scratch.bytes("run/report/report.json")))
    let test = try scratch.text("run/metrics.jsonl").split(separator: "\n").last.flatMap {
      object(Array($0.utf8))
    }
    #expect(report["accuracy"] as? Double == test?["accuracy"] as? Double)
    #expect(report["loss"] as? Double == test?["loss"] as? Double)
    #expect(report["examples"] as? Int == 30)
    let confusion = try #require(report["confusion"] as? [[Int]])
    #expect(confusion.count == 10 && confusion.joined().reduce(0, +) == 30)
    #expect((report["classes"] as? [[String: Any]])?.count == 10)
    #expect((report["interval"] as? [Double])?.count == 2)

    // A checkpoint file, other splits, and JSON on standard output only.
    for arguments in [
      ["run/checkpoints/best.safetensors"], ["run", "--split", "validation"],
      ["run", "--split", "train", "--output", "elsewhere"], ["run", "--best"],
    ] {
      let outcome = try Program.run("evaluate", arguments + ["--json"], in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(object(Array(outcome.output.utf8)) != nil)
    }
    #expect(scratch.exists("elsewhere/report.json"))
  }

  /// The sample is large enough for training.
  @Test func learnsTheSample() throws {
    let scratch = try Scratch()
    let outcome = try Program.run(
      "train", ["--no-download", "--run-dir", "run", "--epochs", "4", "--progress", "none"],
      in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("not the whole of MNIST"))
    let last = try scratch.text("run/metrics.jsonl").split(separator: "\n").last.flatMap {
      object(Array($0.utf8))
    }
    let accuracy = try #require(last?["accuracy"] as? Double)
    #expect(accuracy > 0.93)
    let environment = try #require(object(try scratch.bytes("run/environment.json")))
    #expect((environment["data"] as? [String: Any])?["sample"] as? Bool == true)
  }

  private func object(_ bytes: [UInt8]) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
  }
}
