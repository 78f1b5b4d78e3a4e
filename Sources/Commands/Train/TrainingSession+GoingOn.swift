import Datasets
import Files
import Terminal
import Training

extension TrainingSession {
  /// The settings of a checkpoint's run. Those that may change on resuming have their last values.
  static func lastSettings(ofRunIn path: String, _ checkpoint: Configuration) -> Configuration {
    var configuration = checkpoint
    var last: [(key: String, value: String)] = []
    do { last = try RunDirectory.settings(in: path) } catch {
      Notice.warning(RunDirectory.unreadSettings(error))
    }
    for (key, value) in last where Configuration.setting(key)?.mayChangeOnResume == true {
      try? configuration.set(key, to: value)
    }
    return configuration
  }

  /// - Throws: ``Failure`` for settings that a resumed run must not change.
  static func check(
    _ configuration: Configuration, goesOnWith before: Configuration, _ path: String
  ) throws {
    let differences = configuration.differences(from: before)
    guard differences.isEmpty else {
      throw Failure(
        .usage,
        "\(path): the run cannot go on with other settings: \(differences.joined(separator: "; ")). "
          + "Only --epochs, --max-steps, --patience, --tta and what no result depends on may differ."
      )
    }
  }

  /// - Throws: ``Failure`` for `--epochs` or `--max-steps` that end a resumed run before its last step.
  static func checkLength(
    of trainer: Trainer, given: [(key: String, value: String)]
  ) throws {
    let (total, taken) = (trainer.totalSteps, trainer.progress.step)
    let limits = (trainer.configuration.maxSteps ?? .max) <= total ? "max-steps" : "epochs"
    guard total < taken, let setting = given.last(where: { $0.key == limits }) else { return }
    throw Failure(
      .usage,
      "--\(setting.key): the run has taken \(Format.counted(taken, "step")) already (found "
        + "\(setting.value), which makes \(Format.counted(total, "step")), expected at least as many)."
    )
  }

  /// Goes on with a run of the same settings in `path`, or starts it if it has no checkpoint.
  static func goingOn(
    in path: String, given: [(key: String, value: String)], recipe: Recipe?,
    download: DownloadOptions, progress: ProgressDisplay.Mode, tests: Bool = true,
    check: (_ train: LoadedSplit, _ test: LoadedSplit) throws -> Void = { _, _ in }
  ) throws -> TrainingSession {
    let names = (try? OutputFile.names(in: "\(path)/checkpoints")) ?? []
    guard names.contains(where: { $0.hasSuffix(".safetensors") }) else {
      return try TrainingSession(
        given: given, recipe: recipe, runDirectory: path, download: download, progress: progress,
        tests: tests, check: check)
    }
    // A checkpoint replaces the initial values; flags replace settings of the recipe.
    let replaced = Set(given.map(\.key)).union(["init", "init-layout"])
    let settings =
      (recipe?.settings ?? []).filter { !replaced.contains($0.key) }
      + given.filter { !["init", "init-layout"].contains($0.key) }
    return try TrainingSession(
      resuming: path, given: settings, download: download, progress: progress, tests: tests)
  }
}
