import Datasets
import Foundation
import Reports
import Testing

/// `predict` with a network that was trained for a moment on a few digits of MNIST's sample.
@Suite struct PredictCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    let export = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", Self.sample, "--output", "digits"], in: scratch)
    try #require(export.status == 0, "\(export.errors)")
    let training = try Program.run(
      "train",
      [
        "--data-dir", Self.sample, "--arch", "conv(4,5) relu pool(4) fc(classes)", "--max-steps",
        "150", "--run-dir", "run", "--progress", "none", "--filters-every", "0",
      ], in: scratch)
    try #require(training.status == 0, "\(training.errors)")
  }

  private static let sample = Program.packageFolder.appending(path: "data/mnist-sample")
    .path(percentEncoded: false)

  private func predict(_ arguments: String..., shell: String? = nil) throws -> Program.Outcome {
    try Program.run("predict", ["run"] + arguments, shell: shell, in: scratch)
  }

  private func json(_ outcome: Program.Outcome) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require((object as? [String: Any])?["images"] as? [[String: Any]])
  }

  /// The share of images whose class is the name of their folder.
  private func accuracy(_ images: [[String: Any]]) -> Double {
    let right = images.filter { image in
      let parts = (image["image"] as? String ?? "").split(separator: "/")
      return parts.count > 1 && parts[parts.count - 2] == (image["class"] as? String ?? "")
    }
    return Double(right.count) / Double(images.count)
  }

  @Test func aFolderIsPredictedAsByEvaluate() throws {
    let outcome = try predict("digits/test", "--json")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let images = try json(outcome)
    #expect(images.count == 1000)
    #expect(images[0]["image"] as? String == "digits/test/0/00000.png")
    let evaluation = try Program.run("evaluate", ["run", "--json"], in: scratch)
    let report = try JSONSerialization.jsonObject(with: Data(evaluation.output.utf8))
    let expected = try #require((report as? [String: Any])?["accuracy"] as? Double)
    #expect(abs(accuracy(images) - expected) < 1e-9)
    for image in images.prefix(20) {
      let top = try #require(image["top"] as? [[String: Any]])
      let values = top.compactMap { $0["probability"] as? Double }
      #expect(top.count == 3 && values == values.sorted(by: >))
      #expect(image["unsure"] as? Bool == (values[0] < 0.5))
    }
    for threads in ["1", "3"] {
      #expect(try predict("digits/test", "--json", "--threads", threads).output == outcome.output)
    }
  }

  /// Folded batch normalization changes rounding, and `--exact` does not fold.
  @Test func batchNormalizationIsFolded() throws {
    let training = try Program.run(
      "train",
      [
        "--data-dir", Self.sample, "--arch", "conv(6,5,bias=no) bn relu pool(4) fc(classes)",
        "--max-steps", "60", "--run-dir", "normalized", "--progress", "none", "--filters-every",
        "0",
      ], in: scratch)
    try #require(training.status == 0, "\(training.errors)")
    let outcomes = try [[], ["--exact"]].map { flags in
      try Program.run(
        "predict", ["normalized", "digits/test/5", "--json", "--top", "10"] + flags, in: scratch)
    }
    #expect(outcomes.allSatisfy { $0.status == 0 && $0.errors.isEmpty })
    #expect(outcomes[0].output != outcomes[1].output)
    for (folded, exact) in zip(try json(outcomes[0]), try json(outcomes[1])) {
      #expect(folded["class"] as? String == exact["class"] as? String)
      let probabilities = [folded, exact].compactMap { $0["probability"] as? Double }
      #expect(probabilities.count == 2 && abs(probabilities[0] - probabilities[1]) < 1e-5)
    }
    let idle = try predict("digits/test/5", "--exact", "--json")
    #expect(
      idle.errors
        == "warning: --exact changes nothing: there is no batch normalization to fold, and inference uses "
        + "training's algorithms of convolutions.\n")
    #expect(try predict("digits/test/5", "--json").output == idle.output)
  }

  @Test func unreadableImagesMayBeLeftOut() throws {
    try scratch.write(Array("<html>".utf8), "mixed/page.png")
    let digit = try scratch.bytes("digits/test/4/00004.png")
    try scratch.write(digit, "mixed/4.png")
    let refused = try predict("mixed", "--json")
    #expect(refused.status == 1 && refused.errors.hasPrefix("error: mixed/page.png: "))
    let skipping = try predict("mixed", "--json", "--skip-unreadable")
    #expect(skipping.status == 0 && skipping.output == refused.output)
    #expect(skipping.errors == refused.errors.replacing("error: ", with: "warning: "))
    let none = try predict("mixed/page.png", "--skip-unreadable")
    #expect(
      none.status == 1
        && none.errors.hasSuffix(
          "error: no image can be read (found 1 that cannot, expected at least 1 that can). "
            + "See the warnings above.\n"),
      "\(none.errors)")
  }

  @Test func tableAndCSVShowTheSame() throws {
    let csv = try predict("digits/test/4/00004.png", "--csv", "--top", "2")
    let lines = csv.output.split(separator: "\n")
    #expect(lines[0] == "image,unsure,class,probability,class2,probability2")
    let fields = lines[1].split(separator: ",")
    #expect(fields.count == 6 && fields[0] == "digits/test/4/00004.png")
    let table = try predict("digits/test/4/00004.png", "--top", "2", "--threshold", "0")
    #expect(table.status == 0)
    let row = table.output.split(separator: "\n")[2].split(separator: " ")
    #expect(row[0] == fields[0] && row[1] == fields[2] && row[3] == fields[4])
    // With a threshold of 1 every image is marked.
    let marked = try predict("digits/test/4", "--threshold", "1")
    #expect(marked.output.contains("unsure\n"))
    #expect(marked.output.contains("100 of 100 images may be unlike the training data"))
    let calibrated = try predict("digits/test/4", "--threshold", "auto", "--json")
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    #expect(!calibrated.output.contains("\"threshold\":0.5"))
  }

  @Test func standardInputIsAnImage() throws {
    let file = try predict("digits/test/8/00008.png", "--csv")
    let piped = try predict(
      "-", "--csv", shell: "cat digits/test/8/00008.png | \"$@\"")
    #expect(piped.status == 0, "\(piped.errors)")
    #expect(piped.output == file.output.replacing("digits/test/8/00008.png", with: "-"))
    try predict("-").expectFailure(
      1, "standard input: the file is empty. Give an image.")
    try predict("-", shell: "echo text | \"$@\"").expectFailure(
      1,
      "standard input: not an image that is read (found text, expected a PNG or JPEG image). "
        + "Convert it, or remove it.")
  }

  @Test func unreadableImagesAreToldAndTheOthersPredicted() throws {
    try FileManager.default.copyItem(
      atPath: scratch.path("digits/test/1"), toPath: scratch.path("mine"))
    try scratch.write([1], "mine/notes.txt")
    try scratch.write(Array("<html>".utf8), "mine/page.jpg")
    let outcome = try predict("mine", "nosuch.png", "--json")
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLines == [
        "error: mine/page.jpg: not an image that is read (found an HTML page, expected a PNG or JPEG "
          + "image). Convert it, or remove it.",
        "error: nosuch.png: no such file. Check the path.",
      ])
    let passedOver = "warning: mine: 1 file is passed over, whose name does not end in"
    #expect(outcome.errors.contains(passedOver))
    let images = try json(outcome)
    #expect(images.count == 102 && images.filter { $0["error"] != nil }.count == 2)
  }

  /// Digits as dark ink at the edge of a large white sheet.
  @Test func digitsOnPaperArePrepared() throws {
    for number in 0..<40 {
      let digit = number % 10
      let name = "digits/test/\(digit)/\(String(100_000 + number).dropFirst()).png"
      try scratch.write(
        try Paper.sheet(with: scratch.bytes(name)), "paper/\(digit)/\(number).png")
    }
    let outcome = try predict("paper", "--json")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors
        == "warning: 40 of 40 images are dark on bright, unlike the training data: they were inverted, "
        + "cropped and centered as the images of MNIST. --prepare none takes them as they are.\n")
    #expect(accuracy(try json(outcome)) > 0.8)
    #expect(try json(outcome).allSatisfy { $0["prepared"] as? Bool == true })
    let plain = try predict("paper", "--json", "--prepare", "none")
    #expect(plain.errors.isEmpty)
    #expect(accuracy(try json(plain)) < 0.5)
    let asked = try predict("paper", "--json", "--prepare", "mnist")
    #expect(asked.errors.isEmpty && asked.output == outcome.output)
  }

  @Test func mistakesAreOneLine() throws {
    // The library that parses command lines writes this one.
    let missing = try predict()
    #expect(missing.status == 2 && missing.errorLines.count == 1, "\(missing.errors)")
    try predict("digits", "--top", "0").expectFailure(2, "--top: invalid value (found “0”, …")
    try predict("digits", "--json", "--csv").expectFailure(2, "--json: not with --csv. …")
    try predict("digits", "--threshold", "2").expectFailure(2, "The value '2' is invalid for …")
    try scratch.write([1], "empty/readme")
    let empty = try predict("empty")
    #expect(empty.status == 1)
    #expect(
      empty.errorLines == [
        "error: empty: no images (found 0 PNG or JPEG files, expected at least 1)."
      ])
    try Program.run("predict", ["gone", "digits"], in: scratch).expectFailure(1, "gone: …")
  }

  @Test func otherNetworksAreToldOrServed() throws {
    try scratch.write(
      Scratch.records(20, labels: 1), "cifar/test_batch.bin")
    for number in 1...5 {
      try scratch.write(Scratch.records(20, labels: 1), "cifar/data_batch_\(number).bin")
    }
    let training = try Program.run(
      "train",
      [
        "--dataset", "cifar10", "--data-dir", "cifar", "--arch", "pool(8) fc(classes)",
        "--max-steps", "1", "--run-dir", "color", "--progress", "none",
      ], in: scratch)
    try #require(training.status == 0, "\(training.errors)")
    let outcome = try Program.run(
      "predict", ["color", "digits/test/1", "--top", "20", "--prepare", "none"], in: scratch)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors
        == "warning: --prepare changes nothing: the network was not trained on MNIST or "
        + "EMNIST.\nwarning: --top: the network has 10 classes only.\n")
    try Program.run("predict", ["color", "digits", "--prepare", "mnist"], in: scratch)
      .expectFailure(
        2,
        "--prepare: digits are gray squares (found “mnist” and a network for 32×32×3, expected none)."
      )
    let coder = try Program.run(
      "train",
      [
        "--data-dir", Self.sample, "--model", "autoencoder", "--max-steps", "1", "--run-dir",
        "coder", "--progress", "none", "--filters-every", "0",
      ], in: scratch)
    try #require(coder.status == 0, "\(coder.errors)")
    try Program.run("predict", ["coder", "digits"], in: scratch).expectFailure(
      1, "coder/checkpoints/step-0000000001.safetensors: an autoencoder, which gives images (…")
  }
}

/// Sheets of paper for the tests.
private enum Paper {
  /// A white sheet of 120×90 pixels with the digit of a PNG file in dark ink, at twice its size.
  static func sheet(with file: [UInt8]) throws -> [UInt8] {
    let digit = try ImageReader.image(file)
    var pixels = [UInt8](repeating: 240, count: 120 * 90)
    for y in 0..<56 {
      for x in 0..<56 {
        pixels[(30 + y) * 120 + 4 + x] = 240 - digit.pixels[y / 2 * 28 + x / 2] / 5 * 4
      }
    }
    return try PNG.encode(
      Raster(width: 120, height: 90, channels: 1, pixels: pixels))
  }
}
