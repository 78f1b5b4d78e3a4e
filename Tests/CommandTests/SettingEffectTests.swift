import Testing

@testable import Checkpoints
@testable import Training

/// No setting is ignored in silence: each changes the results of a run that it is given to, or is one of
/// those that must not, or is refused or told.
@Suite struct SettingEffectTests {
  private enum Effect: Equatable {
    case results, none
    case refused(String)
  }

  /// The run that one setting at a time is changed in.
  private static let base = [
    "arch": "conv(3,3) relu pool(4) fc(classes)", "batch-size": "8", "epochs": "2",
    "val-split": "10", "weight-decay": "0.01", "threads": "1", "filters-every": "0",
    "kernels": "portable",
  ]

  /// Settings whose effect needs more epochs: the base run is repeated with these.
  private static let longer: Set<String> = ["patience", "keep"]

  private static let effects: [String: (value: String, effect: Effect)] = [
    "dataset": ("fashion-mnist", .results),
    "image-size": ("20", .refused("--image-size: mnist has images of one size (found “20”, …")),
    "background": (
      "black", .refused("--background: mnist has no such images (found “0”, …")
    ),
    "skip-unreadable": (
      "", .refused("--skip-unreadable: mnist has no such images (found “true”, …")
    ),
    "model": ("lenet5", .results), "arch": ("conv(2,3) pool(4) fc(classes)", .results),
    "decoder": (
      "bilinear", .refused("--decoder: the network has no choice of decoders (found “bilinear”, …")
    ),
    "epochs": ("1", .results), "batch-size": ("16", .results), "accumulate": ("2", .results),
    "seed": ("2", .results), "lr": ("0.01", .results), "lr-factor": ("conv1=0.5", .results),
    "warmup": ("3steps", .results), "lookahead": ("every=2,decay=0.5", .results),
    "ema": ("0.9", .results), "swa": ("1", .results), "patience": ("1", .results),
    "keep": ("best", .results),
    "proxy": (
      "fc(classes)",
      .refused("--proxy: it needs --hardest, too (found “fc(classes)”, expected both or none).")
    ),
    "hardest": (
      "keep=2",
      .refused("--hardest: it needs --proxy, too (found “keep=2”, expected both or none).")
    ),
    "sched": ("linear", .results), "loss": ("hinge", .results), "smoothing": ("0.1", .results),
    "opt": ("adam", .results), "groups": ("fc bias: lr=x2, wd=0.5", .results),
    "decoupled-weight-decay": ("", .results), "clip-norm": ("0.01", .results),
    "clip-value": ("0.001", .results),
    "betas": ("0.5,0.9", .refused("--betas: sgd does not read it (found “0.5,0.9”, …")),
    "eps": ("0.1", .refused("--eps: sgd does not read it (found “0.1”, …")),
    "alpha": ("0.5", .refused("--alpha: sgd does not read it (found “0.5”, …")),
    "muon-rest": ("adamw", .refused("--muon-rest: sgd does not read it (found “adamw”, …")),
    "muon-coefficients": (
      "3,-3,1", .refused("--muon-coefficients: sgd does not read it (found “3,-3,1”, …")
    ),
    "muon-rescale": ("never", .refused("--muon-rescale: sgd does not read it (found “never”, …")),
    "momentum": ("0.5", .results), "nesterov": ("", .results), "weight-decay": ("0.1", .results),
    "weight-decay-on": ("all", .results), "val-split": ("20", .results),
    "limit-train": ("20", .results), "limit-test": ("5", .results),
    "overfit-batches": ("2", .results),
    "sampler": ("weighted", .results), "class-weights": ("1,2,1,1,1,1,1,1,1,3", .results),
    "augment": ("translate(1)", .results), "mean": ("0", .results), "std": ("1", .results),
    "shuffle": ("", .results), "freeze": ("conv1", .results), "init-scheme": ("pytorch", .results),
    "head-std": ("1", .results), "whiten": ("20", .results),
    "train-for": ("conv1.bias=1", .results),
    "image-sizes": (
      "14:1 28:1",
      .refused("--image-sizes: fc1 takes images of one size only (found “14”, expected a network…")
    ),
    "drop-last": ("", .results), "loss-reduction": ("sum", .results), "tta": ("mirror", .results),
    "conv-algorithm": ("circulant", .results), "data-dir": ("copy", .none),
    "init": ("values.safetensors", .results),
    "init-layout": (
      "mlx", .refused("--init-layout: there is no file of initial values (found “mlx”, …")
    ),
    "max-steps": ("5", .results), "threads": ("2", .none), "kernels": ("", .none),
    "log-every": ("1", .none), "filters-every": ("1", .none), "checkpoint-every": ("2", .none),
    "tensorboard": ("", .none),
  ]

  /// Arguments of the base run, with `key` set to `value`.
  func arguments(_ run: String, _ key: String? = nil, _ value: String = "") -> [String] {
    var settings = Self.base
    settings["data-dir"] = "digits"
    if run == "longer" || Self.longer.contains(key ?? "") { settings["epochs"] = "6" }
    if key == "model" { settings["arch"] = nil }
    if let key { settings[key] = value }
    if key == "kernels" { settings["kernels"] = nil }
    return settings.sorted { $0.key < $1.key }.flatMap { key, value in
      ["--\(Configuration.setting(key)?.flagName ?? key)"] + (value.isEmpty ? [] : [value])
    } + ["--run-dir", run, "--progress", key == "log-every" ? "plain" : "none"]
  }

  /// The file name of the run's last checkpoint.
  private func lastCheckpoint(_ run: String, in scratch: Scratch) throws -> String {
    try #require(scratch.names("\(run)/checkpoints").filter { $0.hasPrefix("step-") }.last)
  }

  /// The metrics and the values of the last checkpoint, of all tensors.
  func results(_ run: String, in scratch: Scratch) throws -> String {
    let name = try lastCheckpoint(run, in: scratch)
    let tensors = try CheckpointFile.read(scratch.path("\(run)/checkpoints/\(name)")).tensors
    return try scratch.text("\(run)/metrics.jsonl")
      + tensors.map { "\($0.name) \($0.values.map(\.bitPattern))\n" }.joined()
  }

  @Test func everySettingChangesResultsOrIsTold() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try scratch.makeDigits("copy")
    let values = try Program.run("train", arguments("values", "seed", "9"), in: scratch)
    try #require(values.status == 0, "\(values.errors)")
    try scratch.write(
      try scratch.bytes("values/checkpoints/\(try lastCheckpoint("values", in: scratch))"),
      "values.safetensors")
    #expect(try Program.run("train", arguments("base"), in: scratch).status == 0)
    let base = try results("base", in: scratch)
    #expect(try Program.run("train", arguments("longer"), in: scratch).status == 0)
    let longer = try results("longer", in: scratch)

    for setting in Configuration.settings {
      let key = setting.key
      let (value, effect) = try #require(Self.effects[key], "\(key): say what it changes")
      let outcome = try Program.run("train", arguments(key, key, value), in: scratch)
      if case .refused(let message) = effect {
        outcome.expectFailure(2, message)
        continue
      }
      #expect(outcome.status == 0, "\(key): \(outcome.errors)")
      #expect(!outcome.errors.contains("changes nothing"), "\(key): \(outcome.errors)")
      let changed =
        try results(key, in: scratch) != (Self.longer.contains(key) ? longer : base)
      #expect(changed == (effect == .results), "\(key)")
      #expect(setting.changesResults || effect == .none || ["init", "max-steps"].contains(key))
    }
  }

  private static let idle: [(settings: [String], key: String, reason: String)] = [
    (
      ["--weight-decay", "0", "--weight-decay-on", "all"], "weight-decay-on",
      "the weight decay is 0"
    ),
    (
      ["--arch", "fc(classes)", "--weight-decay", "1", "--weight-decay-on", "hidden"],
      "weight-decay", "--weight-decay-on hidden selects no trained parameter"
    ),
    (["--lr-factor", "conv1=1"], "lr-factor", "all factors are 1"),
    (["--groups", "bias: wd=0"], "groups", "all parameters have these values without it"),
    (
      ["--momentum", "0.5", "--groups", "all: momentum=0"], "momentum",
      "--groups gives the momentum of all parameters"
    ),
    (
      ["--weight-decay", "0", "--decoupled-weight-decay"], "decoupled-weight-decay",
      "the weight decay is 0"
    ),
    (
      [
        "--opt", "muon", "--arch", "conv(4,3,bias=no) relu pool(4) fc(classes,bias=no)",
        "--groups", "weight: muon=yes", "--muon-rest", "adamw",
      ], "muon-rest", "Muon updates all parameters"
    ),
    (
      ["--batch-size", "50", "--accumulate", "2"], "accumulate",
      "one batch has all 50 training examples"
    ),
    (
      ["--batch-size", "100"], "batch-size", "every step takes all 50 training examples"
    ),
    (["--limit-train", "50"], "limit-train", "there are 50 examples to train on"),
    (["--limit-test", "12"], "limit-test", "there are 12 examples to test with"),
    (
      ["--overfit-batches", "1", "--limit-test", "5"], "limit-test",
      "--overfit-batches does not test"
    ),
    (
      ["--overfit-batches", "1", "--tta", "mirror"], "tta", "--overfit-batches does not test"
    ),
    (["--max-steps", "14"], "max-steps", "all epochs have 14 steps"),
    (
      ["--max-steps", "5", "--sched", "constant"], "epochs",
      "--max-steps ends it before, and the schedule does not depend on the epochs"
    ),
    (
      ["--sched", "steps(3:0.1)"], "sched", "its first step, in epoch 3, comes after the end"
    ),
    (
      ["--sched", "plateau(patience=1)"], "sched",
      "the run ends before its patience of 1 epochs"
    ),
    (["--warmup", "0.01"], "warmup", "it is shorter than half a step"),
    (["--swa", "3"], "swa", "the run ends before epoch 3 does"),
    (
      ["--patience", "1"], "patience",
      "the run ends before 1 epochs without a better validation"
    ),
    (
      ["--class-weights", "2,2,2,2,2,2,2,2,2,2"], "class-weights", "all classes weigh the same"
    ),
    (
      ["--arch", "conv(2,3,bias=no,frozen=yes) fc(classes)", "--freeze", "conv1"], "freeze",
      "the network's notation freezes these layers already"
    ),
    (
      ["--init", "values.safetensors", "--init-scheme", "pytorch"], "init-scheme",
      "--init gives all initial values"
    ),
    (["--train-for", "conv1.bias=2"], "train-for", "the run ends before"),
    (
      ["--arch", "conv(2,3) globalmax fc(classes)", "--image-sizes", "28:1"], "image-sizes",
      "the images have this size"
    ),
    (["--batch-size", "10", "--drop-last"], "drop-last", "every step has 10 examples"),
    (
      ["--arch", "fc(classes)", "--conv-algorithm", "im2row"], "conv-algorithm",
      "the network has no convolutions"
    ),
    (
      ["--arch", "fc(classes)", "--filters-every", "2"], "filters-every",
      "the network has no filters to draw"
    ),
  ]

  @Test func aSettingWithoutEffectIsTold() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let values = try Program.run("train", arguments("values"), in: scratch)
    try #require(values.status == 0, "\(values.errors)")
    try scratch.write(
      try scratch.bytes("values/checkpoints/\(try lastCheckpoint("values", in: scratch))"),
      "values.safetensors")
    for (number, (settings, key, reason)) in Self.idle.enumerated() {
      let outcome = try Program.run("train", arguments("\(number)") + settings, in: scratch)
      #expect(outcome.status == 0, "\(settings): \(outcome.errors)")
      #expect(
        outcome.errors.contains("warning: --\(key) changes nothing in this run: \(reason).\n"),
        "\(settings): \(outcome.errors)")
      // The recorded settings alone give the same results.
      let isTested = !settings.contains("--overfit-batches")
      #expect(outcome.output.contains("test: ") == isTested, "\(settings)")
    }
  }
}
