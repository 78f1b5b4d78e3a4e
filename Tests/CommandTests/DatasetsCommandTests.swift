import Foundation
import Testing

@testable import Checkpoints
@testable import Training

/// The output of `datasets`, and training on exported images.
@Suite struct DatasetsCommandTests {
  private static let sample = Program.packageFolder.appending(path: "data/mnist-sample")
    .path(percentEncoded: false)

  @Test func listTellsWhatIsHere() throws {
    let scratch = try Scratch()
    try scratch.makeDigits("data/mnist")
    for name in ["train", "test"] {
      try scratch.write(Scratch.records(1, labels: 2), "data/cifar-100-binary/\(name).bin")
    }
    let outcome = try Program.run("datasets", [], in: scratch)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 15)
    func line(_ name: String) -> [String] {
      lines.first { $0.hasPrefix("\(name) ") }?.split(separator: " ").map(String.init) ?? []
    }
    #expect(
      line("cifar100") == [
        "cifar100", "CIFAR-100", "32×32×3", "100", "50,000", "10,000", "160.7", "MiB",
        "data/cifar-100-binary",
      ])
    #expect(line("cifar100-coarse").last == "data/cifar-100-binary")
    #expect(line("mnist").last == "data/mnist")
    #expect(line("kmnist").last == "–")
    #expect(lines.last?.hasPrefix("folder: ") == true)
    #expect(try Program.run("datasets", ["list"], in: scratch).output == outcome.output)
  }

  @Test func verifyTellsThePublishedFromOthers() throws {
    let scratch = try Scratch()
    let good = try Program.run(
      "datasets", ["verify", "mnist", "--data-dir", Self.sample], in: scratch)
    #expect(good.status == 0, "\(good.errors)")
    let hash = "fa01c4e0e0ddb1b901673e9b19c34e207002f34b874e266b33006ed7b18f8f84"
    #expect(good.output.contains("\(hash)  published\n"))
    #expect(good.output.components(separatedBy: "  published\n").count == 5)

    try scratch.makeDigits()
    let other = try Program.run(
      "datasets", ["verify", "mnist", "--data-dir", "digits"], in: scratch)
    #expect(other.status == 1)
    #expect(
      other.errorLines == [
        "error: mnist: not the published files (found 4 others of 4, expected none). "
          + "Get the data set again to have it as others do."
      ])
    #expect(other.errors.components(separatedBy: "not the published train-images").count == 2)
    #expect(other.output.components(separatedBy: "  not published\n").count == 5)

    try scratch.write(Scratch.labels(59), "digits/train-labels-idx1-ubyte")
    try Program.run("datasets", ["verify", "mnist", "--data-dir", "digits"], in: scratch)
      .expectFailure(
        1,
        "digits/train-labels-idx1-ubyte: the labels do not match the images "
          + "(found 59 labels, expected 60). Get both files again, from one source.")
  }

  @Test func showDrawsAndCounts() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(training: 25)
    let outcome = try Program.run(
      "datasets", ["show", "mnist", "--data-dir", "digits", "--columns", "3"], in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      lines.first
        == "MNIST, train: images of 28×28×1, mean 0.1307, std 0.3081")
    // Labels are 7n mod 10: the first five are 0, 7, 4, 1, 8, and these occur once more.
    #expect(lines.contains("  1  0             3  12.00%"))
    #expect(lines.contains("  3  2             2   8.00%"))
    #expect(lines.last == "written to mnist-train.png, a row for each class")
    // Another picture does not replace it.
    let other = try Program.run(
      "datasets", ["show", "mnist", "--data-dir", "digits", "--columns", "2"], in: scratch)
    #expect(other.output.hasSuffix("written to mnist-train-2.png, a row for each class\n"))
    // 10 rows of 28 pixels and 11 lines, 3 columns and 4 lines, enlarged four times.
    let header = try scratch.bytes("mnist-train.png")[16..<24]
    #expect(Array(header) == [0, 0, 1, 0x60, 0, 0, 4, 0x8C])

    let test = try Program.run(
      "datasets",
      ["show", "mnist", "--data-dir", "digits", "--split", "test", "--output", "x"],
      in: scratch)
    #expect(test.status == 0 && scratch.exists("x/mnist-test.png"))
    #expect(test.output.contains("     sum          12\n"))
  }

  @Test func showDrawsAugmentedImages() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(training: 25)
    func show(_ more: String...) throws -> Program.Outcome {
      try Program.run(
        "datasets",
        ["show", "mnist", "--data-dir", "digits", "--augment", " rotate(15)  mixup(0.2)"] + more,
        in: scratch)
    }
    let outcome = try show("--columns", "12", "--epochs", "3")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output
        == "MNIST, train: rotate(15) mixup(0.2), seed 1\n"
        + "written to mnist-train-augmented.png: originals in the first row, epochs 1 to 3 below\n")
    // 12 columns of 28 pixels and 13 lines, 4 rows and 5 lines, enlarged three times.
    let image = try scratch.bytes("mnist-train-augmented.png")
    #expect(Array(image[16..<24]) == [0, 0, 4, 0x17, 0, 0, 1, 0x5F])
    for (seed, isSame) in [("1", true), ("2", false)] {
      let again = try show(
        "--columns", "12", "--epochs", "3", "--seed", seed, "--output", seed)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try (scratch.bytes("\(seed)/mnist-train-augmented.png") == image) == isSame)
    }
  }

  /// Images and IDX files with the same pixels, labels and normalization give the same network.
  @Test func exportedImagesTrainToTheSameBits() throws {
    let scratch = try Scratch()
    let export = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", Self.sample, "--output", "images"],
      in: scratch)
    #expect(export.status == 0, "\(export.errors)")
    #expect(
      export.output
        == "images/train: 4,000 images of 10 classes\nimages/test: 1,000 images of 10 classes\n"
    )
    let arguments = [
      "--model", "fer-mnist", "--batch-size", "50", "--max-steps", "12", "--lr", "0.05", "--epochs",
      "1", "--sched", "constant", "--momentum", "0.9", "--weight-decay", "0.01", "--progress",
      "none", "--filters-every", "0", "--augment", "none",
    ]
    for (run, data) in [
      ("idx", ["--dataset", "mnist", "--data-dir", Self.sample]),
      (
        "png",
        [
          "--dataset", "folder", "--data-dir", "images", "--mean", "0.1307", "--std", "0.3081",
          "--threads", "1",
        ]
      ),
    ] {
      let outcome = try Program.run(
        "train", data + arguments + ["--run-dir", run], in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let name = "checkpoints/step-0000000012.safetensors"
    let idx = try CheckpointFile.read(scratch.path("idx/\(name)"))
    let png = try CheckpointFile.read(scratch.path("png/\(name)"))
    #expect(idx.tensors.count > 8)
    #expect(idx.tensors == png.tensors)
    #expect(idx.metadata["classes"] == png.metadata["classes"])
    #expect(png.metadata["dataset"] == "folder")
    // Loss and accuracy of steps, validation and test, to the last digit.
    let metrics = try scratch.text("idx/metrics.jsonl")
    #expect(metrics == (try scratch.text("png/metrics.jsonl")))
    #expect(metrics.contains("{\"kind\":\"test\""))

    let evaluation = try Program.run(
      "evaluate", ["png", "--split", "validation", "--json"], in: scratch)
    #expect(evaluation.status == 0, "\(evaluation.errors)")
    #expect(evaluation.output.contains("\"examples\":400"))
    let config = try scratch.text("png/config.yaml")
    #expect(config.contains("image-size: 28\n"))
    let again = try Program.run(
      "train", ["--recipe", "png/config.yaml", "--run-dir", "again"], in: scratch)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try scratch.bytes("again/\(name)") == scratch.bytes("png/\(name)"))
  }

  /// Resumed in the middle of an epoch of draws by class, with some of the data only.
  @Test func aFolderWithoutPartsResumesToTheBit() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(training: 60, test: 12)
    let export = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", "digits", "--output", "out"], in: scratch)
    #expect(export.status == 0, "\(export.errors)")
    let arguments = [
      "--dataset", "folder", "--data-dir", "out/train", "--arch",
      "conv(3,3) pool(2) relu fc(classes)",
      "--image-size", "12", "--batch-size", "8", "--val-split", "8", "--limit-train", "30",
      "--limit-test", "7", "--sampler", "weighted", "--epochs", "3", "--progress", "none",
      "--filters-every", "0", "--seed", "5",
    ]
    let whole = try Program.run("train", arguments + ["--run-dir", "whole"], in: scratch)
    #expect(whole.status == 0, "\(whole.errors)")
    // A fifth of the 60 images is for testing, 8 of the others are for validation, and 30 of the
    // rest are used.
    #expect(whole.output.contains("images of out/train: 30 examples to train on, 8 to validate"))
    #expect(whole.output.contains(" of 7 examples\n"))
    #expect(
      try Program.run("train", arguments + ["--run-dir", "part", "--max-steps", "6"], in: scratch)
        .status == 0)
    let rest = try Program.run(
      "train", ["--resume", "part", "--max-steps", "1000000", "--threads", "1"], in: scratch)
    #expect(rest.status == 0, "\(rest.errors)")
    let name = "checkpoints/step-0000000012.safetensors"
    #expect(try scratch.bytes("part/\(name)") == scratch.bytes("whole/\(name)"))
    #expect(try scratch.bytes("part/metrics.jsonl") == scratch.bytes("whole/metrics.jsonl"))
  }

  @Test func whatIsWrongIsTold() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try scratch.write([1], "full/file")
    let help = "See `swift run datasets --help`."
    for (arguments, status, message) in [
      (
        ["show", "mnist", "--columns", "0"], 2,
        "--columns: invalid value (found “0”, expected 1 to 100). \(help)"
      ),
      (
        ["show", "mnist", "--output", ""], 2,
        "--output: invalid value (found “”, expected a path). \(help)"
      ),
      (
        ["show", "mnist", "--augment", "flip", "--epochs", "0"], 2,
        "--epochs: invalid value (found “0”, expected 1 to 100). \(help)"
      ),
      (
        ["show", "mnist", "--data-dir", "digits", "--augment", "flip rotate(200)"], 2,
        "--augment: position 6, rotate(200): the angle is “200” "
          + "(expected a number from 0 to 180, in rotate(degrees))."
      ),
      (
        ["show", "mnist", "--data-dir", "digits", "--augment", "crop(30)"], 2,
        "--augment: the images are of 28×28 (found “translate(30,padding=zero)”, "
          + "expected distances below 28)."
      ),
      (
        ["show", "minst"], 2, "--dataset: invalid value (found “minst”, expected one of cifar10, …"
      ),
      (["show"], 2, "Missing expected argument '<name>'… \(help)"),
      (["show", "folder"], 2, "--data-dir: missing for --dataset folder (expected …). Name one."),
      (["verify", "kmnist"], 1, "kmnist: the data set is not on this computer (looked in …"),
      (["verify", "mnist", "--data-dir", "none"], 1, "none: no such folder. …"),
      (
        ["export", "mnist", "--output", ""], 2,
        "--output: invalid value (found “”, expected a path). \(help)"
      ),
      (
        ["export", "mnist", "--data-dir", "digits", "--output", "full"], 2,
        "full: the folder is not empty (expected a new or an empty one). Choose another --output."
      ),
      (
        ["export", "mnist", "--data-dir", "digits", "--output", "full/file/x"], 4,
        "full/file: cannot be written (File exists while creating it). …"
      ),
      (
        ["show", "mnist", "--data-dir", "digits", "--output", "full/file/x"], 4,
        "full/file: cannot be written (File exists while creating it). …"
      ),
    ] as [([String], Int32, String)] {
      try Program.run("datasets", arguments, in: scratch).expectFailure(status, message)
    }
  }
}
