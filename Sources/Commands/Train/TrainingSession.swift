import Checkpoints
import Datasets
import Files
import Layers
import Networks
import Reports
import Tensors
import Terminal
import Training

/// One call of `train`: from settings to a finished run.
struct TrainingSession {
  let configuration: Configuration
  private let entry: DatasetEntry
  let loaded: LoadedSplit
  /// Loaded at the start, so that an error in the data is found before the training.
  let test: LoadedSplit
  let run: TrainingRun
  let display: ProgressDisplay
  /// True if the run is new, false if it is resumed.
  private let isNew: Bool
  let purpose: TrainingPreparation.Purpose
  /// True if the finished network is evaluated on the test split.
  let tests: Bool

  /// Prepares a new run.
  ///
  /// - Parameters:
  ///   - runDirectory: nil for the first free `runs/<dataset>-<model>-<n>`.
  ///   - purpose: `.run`, or `.oneStep` for a run of one step.
  ///   - tests: false if the test split may not be evaluated.
  ///   - check: called with the data before anything is written.
  init(
    given: [(key: String, value: String)], recipe: Recipe?, runDirectory: String?,
    download: DownloadOptions, progress: ProgressDisplay.Mode,
    purpose: TrainingPreparation.Purpose = .run, tests: Bool = true,
    processes: ProcessGroup? = nil,
    check: (_ train: LoadedSplit, _ test: LoadedSplit) throws -> Void = { _, _ in }
  ) throws {
    let prepared = try TrainingPreparation(
      given: given, recipe: recipe, download: download, progress: progress, purpose: purpose,
      processes: processes)
    try check(prepared.loaded, prepared.test)
    configuration = prepared.configuration
    let trainer = prepared.trainer
    display = ProgressDisplay(mode: progress, every: configuration.logEvery)
    if purpose == .run {
      let idle = IdleSettings(
        of: trainer, recipe: recipe?.settings ?? [], flags: given, loaded: prepared.loaded,
        test: prepared.test, showsLines: display.mode == .plain,
        loadsAllValues: prepared.loadsAllValues, trainedBefore: prepared.trainedBefore)
      for notice in idle.notices { Notice.warning(notice) }
    }
    let name = "\(configuration.dataset)-\(configuration.network!.name)"
    let directory = try RunDirectory(creating: runDirectory, name: name)
    try directory.write(Array(configuration.yaml.utf8), to: "config.yaml")
    if let recipe, recipe.claim != RecipeClaim() {
      try directory.write(recipe.bytes, to: RunDirectory.recipeName)
    }

    loaded = prepared.loaded
    test = prepared.test
    entry = loaded.entry
    run = try TrainingRun(starting: trainer, in: directory)
    isNew = true
    self.purpose = purpose
    self.tests = tests && configuration.overfitBatches == nil
    try prepare()
  }

  /// Prepares to resume the run in `path`.
  init(
    resuming path: String, given: [(key: String, value: String)], download: DownloadOptions,
    progress: ProgressDisplay.Mode, tests: Bool = true, processes: ProcessGroup? = nil
  ) throws {
    let directory = try RunDirectory(resuming: path)
    let newest = try directory.checkpoints.newest()
    for warning in newest.warnings { Notice.warning(warning) }
    let before: Configuration
    do throws(CheckpointProblem) { before = try newest.contents.configuration() } catch {
      throw CheckpointError(path: newest.path, problem: error)
    }
    let previous = Self.lastSettings(ofRunIn: path, before)
    var configuration = previous
    for (key, value) in given { try configuration.set(key, to: value) }
    try Self.check(configuration, goesOnWith: before, path)
    Processors.setThreadCount(configuration.threads)
    let (loaded, test) = try TrainingPreparation.load(
      configuration, download, progress, sampleWillDo: newest.contents.isOfSample)
    let data = try TrainingData(loaded, configuration)
    let network = try TrainingPreparation.network(configuration, loaded.entry)
    let trainer = try Trainer(
      configuration, network: network, data: data,
      context: try TrainingPreparation.context(configuration), processes: processes)
    let mark: MetricsLog.Mark
    do throws(CheckpointProblem) { mark = try trainer.restore(newest.contents) } catch {
      throw CheckpointError(path: newest.path, problem: error)
    }
    try Self.checkLength(of: trainer, given: given)

    self.configuration = configuration
    self.loaded = loaded
    self.test = test
    entry = loaded.entry
    run = try TrainingRun(resuming: trainer, in: directory, at: mark)
    // The next resume starts from these settings.
    try directory.write(Array(configuration.yaml.utf8), to: "config.yaml")
    display = ProgressDisplay(mode: progress, every: configuration.logEvery)
    let idle = IdleSettings(
      ofResumed: trainer, given: given, before: previous, loaded: loaded, test: test,
      showsLines: display.mode == .plain)
    for notice in idle.notices { Notice.warning(notice) }
    if run.missingStatistics > 0 {
      Notice.warning(
        "\(path)/statistics.jsonl: the lines of \(Format.counted(run.missingStatistics, "step")) are missing. "
          + "The next mean gradient is over the other steps.")
    }
    isNew = false
    purpose = .run
    self.tests = tests && configuration.overfitBatches == nil
    try prepare()
  }

  /// Writes `environment.json`, and shows the run's data, network and settings.
  private func prepare() throws {
    let trainer = run.trainer
    run.warning = { [display] message in
      display.erase()
      Notice.warning(message)
    }
    for notice in trainer.data.notices + [testNotice].compactMap({ $0 }) { Notice.warning(notice) }
    let environment = RunEnvironment(context: trainer.context, data: loaded, test: test)
    try run.directory.write(
      Array(environment.json.indentedText.utf8), to: "environment.json")

    let output = RunOutput()
    try output.write(
      "\(entry.title)\(loaded.isSample ? " (sample)" : ""): "
        + "\(Format.counted(trainer.data.training.count, "example")) to train on, "
        + "\(Format.count(trainer.data.validation.count)) to validate with\n\n")
    try output.write(NetworkSummary(trainer.network).consoleText)
    if let batches = configuration.overfitBatches {
      try output.write(
        "\nthe examples to train on are those to validate with, the first "
          + "\(batches == 1 ? "batch" : "\(batches) batches"), without augmentation\n")
    }
    let trained = trainer.network.parameterCount
    if trained < NetworkSummary(trainer.network).parameters {
      try output.write("\n\(Format.count(trained)) of the parameters are trained\n")
    }
    try output.write(
      "\n\(processes)\(Format.counted(trainer.context.threadCount, "thread")), "
        + "\(trainer.context.kernelSet.rawValue) kernels; "
        + "\(Format.counted(trainer.totalSteps, "step")) of "
        + Format.counted(trainer.stepSize, "example")
        + (trainer.trainedPerStep < trainer.stepSize
          ? ", of which \(Format.count(trainer.trainedPerStep)) "
            + (trainer.trainedPerStep == 1 ? "is trained on" : "are trained on") : "")
        + "; writing \(run.directory.path)\n")
    if !isNew {
      try output.write("going on from step \(Format.count(trainer.progress.step))\n")
    }
    try output.write("\n")
  }

  /// The number of processes that train together; empty for one.
  private var processes: String {
    guard let group = run.trainer.processes else { return "" }
    return
      "\(group.count) processes on \(World.isOnOneHost ? "one host" : "several hosts"), each with "
  }

  /// The exit code of a stop that a signal asked for; nil to go on. Several processes stop after the same
  /// step.
  private var wishedStatus: ExitStatus? {
    let own = SignalFlag.wish?.exitStatus
    guard let group = run.trainer.processes else { return own }
    group.wish = Int(own?.rawValue ?? 0)
    return group.agreedWish == 0 ? nil : ExitStatus(rawValue: Int32(group.agreedWish))
  }

  // MARK: Running

  /// Trains to the end, or to the first signal.
  func execute() throws -> ExitStatus {
    try run.save()
    let events = startEvents()
    do {
      let status = try train(events)
      if status == .done { events?.end(.success) }
      return status
    } catch {
      if error is NotFiniteError { events?.end(.failure) }
      throw error
    }
  }

  private func train(_ events: EventRecorder?) throws -> ExitStatus {
    let trainer = run.trainer
    if trainer.progress.step % trainer.stepsPerEpoch == 0 {
      // The images of the start, or of an epoch whose checkpoint a killed run saved without
      // drawing.
      writeImages(epoch: trainer.progress.step / trainer.stepsPerEpoch)
    }
    var history = MetricsHistory.epochs(in: run.directory.read("metrics.jsonl") ?? [])
    ProgressDisplay.Mode.tell(obstacle: display.begin(dashboard(after: history)))
    defer { display.finish() }
    var clock = Stopwatch(trainer)
    var timer = CheckpointTimer(configuration.checkpointInterval)
    while !trainer.isFinished {
      if let status = wishedStatus {
        try save()
        display.finish()
        Notice.warning(
          "stopped after step \(trainer.progress.step). "
            + "Go on by `swift run train --resume \(run.directory.path.asShellWord)`.")
        return run.lastSaveFailed ? .cannotWrite : status
      }
      let (step, epoch) = try endingDisplay { () throws(NotFiniteError) in try run.advance() }
      display.update(clock.state(after: step, of: trainer))
      if let epoch {
        history.append(.init(epoch))
        display.end(.init(history[history.count - 1], isBest: epoch.isBest))
        try report(epoch, history, &clock, events)
        timer.restart()
      } else if timer.isDue(after: step.step), !trainer.isFinished {
        try save()
        timer.restart()
      }
    }
    if trainer.progress.step % trainer.stepsPerEpoch != 0 { try save() }
    display.finish()
    if trainer.stopsEarly && trainer.progress.step < trainer.totalSteps {
      let epochs = Format.counted(configuration.patience ?? 0, "epoch")
      try RunOutput().write("stopped early: \(epochs) without a better validation\n")
    }
    if tests { try reportTest(events) }
    if configuration.overfitBatches != nil { try reportOverfitting() }
    return run.lastSaveFailed ? .cannotWrite : .done
  }

  private func save() throws(NotFiniteError) {
    try endingDisplay { () throws(NotFiniteError) in try run.save() }
  }

  /// Calls `body`, and ends the progress display if `body` throws.
  private func endingDisplay<Result>(
    _ body: () throws(NotFiniteError) -> Result
  ) throws(NotFiniteError) -> Result {
    do throws(NotFiniteError) { return try body() } catch {
      display.finish()
      throw error
    }
  }

  private func report(
    _ epoch: EpochReport, _ history: [MetricsHistory.Epoch], _ clock: inout Stopwatch,
    _ events: EventRecorder?
  ) throws {
    let (images, seconds, loadingSeconds) = clock.endEpoch(of: run.trainer)
    run.recordTiming(
      epoch: epoch.epoch, images: images, seconds: seconds, loadingSeconds: loadingSeconds,
      traffic: clock.endTraffic(of: run.trainer))
    if let speed = run.speeds[epoch.epoch] { events?.recordSpeed(imagesPerSecond: speed) }
    writeImages(epoch: epoch.epoch)
    writeCurves(history)

    let line = EpochLine(
      epoch: epoch.epoch, train: figures(epoch.trainLoss, epoch.trainAccuracy),
      validation: epoch.validationLoss.map { figures($0, epoch.validationAccuracy) },
      isBest: epoch.isBest, imagesPerSecond: Double(images) / max(seconds, 1e-9))
    display.erase()
    try RunOutput().write(line.text(width: display.columns) + "\n")
    clock.restart()
  }
}
