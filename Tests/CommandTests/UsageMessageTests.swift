import Testing

/// Values at the limits of flags: one line, exit code 2, no output files.
@Suite struct UsageMessageTests {
  private static let help = "See `swift run train --help`."
  private static let cases: [(arguments: [String], message: String)] = [
    (["--run-dir", ""], "--run-dir: invalid value (found “”, expected a path). \(help)"),
    (["--resume", ""], "--resume: invalid value (found “”, expected a path). \(help)"),
    (
      ["--resume", "x", "--run-dir", "y"],
      "--run-dir and --resume exclude each other. \(help)"
    ),
    (["--data-dir", ""], "--data-dir: invalid value (found “”, expected some text)."),
    (["--init", ""], "--init: invalid value (found “”, expected some text)."),
    (
      ["--mean", "1e300"],
      "--mean: invalid value (found “1e300”, "
        + "expected a number for all channels or one for each, such as 0.5 or 0.4,0.5,0.4)."
    ),
    (
      ["--std", "1e-300"],
      "--std: invalid value (found “1e-300”, "
        + "expected a number above 0 for all channels or one for each)."
    ),
    (["--std", "1,1"], "--std: invalid value (found “1.0,1.0”, expected 1 number)."),
    (
      ["--epochs", "1000001"],
      "--epochs: invalid value (found “1000001”, expected a number above 0)."
    ),
    (
      ["--seed", "18446744073709551616"],
      "--seed: invalid value (found “18446744073709551616”, "
        + "expected a whole number from 0 to 18446744073709551615)."
    ),
    (
      ["--max-steps", "99999999999999999999"],
      "--max-steps: invalid value (found “99999999999999999999”, "
        + "expected a whole number from 1 to 1000000000)."
    ),
    (
      ["--threads", "257"],
      "--threads: invalid value (found “257”, expected a whole number from 1 to 256)."
    ),
    (
      ["--loss", "mae"],
      "--loss: invalid value (found “mae”, expected one of cross-entropy, hinge, mse, bce)."
    ),
    (
      ["--smoothing", "1.5"],
      "--smoothing: invalid value (found “1.5”, expected a number from 0 to 1)."
    ),
    (
      ["--decoder", "nearest"],
      "--decoder: invalid value (found “nearest”, expected one of transposed, bilinear)."
    ),
    (
      ["--decoder", "bilinear"],
      "--decoder: the network has no choice of decoders (found “bilinear”, "
        + "expected a --model that has one, autoencoder)."
    ),
    (
      ["--arch", "conv(1,3)"],
      "--loss: the network gives images, not a value a class (found “cross-entropy”, "
        + "expected mse or bce, or a network that ends in fc(classes))."
    ),
    (
      ["--arch", "conv(1,3)", "--loss", "bce"],
      "--loss: bce needs pixels in 0…1 for targets (expected --mean 0 --std 1)."
    ),
    (
      ["--sched", "exponential(0)"],
      "--sched: invalid value (found “exponential(0)”, expected exponential(0.75))."
    ),
    (
      ["--sched", "cosines"],
      "--sched: invalid value (found “cosines”, expected constant, cosine, linear, "
        + "exponential(0.75), step(2,0.1), steps(1:0.1,3:0.01), triangular, one-cycle or plateau)."
    ),
    (
      ["--sched", "linear(flor=1)"],
      "--sched: invalid value (found “linear(flor=1)”, "
        + "expected linear, or some of linear(until=8.5,floor=0.05))."
    ),
    (
      ["--warmup", "0"],
      "--warmup: invalid value (found “0”, expected epochs above 0 such as 2.5, "
        + "or steps such as 100steps)."
    ),
    (
      ["--lookahead", "5"],
      "--lookahead: invalid value (found “5”, "
        + "expected every=5,decay=0.5, and where needed power=3 and from=8.25)."
    ),
    (
      ["--hardest", "512"],
      "--hardest: invalid value (found “512”, expected keep=512, and where needed every=4)."
    ),
    (
      ["--proxy", "fc(classes,7)"], "--proxy: position 1, fc(classes,7): it does not take “7” …"
    ),
    (
      ["--ema", "1"],
      "--ema: invalid value (found “1”, expected a decay between 0 and 1, such as 0.999)."
    ),
    (
      ["--swa", "0"],
      "--swa: invalid value (found “0”, expected a whole number from 1 to 1000000)."
    ),
    (
      ["--patience", "0"],
      "--patience: invalid value (found “0”, expected a whole number from 1 to 1000000)."
    ),
    (["--keep", "worst"], "--keep: invalid value (found “worst”, expected one of best, last)."),
    (
      ["--weight-decay", "-0.1"], "--weight-decay: invalid value (found “-0.1”, expected a number…"
    ),
  ]

  @Test func everyInvalidFlagIsOneLine() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for (arguments, message) in Self.cases {
      try Program.run("train", ["--data-dir", "digits"] + arguments, in: scratch)
        .expectFailure(2, message)
      #expect(!scratch.exists("runs"), "\(message)")
    }
  }
}
