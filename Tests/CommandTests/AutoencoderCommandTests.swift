import Foundation
import Tensors
import Testing

/// An autoencoder from training to evaluation.
@Suite struct AutoencoderCommandTests {
  private func train(_ scratch: Scratch, _ run: String, _ more: String...) throws -> String {
    let outcome = try Program.run(
      "train",
      [
        "--data-dir", "digits", "--run-dir", run, "--arch",
        "conv(4,3,stride=2) relu upsample(2,mode=bilinear) conv(1,3)", "--loss", "mse", "--mean",
        "0", "--std", "1", "--lr", "0.1", "--batch-size", "8", "--val-split", "10", "--progress",
        "none",
      ] + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  @Test func leavesLossesAndImages() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let output = try train(scratch, "run", "--epochs", "2")
    #expect(
      scratch.names("run/reconstructions") == ["epoch-000.png", "epoch-001.png", "epoch-002.png"])
    for name in scratch.names("run/reconstructions") {
      let bytes = try scratch.bytes("run/reconstructions/\(name)")
      #expect(bytes.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
      // 10 images of 28×28 and 9 lines, with one row of originals above one of reconstructions,
      // enlarged three times.
      #expect(bytes[16..<24] == [0, 0, 3, 99, 0, 0, 0, 171])
    }
    #expect(output.contains("epoch 1: train mse 0.") && output.contains("; validation mse 0."))
    #expect(output.contains("test: mse 0.") && !output.contains("accuracy"))
    #expect(!(try scratch.text("run/plots/training.svg")).contains("accuracy"))

    let metrics = try objects(try scratch.text("run/metrics.jsonl"))
    #expect(metrics.count == 14 + 2 + 1)
    #expect(metrics[0].keys.sorted() == ["epoch", "kind", "loss", "rate", "step"])
    let epochs = metrics.filter { $0["kind"] as? String == "epoch" }
    for epoch in epochs {
      #expect(
        epoch.keys.sorted() == ["epoch", "kind", "rate", "step", "train_loss", "validation_loss"])
    }
    #expect(metrics[16].keys.sorted() == ["kind", "loss"])

    // The evaluation reports the losses of the run, for the newest and the best network.
    let test = try Program.run("evaluate", ["run", "--json"], in: scratch)
    let report = try #require(try objects(test.output).first)
    #expect(
      report.keys.sorted() == [
        "architecture", "checkpoint", "classes", "configuration", "data", "epochs", "examples",
        "files", "layers", "loss", "loss_name", "model", "tta", "worst",
      ])
    let worst = try #require(report["worst"] as? [[String: Any]])
    #expect(worst.count == 12 && worst[0].keys.sorted() == ["index", "loss", "true"])
    let losses = worst.compactMap { $0["loss"] as? Double }
    #expect(
      losses == losses.sorted(by: >) && Set(worst.compactMap { $0["index"] as? Int }).count == 12)
    #expect(abs(losses.reduce(0, +) / 12 - (report["loss"] as? Double ?? 0)) < 1e-12)
    #expect(report["loss"] as? Double == metrics[16]["loss"] as? Double)
    #expect(report["examples"] as? Int == 12)
    #expect(try scratch.text("run/report/report.json") == test.output)
    #expect(
      scratch.names("run/report") == [
        "curves.png", "filters-end.png", "filters-start.png", "reconstructions.png", "report.html",
        "report.json", "report.md", "worst.png",
      ])
    try Program.run("evaluate", ["run", "--tta", "mirror"], in: scratch).expectFailure(2, "--tta…")
    let best = try Program.run(
      "evaluate", ["run", "--best", "--split", "validation", "--json"], in: scratch)
    let least = epochs.compactMap { $0["validation_loss"] as? Double }.min()
    #expect(try objects(best.output).first?["loss"] as? Double == least)
    let text = try Program.run("evaluate", ["run"], in: scratch)
    #expect(text.status == 0 && text.output.contains("mse"))
  }

  /// Checkpoints, metrics and images do not depend on threads, kernels or a stop.
  @Test func threadsKernelsAndStopsLeaveNoTrace() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    _ = try train(scratch, "whole", "--epochs", "2", "--threads", "1")
    var runs = ["resumed"]
    _ = try train(scratch, "resumed", "--epochs", "2", "--threads", "3", "--max-steps", "5")
    let resumed = try Program.run(
      "train", ["--resume", "resumed", "--max-steps", "14", "--progress", "none"], in: scratch)
    try #require(resumed.status == 0, "\(resumed.errors)")
    for set in KernelSet.available {
      runs.append("run-\(set.rawValue)")
      _ = try train(
        scratch, "run-\(set.rawValue)", "--epochs", "2", "--threads", "2", "--kernels",
        set.rawValue)
    }
    for run in runs {
      for file in [
        "checkpoints/step-0000000014.safetensors", "checkpoints/best.safetensors",
        "reconstructions/epoch-002.png",
      ] {
        #expect(
          try scratch.bytes("\(run)/\(file)") == scratch.bytes("whole/\(file)"), "\(run)/\(file)")
      }
      // A resumed run tests again at its own end.
      let lines = try scratch.text("\(run)/metrics.jsonl").split(separator: "\n")
      let expected = try scratch.text("whole/metrics.jsonl").split(separator: "\n")
      #expect(lines == expected, "\(run)")
    }
  }

  /// Classifiers can be trained with other losses, and `evaluate` uses the run's loss.
  @Test(arguments: ["hinge", "mse", "bce"])
  func classifiersTakeOtherLosses(_ loss: String) throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run(
      "train", tinyRun("run", "--epochs", "1", "--loss", loss, "--lr", "0.001"), in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.text("run/config.yaml").contains("\nloss: \(loss)\n"))
    let test = try #require(try objects(try scratch.text("run/metrics.jsonl")).last)
    let report = try Program.run("evaluate", ["run", "--json"], in: scratch)
    let values = try #require(try objects(report.output).first)
    #expect(values["loss"] as? Double == test["loss"] as? Double)
    #expect(values["accuracy"] as? Double == test["accuracy"] as? Double)
  }
}
