import ArgumentParser
import Tensors
import Terminal
import Training

/// `swift run train`: trains a network and writes a run directory.
struct TrainCommand: Command {
  static let heedsSignals = true
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a small convolutional network for image classification.",
    discussion: """
      Without options it repeats the course's exercise: fer-mnist on MNIST. Settings come from the \
      model's own defaults, then from --recipe, then from the flags.

      A small data set, of at most \(Configuration.smallCount) training images after --limit-train, has \
      defaults of its own: as many epochs, from 10 to 100, as give 120,000 images in all; a learning rate of \
      0.02 by the cosine, momentum 0.9, weight decay 0.01 and translations by 2 pixels. A larger folder of \
      images has the same learning rate and momentum, and 10 epochs.
      """
        + ProgramName.examples(
          "train --dataset mnist", "train --arch \"conv(8,3) relu pool(2) fc(classes)\" --epochs 3")
    ,
    version: RunEnvironment.version)

  @OptionGroup(title: Setting.Group.data.rawValue) var data: DataFlags
  @OptionGroup(title: Setting.Group.network.rawValue) var network: NetworkFlags
  @OptionGroup(title: Setting.Group.training.rawValue) var training: TrainingFlags
  @OptionGroup(title: Setting.Group.execution.rawValue) var execution: ExecutionFlags
  @OptionGroup(title: "Run") var run: RunFlags
  @OptionGroup(title: "Downloads") var download: DownloadOptions

  /// The settings given as flags, in a fixed order.
  var given: [(key: String, value: String)] {
    data.given + network.given + training.given + execution.given
  }

  func validate() throws {
    for (flag, value) in [
      ("--run-dir", run.runDir), ("--resume", run.resume), ("--recipe", run.recipe),
    ] where value == "" {
      throw ValidationError("\(flag): invalid value (found “”, expected a path).")
    }
    if network.model != nil && network.arch != nil {
      throw ValidationError("--model and --arch exclude each other.")
    }
    if let seeds = run.seeds {
      guard SeedList(seeds) != nil else {
        throw ValidationError(
          "--seeds: invalid value (found “\(seeds)”, expected \(SeedList.forms)).")
      }
      for (flag, value) in [("--seed", training.seed), ("--resume", run.resume)]
      where value != nil {
        throw ValidationError("\(flag) and --seeds exclude each other.")
      }
    }
    try checkModes()
    if run.resume != nil {
      for (flag, value) in [
        ("--run-dir", run.runDir), ("--recipe", run.recipe), ("--init", network.`init`),
        ("--init-layout", network.initLayout),
      ] where value != nil {
        throw ValidationError("\(flag) and --resume exclude each other.")
      }
    }
  }

  /// Checks that the flags of a run of another kind stand alone.
  private func checkModes() throws {
    let modes = [
      ("--find-lr", run.findLr), ("--fast-dev-run", run.fastDevRun),
      ("--overfit-batches", data.overfitBatches != nil),
    ].filter(\.1)
    guard let (mode, _) = modes.first else { return }
    var others = modes.dropFirst().map(\.0)
    if run.seeds != nil { others.append("--seeds") }
    if mode != "--overfit-batches" {
      if run.progress == .dashboard { others.append("--progress dashboard") }
      if run.resume != nil { others.append("--resume") }
      if run.runDir != nil { others.append("--run-dir") }
    }
    if let other = others.first {
      throw ValidationError("\(mode) and \(other) exclude each other.")
    }
  }

  func execute() throws -> ExitStatus {
    let alone = run.findLr ? "--find-lr" : run.fastDevRun ? "--fast-dev-run" : nil
    return try World.run(onlyAlone: alone) { try train() }
  }

  private func train() throws -> ExitStatus {
    let progress = run.progress.onThisTerminal
    let recipe = try run.recipe.map { name throws(RecipeError) in try Recipe.named(name) }
    if run.findLr {
      return try RateSearch(
        given: given, recipe: recipe, download: download, progress: progress
      ).execute()
    }
    if run.fastDevRun {
      return try OneStepRun(
        given: given, recipe: recipe, download: download, progress: progress
      ).execute()
    }
    if let seeds = run.seeds.flatMap(SeedList.init) {
      return try SeedSeries(
        seeds: seeds, directory: run.runDir, given: given, recipe: recipe, download: download,
        progress: progress
      ).execute()
    }
    if let group = try World.groupForOneTraining() {
      return try trainTogether(recipe, in: group, progress)
    }
    return try session(recipe, nil, progress).execute()
  }

  private func session(
    _ recipe: Recipe?, _ group: ProcessGroup?, _ progress: ProgressDisplay.Mode
  ) throws -> TrainingSession {
    try run.resume.map {
      try TrainingSession(
        resuming: $0, given: given, download: download, progress: progress, processes: group)
    }
      ?? TrainingSession(
        given: given, recipe: recipe, runDirectory: run.runDir, download: download,
        progress: progress, processes: group)
  }

  /// Trains one network with other processes. The first process has the run, and the others follow.
  private func trainTogether(
    _ recipe: Recipe?, in group: ProcessGroup, _ progress: ProgressDisplay.Mode
  ) throws -> ExitStatus {
    let resumes = run.resume != nil
    let execute: () throws -> ExitStatus = try World.prepare(in: group) {
      let session = try session(recipe, group, progress)
      let state = try StartingState(of: session.run.trainer, resumes: resumes)
      return (session.execute, state.encoded)
    } other: { told in
      let follower =
        try resumes
        ? TrainingFollower(resuming: told, given: given, download: download, in: group)
        : TrainingFollower(
          given: given, recipe: recipe, download: download, told: told, in: group)
      return follower.execute
    }
    return try execute()
  }
}

/// The start of a run and its output folder.
struct RunFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "A recipe by name (recipes list), or a file of settings such as a run's config.yaml.",
    completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train with several seeds: 10 for 1 to 10, 3-7, or 1,5. With --run-dir, go on with a series.",
      valueName: "seeds"))
  var seeds: String?
  @Option(
    parsing: .unconditional,
    help: "The directory to write. (default: runs/<dataset>-<model>-<n>)", completion: .directory)
  var runDir: String?
  @Option(
    parsing: .unconditional, help: "Go on with the run in this directory, to the bit.",
    completion: .directory)
  var resume: String?
  @Flag(help: "Find a learning rate by a range test, draw it in find-lr.svg, and keep no run.")
  var findLr = false
  @Flag(help: "Try the whole path of the run in one step, and keep nothing.")
  var fastDevRun = false
  @Option(help: "How to show progress: auto, bar, plain, dashboard or none.")
  var progress: ProgressDisplay.Mode = .auto
}
