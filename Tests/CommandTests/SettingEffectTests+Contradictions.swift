import Testing

extension SettingEffectTests {
  @Test(arguments: [
    (
      ["--nesterov", "--momentum", "0"],
      "--nesterov: the momentum is 0, and Nesterov's rule needs one "
        + "(expected --momentum above 0, such as 0.9)."
    ),
    (
      ["--lr", "0.5", "--sched", "steps(1:0.1,3:0.01)"],
      "--lr: --sched steps(1:0.1,3:0.01) sets the learning rate of every epoch (found “0.5”, "
        + "expected no --lr, or other rates in --sched)."
    ),
    (
      ["--loss", "hinge", "--smoothing", "0.1"],
      "--smoothing: the hinge loss takes plain labels (found “0.1”, expected 0)."
    ),
    (
      ["--loss", "hinge", "--class-weights", "auto"], "--class-weights: only cross-entropy weighs…"
    ),
    (
      ["--sampler", "weighted", "--no-shuffle"], "--sampler: it draws at random, and --no-shuffle…"
    ),
    (
      ["--ema", "0.9", "--swa", "1"],
      "--swa: --ema 0.9 gives the model, too (found “1”, expected one of the two)."
    ),
    (
      ["--warmup", "2"],
      "--warmup: the run has 14 steps (found “2.0”, expected fewer than these)."
    ),
    (
      ["--lookahead", "every=20,decay=0.5"],
      "--lookahead: the run of 14 steps ends before the first average "
        + "(found “every=20,decay=0.5”, expected fewer steps for every and from)."
    ),
    (
      ["--keep", "best", "--val-split", "0"],
      "--keep: it depends on the validation, and there is none (found “best”, "
        + "expected --val-split above 0)."
    ),
    (
      ["--opt", "adam", "--momentum", "0.5"],
      "--momentum: adam does not read it (found “0.5”, expected it with --opt sgd, rmsprop or muon "
        + "only)."
    ),
    (
      ["--groups", "gn bias: wd=0"], "--groups: “gn bias” selects no trained parameter…"
    ),
    (
      ["--freeze", "conv1", "--lr-factor", "conv1=0.5"],
      "--lr-factor: conv1 is not trained (found “conv1=0.5”, expected layers that are)."
    ),
  ])
  func aContradictionIsRefused(_ settings: [String], _ message: String) throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try Program.run("train", arguments("run") + settings, in: scratch).expectFailure(2, message)
    #expect(!scratch.exists("run"))
  }
}
