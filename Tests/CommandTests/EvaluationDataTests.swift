import Foundation
import Testing

/// Messages of `evaluate` about data that differs from the training data.
@Suite struct EvaluationDataTests {
  private let scratch: Scratch
  private static let overlap =
    "Some of these images may be among those that the network was trained on."

  init() throws { scratch = try Scratch() }

  /// Writes random images as PNG files with `datasets export`.
  private func export(_ name: String, _ count: Int) throws {
    try scratch.makeDigits("\(name)-idx", training: count, test: 10)
    let export = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", "\(name)-idx", "--output", name], in: scratch)
    #expect(export.status == 0, "\(export.errors)")
  }

  /// Moves the images of one exported digit to a folder of another name.
  private func move(_ from: String, _ to: String) throws {
    let target = URL(filePath: scratch.path(to))
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: scratch.path(from), toPath: scratch.path(to))
  }

  private func train(_ folder: String) throws {
    let outcome = try Program.run(
      "train",
      [
        "--dataset", "folder", "--data-dir", folder, "--image-size", "12", "--arch", "fc(classes)",
        "--batch-size", "8", "--max-steps", "3", "--run-dir", "run", "--progress", "none",
      ], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func evaluate(_ arguments: String...) throws -> Program.Outcome {
    try Program.run("evaluate", ["run"] + arguments, in: scratch)
  }

  private func report() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(scratch.bytes("run/report/report.json")))
        as? [String: Any])
  }

  @Test func classesAreMatchedByName() throws {
    try export("out", 60)
    for (digit, name) in [("1", "cat"), ("2", "dog"), ("3", "horse")] {
      try move("out/train/\(digit)", "mine/\(name)")
    }
    try train("mine")
    for (digit, name) in [("4", "cat"), ("5", "dog"), ("6", "bird")] {
      try move("out/train/\(digit)", "other/\(name)")
    }
    try evaluate("--data-dir", "other").expectFailure(
      1,
      "other: classes that the network was not trained on (found bird, expected some of cat, dog and "
        + "horse). Leave them out, or give another --dataset.")
    try FileManager.default.removeItem(atPath: scratch.path("other/bird"))
    // Cats and dogs keep their names, and all images of the folder are for testing.
    let outcome = try evaluate("--data-dir", "other")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let classes = try #require(try report()["classes"] as? [[String: Any]])
    #expect(classes.compactMap { $0["name"] as? String } == ["cat", "dog", "horse"])
    #expect(classes.compactMap { $0["support"] as? Int } == [6, 6, 0])
    #expect(outcome.errors.contains("other: not the data that the network was trained on (found "))
    #expect(outcome.errors.contains(Self.overlap))
  }

  @Test func clothesAreNotEvaluatedAsDigits() throws {
    try scratch.makeDigits()
    #expect(try Program.run("train", tinyRun("run", "--max-steps", "1"), in: scratch).status == 0)
    let outcome = try evaluate("--dataset", "fashion-mnist", "--data-dir", "digits")
    outcome.expectFailure(
      1, "fashion-mnist: classes that the network was not trained on (found T-shirt/top, …")
    #expect(!scratch.exists("run/report/report.json"))
    // EMNIST's digits have the same classes.
    for (part, file) in [("train", "train"), ("test", "t10k")] {
      for kind in ["images-idx3", "labels-idx1"] {
        try scratch.write(
          scratch.bytes("digits/\(file)-\(kind)-ubyte"), "e/emnist-digits-\(part)-\(kind)-ubyte")
      }
    }
    let digits = try evaluate("--dataset", "emnist-digits", "--data-dir", "e")
    #expect(digits.status == 0, "\(digits.errors)")
    #expect(
      digits.errors.contains(
        "warning: e: not the data that the network was trained on (found emnist-digits, expected "
          + "mnist). \(Self.overlap)\n"))
  }

  @Test func changedTrainingFilesAreTold() throws {
    try scratch.makeDigits()
    #expect(try Program.run("train", tinyRun("run", "--max-steps", "1"), in: scratch).status == 0)
    #expect(try !evaluate().errors.contains("not the data"))
    try scratch.write(Scratch.images(61), "digits/train-images-idx3-ubyte")
    try scratch.write(Scratch.labels(61), "digits/train-labels-idx1-ubyte")
    for split in ["test", "validation", "train"] {
      let outcome = try evaluate("--split", split)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("warning: digits: not the data that the network was trained on"))
    }
    try FileManager.default.removeItem(atPath: scratch.path("digits/train-labels-idx1-ubyte"))
    #expect(
      try evaluate().errors.contains(
        "warning: digits: perhaps not the data that the network was trained on (there are no training "
          + "examples to compare). \(Self.overlap)\n"))
  }

  /// The previous test images stay for testing, and no training image joins them.
  @Test func anImageAddedToAFolderWithoutPartsIsTold() throws {
    try export("out", 120)
    try move("out/train/1", "mine/cat")
    try move("out/train/2", "mine/dog")
    try train("mine")
    let before = try evaluate()
    #expect(before.status == 0 && !before.errors.contains("not the data"), "\(before.errors)")
    let examples = try #require(try report()["examples"] as? Int)
    let name = scratch.names("out/train/3")[0]
    try move("out/train/3/\(name)", "mine/cat/00000.png")
    let outcome = try evaluate()
    #expect(outcome.status == 0)
    // The warning is shown unless the new image is for testing, because then the training images
    // are the same.
    let after = try #require(try report()["examples"] as? Int)
    #expect(after == examples + (outcome.errors.contains("not the data") ? 0 : 1))
  }

  @Test func foreignTestFilesAreTold() throws {
    try scratch.makeDigits()
    let sample = Program.packageFolder.appending(path: "data/mnist-sample")
    for name in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"] {
      let kind = name.dropLast(3)
      try FileManager.default.removeItem(atPath: scratch.path("digits/\(kind)"))
      try scratch.write([UInt8](Data(contentsOf: sample.appending(path: name))), "digits/\(name)")
    }
    let outcome = try Program.run("train", tinyRun("run", "--max-steps", "1"), in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "warning: digits/t10k-images-idx3-ubyte: not the published t10k-images-idx3-ubyte"))
    let environment = try scratch.text("run/environment.json")
    #expect(environment.contains("\"published\": false"))
    #expect(environment.contains("digits/t10k-images-idx3-ubyte"))
  }

  @Test func classesWithoutTrainingExamplesAreTold() throws {
    try scratch.makeDigits()
    let outcome = try Program.run(
      "train", tinyRun("run", "--max-steps", "1", "--limit-train", "8"), in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("warning: no examples to train on of 2 of the 10 classes: "))
    let enough = try Program.run(
      "train", tinyRun("more", "--max-steps", "1", "--limit-train", "10"), in: scratch)
    #expect(!enough.errors.contains("no examples to train on"))
  }
}
