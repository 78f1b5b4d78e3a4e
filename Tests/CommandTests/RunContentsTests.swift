import Foundation
import Testing

/// The content of a run's files, and the numbers of steps and epochs.
@Suite struct RunContentsTests {
  private func lines(_ scratch: Scratch, _ name: String) throws -> [[String: Any]] {
    try scratch.text(name).split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  private func train(
    _ scratch: Scratch, _ run: String, _ more: String...
  ) throws -> [[String: Any]] {
    let outcome = try Program.run("train", tinyRun(run) + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try lines(scratch, "\(run)/metrics.jsonl")
  }

  private func count(_ lines: [[String: Any]], _ kind: String) -> Int {
    lines.count { $0["kind"] as? String == kind }
  }

  @Test func everyLineOfTheMetricsIsRight() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let metrics = try train(scratch, "run", "--epochs", "3", "--sched", "exponential(0.5)")
    let steps = metrics.filter { $0["kind"] as? String == "step" }
    let epochs = metrics.filter { $0["kind"] as? String == "epoch" }
    #expect(steps.compactMap { $0["step"] as? Int } == Array(1...21))
    #expect(steps.compactMap { $0["epoch"] as? Int } == (0..<21).map { $0 / 7 + 1 })
    #expect(
      steps.compactMap { $0["rate"] as? Double } == (0..<21).map { [0.02, 0.01, 0.005][$0 / 7] })
    #expect(epochs.compactMap { $0["epoch"] as? Int } == [1, 2, 3])
    #expect(epochs.compactMap { $0["step"] as? Int } == [7, 14, 21])

    // An epoch's metrics are means over its examples: six batches of 8, and one of 2.
    for (number, epoch) in epochs.enumerated() {
      for (key, mean) in [("loss", "train_loss"), ("accuracy", "train_accuracy")] {
        let sum = steps[7 * number..<7 * number + 7].enumerated().reduce(0.0) { sum, step in
          sum + (step.element[key] as? Double ?? .nan) * (step.offset < 6 ? 8 : 2)
        }
        let found = try #require(epoch[mean] as? Double)
        #expect(abs(found - sum / 50) < 1e-12, "\(mean) of epoch \(number + 1)")
      }
    }

    // The best checkpoint is that of the epoch with the best validation.
    let best = try #require(
      epochs.max {
        let (a, b) = (
          $0["validation_accuracy"] as? Double ?? 0, $1["validation_accuracy"] as? Double ?? 0
        )
        let (c, d) = ($0["validation_loss"] as? Double ?? 0, $1["validation_loss"] as? Double ?? 0)
        return a < b || (a == b && c > d)
      })
    let report = try Program.run(
      "evaluate", ["run", "--best", "--split", "validation", "--json"], in: scratch)
    let values = try #require(
      try JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [String: Any])
    #expect(values["accuracy"] as? Double == best["validation_accuracy"] as? Double)
    #expect(values["loss"] as? Double == best["validation_loss"] as? Double)

    let timing = try lines(scratch, "run/timing.jsonl")
    #expect(timing.compactMap { $0["epoch"] as? Int } == [1, 2, 3])
    #expect(timing.compactMap { $0["step"] as? Int } == [7, 14, 21])
    #expect(timing.compactMap { $0["images"] as? Int } == [50, 50, 50])
    #expect(timing.allSatisfy { ($0["seconds"] as? Double ?? 0) > 0 })
    #expect(timing.allSatisfy { ($0["images_per_second"] as? Double ?? 0) > 0 })
    #expect(
      timing.allSatisfy {
        let loading = $0["loading_seconds"] as? Double ?? 0
        return loading > 0 && loading < ($0["seconds"] as? Double ?? 0)
      })
  }

  @Test func theReportHasItsFields() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(test: 40)
    _ = try train(scratch, "run", "--epochs", "1")
    let outcome = try Program.run("evaluate", ["run", "--json"], in: scratch)
    #expect(try scratch.text("run/report/report.json") == outcome.output)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(
      report.keys.sorted() == [
        "accuracy", "architecture", "brier", "calibration", "checkpoint", "classes",
        "configuration", "confusion", "confusions", "coverage", "data", "epochs", "errors",
        "examples", "files", "interval", "layers", "loss", "loss_name", "macro", "model",
        "single_view", "top5", "tta", "worst",
      ])
    let accuracy = try #require(report["accuracy"] as? Double)
    let interval = try #require(report["interval"] as? [Double])
    #expect(interval.count == 2 && interval[0] < accuracy && accuracy < interval[1])
    let confusion = try #require(report["confusion"] as? [[Int]])
    let right = (0..<10).reduce(0) { $0 + confusion[$1][$1] }
    #expect(abs(accuracy - Double(right) / 40) < 1e-15)
    let classes = try #require(report["classes"] as? [[String: Any]])
    #expect(classes.compactMap { $0["name"] as? String } == (0..<10).map { "\($0)" })
    // Four of each digit, because `Scratch.labels` repeats the digits.
    #expect(classes.compactMap { $0["support"] as? Int } == Array(repeating: 4, count: 10))
    for (index, item) in classes.enumerated() {
      #expect(item.keys.sorted() == ["f1", "name", "precision", "recall", "support"])
      #expect(item["recall"] as? Double == Double(confusion[index][index]) / 4)
    }
  }

  @Test func theEnvironmentHasItsFields() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    _ = try train(scratch, "run", "--max-steps", "1", "--kernels", "portable")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(scratch.bytes("run/environment.json")))
        as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "compiler", "data", "kernels", "processor", "processors", "threads", "version",
      ])
    #expect(object["kernels"] as? String == "portable" && object["threads"] as? Int == 1)
    let data = try #require(object["data"] as? [String: Any])
    #expect(data["sample"] as? Bool == false && data["published"] as? Bool == false)
    #expect(data["directory"] as? String == "digits")
    let files = try #require(data["files"] as? [[String: String]])
    #expect(
      files.map { $0["path"] } == [
        "digits/train-images-idx3-ubyte", "digits/train-labels-idx1-ubyte",
      ])
    #expect(files.allSatisfy { $0["sha256"]?.count == 64 })
  }

  /// 50 examples are 7 steps per epoch in batches of 8, and 4 steps in two batches of 8.
  @Test func epochsMayBeFractional() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for (epochs, parts, steps, whole) in [
      ("0.5", "1", 4, 0), ("1.5", "1", 11, 1), ("0.001", "1", 1, 0), ("2.5", "2", 10, 2),
    ] {
      let metrics = try train(
        scratch, "run-\(epochs)-\(parts)", "--epochs", epochs, "--accumulate", parts)
      #expect(count(metrics, "step") == steps, "\(epochs) epochs")
      #expect(count(metrics, "epoch") == whole, "\(epochs) epochs")
      #expect(count(metrics, "test") == 1)
    }
  }

  /// With the same order in every epoch and a learning rate of 0, all epochs equal the first.
  @Test func withoutShufflingEveryEpochIsTheSame() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    func losses(_ run: String, _ more: String...) throws -> [Double] {
      let outcome = try Program.run(
        "train", tinyRun(run, "--epochs", "2", "--lr", "0", "--augment", "none") + more, in: scratch
      )
      try #require(outcome.status == 0, "\(outcome.errors)")
      return try lines(scratch, "\(run)/metrics.jsonl")
        .filter { $0["kind"] as? String == "step" }.compactMap { $0["loss"] as? Double }
    }
    let plain = try losses("plain", "--no-shuffle")
    #expect(plain.count == 14 && Array(plain[..<7]) == Array(plain[7...]))
    let shuffled = try losses("shuffled")
    #expect(Array(shuffled[..<7]) != Array(shuffled[7...]))
  }

  @Test func withoutValidationThereIsNoBest() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let metrics = try train(scratch, "run", "--epochs", "1", "--val-split", "0")
    #expect(count(metrics, "step") == 8)
    let epoch = try #require(metrics.first { $0["kind"] as? String == "epoch" })
    #expect(
      epoch.keys.sorted() == ["epoch", "kind", "rate", "step", "train_accuracy", "train_loss"])
    #expect(
      scratch.names("run/checkpoints") == [
        "step-0000000000.safetensors", "step-0000000008.safetensors",
      ])
  }

  @Test func progressIsOneLineAStepOrNone() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    var bytes: [[UInt8]] = []
    for (mode, expected) in [("plain", 2), ("auto", 2), ("none", 0)] {
      let arguments = tinyRun(mode, "--max-steps", "4", "--log-every", "2", "--progress", mode)
      let outcome = try Program.run("train", arguments, in: scratch)
      #expect(outcome.status == 0)
      #expect(outcome.errorLines.count == expected, "\(outcome.errors)")
      #expect(!outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
      for (line, step) in zip(outcome.errorLines, [2, 4]) {
        #expect(line.hasPrefix("epoch 1/100  step \(step)/4  loss "), "\(line)")
        #expect(line.contains("images/s"), "\(line)")
      }
      bytes.append(try scratch.bytes("\(mode)/checkpoints/step-0000000004.safetensors"))
    }
    #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2])
  }

  /// An update that overflows at the very last step is found before it is saved.
  @Test func parametersThatOverflowAreNotSaved() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for (run, steps) in [("one", "1"), ("epoch", "7")] {
      let outcome = try Program.run(
        "train",
        tinyRun(run, "--lr", "1e300", "--sched", "steps(\(steps):1e300)", "--max-steps", steps)
          + (run == "epoch" ? ["--lr", "0", "--batch-size", "50"] : []), in: scratch)
      #expect(outcome.status == 5, "\(outcome.errors)")
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errorLines.first?.contains("is not finite. Try a smaller --lr") == true)
      #expect(!(try scratch.text("\(run)/metrics.jsonl")).contains("null"))
    }
    #expect(scratch.names("one/checkpoints") == ["step-0000000000.safetensors"])
  }
}
