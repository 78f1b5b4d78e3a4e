import Foundation
import Layers
import Testing

/// Mistakes of the user cause a message of one line and the right exit code. Nothing is lost or
/// left behind.
@Suite struct BadInputTests {
  struct Mistake: CustomStringConvertible {
    let arguments: [String]
    let status: Int32
    /// The text after `error: `; `…` stands for any text.
    let message: String
    var description: String { arguments.joined(separator: " ") }

    init(_ arguments: String..., status: Int32 = 2, says message: String) {
      self.arguments = arguments
      self.status = status
      self.message = message
    }

    func matches(_ line: String) -> Bool {
      let parts = "error: \(message)".components(separatedBy: "…")
      guard parts.count > 1 else { return line == parts[0] }
      var rest = line[...]
      guard rest.hasPrefix(parts[0]) else { return false }
      for part in parts {
        guard let range = rest.range(of: part) else { return part.isEmpty }
        rest = rest[range.upperBound...]
      }
      return parts.last!.isEmpty || line.hasSuffix(parts.last!)
    }
  }

  static let number = "a whole number from"

  static let usage: [Mistake] = [
    .init("--foo", says: "Unknown option '--foo'.… See `swift run train --help`."),
    .init("extra", says: "Unexpected argument 'extra'. See `swift run train --help`."),
    .init("--lr", says: "Missing value for '--lr <lr>'. See `swift run train --help`."),
    .init(
      "--model", "fer-mnist", "--arch", "relu",
      says: "--model and --arch exclude each other. See `swift run train --help`."),
    .init(
      "--resume", "x", "--init", "y",
      says: "--init and --resume exclude each other. See `swift run train --help`."),
    .init(
      "--resume", "x", "--recipe", "y",
      says: "--recipe and --resume exclude each other. See `swift run train --help`."),
    .init(
      "--dataset", "minst",
      says:
        "--dataset: invalid value (found “minst”, expected one of cifar10, cifar100, "
        + "cifar100-coarse, emnist-balanced, emnist-byclass, emnist-bymerge, emnist-digits, "
        + "emnist-letters, emnist-mnist, fashion-mnist, kmnist, mnist, folder)."),
    .init(
      "--image-size", "32",
      says: "--image-size: mnist has images of one size (found “32”, "
        + "expected it with --dataset folder only)."),
    .init(
      "--image-size", "0",
      says: "--image-size: invalid value (found “0”, expected \(number) 1 to 1024)."),
    .init(
      "--limit-train", "0",
      says: "--limit-train: invalid value (found “0”, expected \(number) 1 to 1000000000)."),
    .init(
      "--limit-test", "x",
      says: "--limit-test: invalid value (found “x”, expected \(number) 1 to 1000000000)."),
    .init(
      "--init-scheme", "zeros",
      says: "--init-scheme: invalid value (found “zeros”, expected one of he, pytorch, dirac)."),
    .init(
      "--sampler", "random",
      says: "--sampler: invalid value (found “random”, expected one of uniform, weighted)."),
    .init(
      "--sampler", "weighted", "--no-shuffle",
      says: "--sampler: it draws at random, and --no-shuffle asks for the files' order "
        + "(found “weighted”, expected one of the two)."),
    .init(
      "--class-weights", "1,0",
      says: "--class-weights: invalid value (found “1,0”, "
        + "expected auto, or a number above 0 for each class, such as 1,2.5,1)."),
    .init(
      "--class-weights", "1,2",
      says: "--class-weights: 2 weights for 10 classes (found “1.0,2.0”, "
        + "expected auto, or a number above 0 for each class, such as 1,2.5,1)."),
    .init(
      "--class-weights", "auto", "--loss", "hinge",
      says: "--class-weights: only cross-entropy weighs classes "
        + "(found “auto”, expected --loss cross-entropy)."),
    .init(
      "--model", "lenet",
      says: "--model: invalid value (found “lenet”, "
        + "expected one of fer-mnist, fer-cifar, lenet5, pytorch-mnist, pytorch-mnist-dropout, "
        + "mnist-small, autoencoder, cdeotte, signal-cnn, vgg-small, airbench93, airbench94, "
        + "airbench95, airbench96, resnet9)."),
    .init(
      "--arch", "conv(3,3) drop fc(10)",
      says: "--arch: position 11, drop: there is no layer “drop” "
        + "(expected \(LayerRegistry.expectedWords))."),
    .init(
      "--arch", "conv(3,40,padding=valid) fc(10)",
      says: "--arch: position 1, conv(3,40,padding=valid): it cannot take an input of 28×28×1 "
        + "(expected an image of at least the kernel 40×40, padding valid)."),
    .init(
      "--arch", "conv(3,3) fc(9)",
      says: "--arch: position 11, fc(9): it gives 9 values for 10 classes "
        + "(expected fc(10) as the last layer)."),
    .init(
      "--model", "fer-mnist", "--epochs", "0",
      says: "--epochs: invalid value (found “0”, expected a number above 0)."),
    .init(
      "--epochs", "nan", says: "--epochs: invalid value (found “nan”, expected a number above 0)."),
    .init(
      "--max-steps", "0",
      says: "--max-steps: invalid value (found “0”, expected \(number) 1 to 1000000000)."),
    .init(
      "--batch-size", "1e3",
      says: "--batch-size: invalid value (found “1e3”, expected \(number) 1 to 65536)."),
    .init(
      "--batch-size", "65537",
      says: "--batch-size: invalid value (found “65537”, expected \(number) 1 to 65536)."),
    .init(
      "--accumulate", "-1",
      says: "--accumulate: invalid value (found “-1”, expected \(number) 1 to 65536)."),
    .init(
      "--seed", "-1",
      says: "--seed: invalid value (found “-1”, expected \(number) 0 to 18446744073709551615)."),
    .init("--lr", "-1", says: "--lr: invalid value (found “-1”, expected a number from 0 up)."),
    .init("--lr", "inf", says: "--lr: invalid value (found “inf”, expected a number from 0 up)."),
    .init(
      "--sched", "steps(3:1,2:1)",
      says: "--sched: invalid value (found “steps(3:1,2:1)”, "
        + "expected steps(1:0.1,3:0.01))."),
    .init(
      "--momentum", "1",
      says: "--momentum: invalid value (found “1”, expected a number from 0 to below 1)."),
    .init(
      "--weight-decay", "x",
      says: "--weight-decay: invalid value (found “x”, expected a number from 0 up)."),
    .init(
      "--weight-decay-on", "some",
      says: "--weight-decay-on: invalid value (found “some”, "
        + "expected all, weights, hidden, or parameters such as conv1.weight,fc1.weight)."),
    .init(
      "--arch", "fc(10)", "--weight-decay-on", "fc2.weight",
      says: "--weight-decay-on: invalid value (found “fc2.weight”, "
        + "expected all, weights, hidden, or some of fc1.weight, fc1.bias)."),
    .init(
      "--val-split", "60",
      says: "--val-split: invalid value (found “60”, "
        + "expected a number from 0 to 50, as at least one of each class must be left to train on, "
        + "10 of 60)."
    ),
    .init(
      "--mean", "1,2", says: "--mean: invalid value (found “1.0,2.0”, expected 1 number)."),
    .init(
      "--mean", "x",
      says: "--mean: invalid value (found “x”, "
        + "expected a number for all channels or one for each, such as 0.5 or 0.4,0.5,0.4)."),
    .init(
      "--std", "0",
      says: "--std: invalid value (found “0”, "
        + "expected a number above 0 for all channels or one for each)."),
    .init(
      "--threads", "0", says: "--threads: invalid value (found “0”, expected \(number) 1 to 256)."),
    .init(
      "--kernels", "sse", says: "--kernels: invalid value (found “sse”, expected one of … here)."),
    .init(
      "--log-every", "0",
      says: "--log-every: invalid value (found “0”, expected \(number) 1 to 1000000)."),
    .init(
      "--filters-every", "-1",
      says: "--filters-every: invalid value (found “-1”, expected \(number) 0 to 1000000)."),
    .init(
      "--progress", "loud",
      says: "The value 'loud' is invalid for '--progress <progress>'. Please provide one of "
        + "'auto', 'bar', 'plain', 'dashboard' or 'none'. See `swift run train --help`."),
    .init("--recipe", "none.yaml", says: "none.yaml: no such file. Give the path of a YAML file."),
    .init(
      "--recipe", "list.yaml",
      says: "list.yaml: the file is no mapping of settings. Write lines `name: value`."),
    .init(
      "--recipe", "broken.yaml", says: "broken.yaml: the file is not YAML (…). Write `name: value`."
    ),
    .init(
      "--recipe", "unknown.yaml",
      says: "unknown.yaml: there is no setting “learning-rate” (expected some of dataset, …)."),
    .init("--recipe", "twice.yaml", says: "twice.yaml: …"),
    .init(
      "--recipe", "nested.yaml",
      says: "nested.yaml: “lr” has no plain value. Write `name: value`."),
    .init(
      "--recipe", "latin.yaml", says: "latin.yaml: the file is not UTF-8 text. Save it as UTF-8."),
    .init(
      "--recipe", "value.yaml",
      says: "--lr: invalid value (found “fast”, expected a number from 0 up)."),
    .init(
      "--recipe", "digits",
      says: "digits: is a directory (expected a file). Give the path of a YAML file."),
  ]

  func prepare() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let recipes: [(String, String)] = [
      ("list.yaml", "- a\n- b\n"), ("broken.yaml", "lr: [1\n"),
      ("unknown.yaml", "learning-rate: 1\n"),
      ("twice.yaml", "lr: 1\nlr: 2\n"), ("nested.yaml", "lr:\n  a: 1\n"),
      ("value.yaml", "lr: fast\n"),
    ]
    for (name, text) in recipes { try scratch.write(Array(text.utf8), name) }
    try scratch.write([0x6C, 0x72, 0x3A, 0x20, 0xE9, 0x0A], "latin.yaml")
    return scratch
  }

  /// Expects one line, the exit code, no standard output, and no run directory.
  func check(_ mistake: Mistake, _ outcome: Program.Outcome, _ scratch: Scratch) {
    #expect(outcome.status == mistake.status, "\(mistake): \(outcome.errors)")
    let lines = outcome.errorLines
    #expect(lines.count == 1, "\(mistake): \(outcome.errors)")
    #expect(mistake.matches(lines.first ?? ""), "\(mistake): \(lines.first ?? "")")
    #expect(outcome.output.isEmpty, "\(mistake): \(outcome.output)")
    #expect(!scratch.exists("run") && !scratch.exists("runs"), "\(mistake)")
  }

  @Test func usageErrorsAreOneLine() throws {
    let scratch = try prepare()
    for mistake in Self.usage {
      let takesPlace = mistake.arguments.contains("--resume") || mistake.arguments == ["--lr"]
      let place = takesPlace ? [] : ["--run-dir", "run"]
      let outcome = try Program.run(
        "train", ["--data-dir", "digits"] + mistake.arguments + place, in: scratch)
      check(mistake, outcome, scratch)
    }
  }

  @Test func runDirectoryErrorsAreOneLine() throws {
    let scratch = try prepare()
    #expect(try Program.run("train", tinyRun("good", "--epochs", "2"), in: scratch).status == 0)
    let before = try scratch.bytes("good/metrics.jsonl")

    let full = try Program.run("train", tinyRun("good"), in: scratch)
    #expect(full.status == 2)
    #expect(
      full.errorLines == [
        "error: good: the directory is not empty (expected a new or an empty one). "
          + "Go on with its run by --resume good, or choose another --run-dir."
      ])
    #expect(try scratch.bytes("good/metrics.jsonl") == before)

    for (arguments, message) in [
      (
        ["--lr", "0.5"],
        "good: the run cannot go on with other settings: --lr was 0.02 and is now 0.5. …"
      ),
      (["--seed", "3", "--no-shuffle"], "good: …--shuffle was true and is now false; --seed…"),
      (
        ["--arch", "fc(classes)"],
        "good: …--arch was conv(3,3) pool(2) relu fc(classes) and is now…"
      ),
    ] {
      let mistake = Mistake("--resume", says: message)
      let outcome = try Program.run("train", ["--resume", "good"] + arguments, in: scratch)
      check(mistake, outcome, scratch)
    }
    let none = try Program.run("train", ["--resume", "digits"], in: scratch)
    #expect(none.status == 1 && none.errorLines.count == 1)
    #expect(none.errorLines.first?.contains("digits: no run lives here") == true)

    // Other data under the same name.
    try scratch.makeDigits("other", training: 61)
    let data = try Program.run(
      "train", ["--resume", "good", "--data-dir", "other"], in: scratch)
    #expect(data.status == 1 && data.errorLines.count == 1)
    #expect(data.errorLines.first?.contains("was trained on other data") == true, "\(data.errors)")
    #expect(try scratch.bytes("good/metrics.jsonl") == before)

    try scratch.write([1], "file")
    let blocked = try Program.run("train", tinyRun("file/run"), in: scratch)
    #expect(blocked.status == 4 && blocked.errorLines.count == 1, "\(blocked.errors)")
  }
}
