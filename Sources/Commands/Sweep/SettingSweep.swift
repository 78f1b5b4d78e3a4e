import Datasets
import Files
import Terminal
import Training

/// The runs of a sweep, each in its own directory `run-<n>` of one directory.
///
/// The same call with `--run-dir` goes on with a sweep that was stopped: finished runs stay, and an
/// unfinished one is resumed. No run evaluates the test split.
struct SettingSweep {
  private let file: SweepFile
  private let plan: SweepPlan
  private let directory: String
  /// The settings of the command line, which change no result.
  private let execution: [(key: String, value: String)]
  private let download: DownloadOptions
  private let progress: ProgressDisplay.Mode

  /// Checks the settings of all runs, and creates the directory or opens that of an earlier call.
  ///
  /// - Throws: `Failure` for a run that cannot be trained or has no validation, and for a directory
  ///   that holds something else than this sweep.
  init(
    _ file: SweepFile, directory: String?, execution: [(key: String, value: String)],
    download: DownloadOptions, progress: ProgressDisplay.Mode
  ) throws {
    self.file = file
    plan = try SweepPlan(file)
    self.execution = execution
    self.download = download
    self.progress = World.isFirst ? progress : .none
    if let directory, try !OutputFile.isNewOrEmpty(directory) {
      let bytes = try? InputFile.read("\(directory)/sweep.yaml", limit: Recipe.limit)
      guard let bytes else {
        throw Failure(
          .usage,
          "\(directory): the directory is not empty (expected a new or an empty one, or that of this "
            + "sweep). Choose another --run-dir.")
      }
      guard bytes == file.bytes else {
        throw Failure(
          .usage,
          "\(directory): it holds the runs of another sweep (found another sweep.yaml, expected "
            + "that of \(file.path)). Choose another --run-dir.")
      }
    }
    let data = try Self.check(plan, file, execution, download, progress)
    if let directory, let data {
      try RecordedData.check(runsIn: directory, named: "run-", train: data.train, test: data.test)
    }
    self.directory = try World.tell {
      let path = try Self.makeDirectory(directory, file)
      try OutputFile.write(file.bytes, to: "\(path)/sweep.yaml")
      return path
    }
  }

  private static func makeDirectory(_ directory: String?, _ file: SweepFile) throws -> String {
    if let directory {
      try OutputFile.createFolder(directory)
      return directory
    }
    let name = file.path.split(separator: "/").last.map(String.init) ?? "sweep"
    let stem = name.split(separator: ".").first.map(String.init) ?? "sweep"
    return try RunDirectory.makeNumbered("\(stem)-sweep")
  }

  /// Prepares a trainer for each run, so that errors are found before the first run starts.
  ///
  /// - Returns: the data of the runs.
  private static func check(
    _ plan: SweepPlan, _ file: SweepFile, _ execution: [(key: String, value: String)],
    _ download: DownloadOptions, _ progress: ProgressDisplay.Mode
  ) throws -> (train: LoadedSplit, test: LoadedSplit)? {
    let recipe = Recipe(path: file.path, settings: plan.fixed)
    var data: (train: LoadedSplit, test: LoadedSplit)?
    var options: ImageOptions?
    for (number, settings) in plan.runs.enumerated() {
      do {
        let given = settings + execution
        let asked = try Configuration(recipe: plan.fixed, flags: given)
        // Only the size of a folder's images may differ between runs.
        let isSame = asked.dataset != Dataset.imagesName || options == asked.imageOptions
        if data == nil || !isSame {
          data = try TrainingPreparation.load(asked, download, progress)
          options = asked.imageOptions
        }
        guard let data else { continue }
        let trainer = try TrainingPreparation(given: given, recipe: recipe, data: data).trainer
        if trainer.data.validation.isEmpty {
          throw SettingError(
            key: "val-split", problem: "a sweep judges by the validation, and there is none",
            found: nil, expected: "some examples to validate with")
        }
        if trainer.totalSteps < trainer.stepsPerEpoch {
          let isCut = (asked.maxSteps ?? .max) < trainer.stepsPerEpoch
          throw SettingError(
            key: isCut ? "max-steps" : "epochs",
            problem: "a sweep judges by the validation at the end of an epoch",
            found: Format.counted(trainer.totalSteps, "step"),
            expected: "at least \(Format.counted(trainer.stepsPerEpoch, "step"))")
        }
      } catch let error as SettingError {
        throw Failure(.usage, "\(file.path), run \(number + 1): \(error)")
      } catch let failure as Failure where failure.status == .usage {
        throw Failure(.usage, "\(file.path), run \(number + 1): \(failure.message)")
      }
    }
    return data
  }

  /// Trains all runs, and writes `sweep.json` and `best.yaml` after each. Several processes take the runs in
  /// turn, and the first one writes at the end.
  func execute() throws -> ExitStatus {
    var results = SweepResults(plan)
    if let bytes = try? InputFile.read("\(directory)/sweep.json", limit: 1 << 26) {
      results.read(bytes)
    }
    var status = ExitStatus.done
    for (number, settings) in plan.runs.enumerated() where World.takes(number) {
      let values = settings.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      try RunOutput().write("run \(number + 1) of \(plan.runs.count): \(values)\n")
      guard results.result(of: number) == nil else {
        try RunOutput().write("finished before: \(path(of: number))\n\n")
        continue
      }
      // The epochs of a run that was stopped count, too.
      let earlier = TimingHistory.seconds(ofRun: path(of: number))
      let clock = ContinuousClock()
      let start = clock.now
      var failure: String?
      do {
        status = try session(number).execute()
        guard status == .done else {
          Notice.warning("go on with the sweep by `\(command)`.")
          break
        }
      } catch let error as NotFiniteError {
        failure = "\(error)"
        Notice.warning("run \(number + 1) failed: \(error)")
      }
      let validation = failure == nil ? try validation(of: number) : nil
      results.add(
        .init(
          run: number, validation: validation, failure: failure,
          seconds: earlier + (clock.now - start) / .seconds(1)))
      if World.group == nil { try write(results) }
      if !World.isFirst {
        try RunOutput().write("run \(number + 1) is finished\n", fromAll: true)
      }
      try RunOutput().write("\n")
    }
    let all = World.collect(Array(results.json.indentedText.utf8), status)
    guard all.status == .done else { return all.status }
    guard World.isFirst else { return .done }
    for report in all.reports { results.read(report) }
    try write(results)
    try RunOutput().write(results.text + conclusion(results))
    return results.best == nil ? .notFinite : .done
  }

  /// The settings of the command line that choose the data.
  private var data: [(key: String, value: String)] { execution.filter { $0.key == "data-dir" } }

  /// The call that goes on with this sweep.
  private var command: String {
    let words =
      ["sweep", file.path, "--run-dir", directory] + data.flatMap { ["--\($0.key)", $0.value] }
    return "swift run " + words.map(\.asShellWord).joined(separator: " ")
  }

  private func path(of number: Int) -> String {
    let digits = "\(plan.runs.count)".count
    let text = "\(number + 1)"
    return "\(directory)/run-\(String(repeating: "0", count: digits - text.count))\(text)"
  }

  private func session(_ number: Int) throws -> TrainingSession {
    try TrainingSession.goingOn(
      in: path(of: number), given: plan.runs[number] + execution,
      recipe: Recipe(path: file.path, settings: plan.fixed), download: download,
      progress: progress, tests: false)
  }

  /// The validation of a finished run that counts.
  private func validation(of number: Int) throws -> SweepResults.Validation {
    let path = path(of: number)
    let metrics = try? InputFile.read("\(path)/metrics.jsonl", limit: 1 << 28)
    let configuration = try Configuration(recipe: plan.fixed, flags: plan.runs[number])
    guard
      let validation = SweepResults.Validation(
        MetricsHistory.epochs(in: metrics ?? []), best: configuration.kept == .best)
    else {
      throw Failure(.cannotWrite, "\(path): the run's validation was not written.")
    }
    return validation
  }

  private func write(_ results: SweepResults) throws {
    try OutputFile.write(Array(results.json.indentedText.utf8), to: "\(directory)/sweep.json")
    guard let best = results.best else { return }
    let recipe = try plan.recipe(
      ofRun: best.run, data: data, comment: comment(best, results))
    try OutputFile.write(Array(recipe.utf8), to: "\(directory)/best.yaml")
  }

  private func comment(_ best: SweepResults.Result, _ results: SweepResults) -> String {
    "Run \(best.run + 1), the best of \(results.results.count) by validation: \(figure(best))."
  }

  private func figure(_ result: SweepResults.Result) -> String {
    guard let validation = result.validation else { return "failed" }
    return validation.accuracy.map(SweepResults.percent)
      ?? "loss \(Format.fixed(validation.loss, decimals: 4))"
  }

  private func conclusion(_ results: SweepResults) -> String {
    guard let best = results.best else { return "no run ended; there is no best recipe\n" }
    return
      "\nthe best is run \(best.run + 1), with \(figure(best)) on the validation split; as the "
      + "best of \(results.results.count) it is somewhat lucky there\n"
      + "test it by `swift run train --recipe \("\(directory)/best.yaml".asShellWord)`\n"
  }
}
