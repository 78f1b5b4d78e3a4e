import Checkpoints
import Datasets
import Files
import Layers
import Tensors

/// A trainer and its run directory with metrics, timing and checkpoints.
///
/// A disk error does not end the training. The previous checkpoint stays, ``warning`` is called,
/// and ``lastSaveFailed`` is true until a save succeeds.
public final class TrainingRun {
  public let trainer: Trainer
  public let directory: RunDirectory
  private let metrics: MetricsLog
  private let statistics: StatisticsLog
  private var timing: [UInt8]
  /// The images per second of each epoch that has ended.
  public private(set) var speeds: [Int: Double] = [:]
  /// Called with a sentence about each problem that does not end the run.
  public var warning: (String) -> Void = { _ in }
  public private(set) var lastSaveFailed = false
  /// The steps of a resumed run that `statistics.jsonl` lacks since its last epoch. The means of that epoch are over
  /// the other steps.
  public var missingStatistics: Int { statistics.missingSteps }
  /// Told of each step and each epoch, before the checkpoint after it.
  public var recorder: (any RunRecorder)?
  /// The error of a validation that was not finite; the run cannot continue after it.
  private var failure: NotFiniteError?
  /// The step whose checkpoint is on the disk. Its checkpoint is not written again, because a
  /// resumed run may have settings that the checkpoint records differently.
  private var savedStep: Int?
  /// The bytes of the best checkpoint so far, until they are on the disk as `best.safetensors`.
  private var owedBest: [UInt8]?

  /// Starts a run with a new trainer.
  public init(
    starting trainer: Trainer, in directory: RunDirectory
  ) throws(OutputFileError) {
    self.trainer = trainer
    self.directory = directory
    do throws(CheckpointStoreError) { try directory.checkpoints.prepare() } catch {
      throw Self.outputError(error, directory)
    }
    metrics = try MetricsLog(creating: directory.metricsPath)
    statistics = try StatisticsLog(creating: directory.statisticsPath)
    timing = []
  }

  /// Continues a run with a restored trainer, and truncates the metrics to `mark`.
  public init(
    resuming trainer: Trainer, in directory: RunDirectory, at mark: MetricsLog.Mark
  ) throws(MetricsLogError) {
    self.trainer = trainer
    self.directory = directory
    try? directory.checkpoints.prepare()
    metrics = try MetricsLog.reopen(directory.metricsPath, cutBackTo: mark)
    statistics = try StatisticsLog(
      resuming: directory.statisticsPath, after: trainer.progress.step)
    timing = directory.read("timing.jsonl") ?? []
    speeds = TimingHistory.imagesPerSecond(in: timing)
    savedStep = trainer.progress.step
    owedBest = Self.owedBest(trainer, directory.checkpoints)
  }

  /// The checkpoint of the best step, if the run ended before `best.safetensors` was written.
  private static func owedBest(_ trainer: Trainer, _ store: CheckpointStore) -> [UInt8]? {
    let limit = CheckpointFile.limit
    guard let step = trainer.progress.best?.step,
      let bytes = try? InputFile.read(store.path(step: step), limit: limit),
      (try? InputFile.read(store.bestPath, limit: limit)) != bytes
    else { return nil }
    return bytes
  }

  /// Takes one step and records it; saves a checkpoint at the end of an epoch.
  ///
  /// - Throws: ``NotFiniteError`` for the step, its validation, or the parameters to be saved. The
  ///   previous checkpoint then stays the newest one.
  public func advance() throws(NotFiniteError) -> (step: StepReport, epoch: EpochReport?) {
    let (step, epoch) = try advanceTrainer()
    var members: [CanonicalJSON.Member] = [
      .init("kind", "step"), .init("step", .integer(step.step)),
      .init("epoch", .integer(step.epoch)), .init("loss", .number(step.loss)),
    ]
    if let accuracy = step.accuracy { members.append(.init("accuracy", .number(accuracy))) }
    members.append(.init("rate", .number(step.learningRate)))
    metrics.append(.object(members))
    statistics.append(step)
    recorder?.record(step)
    if let epoch {
      var members: [CanonicalJSON.Member] = [
        .init("kind", "epoch"), .init("epoch", .integer(epoch.epoch)),
        .init("step", .integer(epoch.step)), .init("train_loss", .number(epoch.trainLoss)),
      ]
      for (key, value) in [
        ("train_accuracy", epoch.trainAccuracy), ("validation_loss", epoch.validationLoss),
        ("validation_accuracy", epoch.validationAccuracy),
      ] {
        if let value { members.append(.init(key, .number(value))) }
      }
      members.append(.init("rate", .number(epoch.learningRate)))
      metrics.append(.object(members))
      statistics.append(epoch)
      recorder?.record(epoch)
      try save(isBest: epoch.isBest)
    }
    return (step, epoch)
  }

  /// Takes one step, and remembers a failed validation, after which nothing may be saved.
  private func advanceTrainer() throws(NotFiniteError) -> (step: StepReport, epoch: EpochReport?) {
    if let failure { throw failure }
    do throws(NotFiniteError) { return try trainer.advance() } catch {
      if case .validation = error.stage { failure = error }
      throw error
    }
  }

  /// Records the finished network's results on the test split.
  public func recordTest(_ outcome: Evaluator.Outcome) {
    var members: [CanonicalJSON.Member] = [
      .init("kind", "test"), .init("loss", .number(outcome.meanLoss)),
    ]
    if let accuracy = outcome.accuracy { members.append(.init("accuracy", .number(accuracy))) }
    if outcome.singleView != nil {
      let single = outcome.withoutViews
      members.append(.init("single_view_loss", .number(single.meanLoss)))
      if let accuracy = single.accuracy {
        members.append(.init("single_view_accuracy", .number(accuracy)))
      }
    }
    metrics.append(.object(members))
    do throws(OutputFileError) { try metrics.flush() } catch {
      lastSaveFailed = true
      warning("\(error)")
    }
  }

  /// The mean of the gradient's norm over the steps of each epoch that has ended.
  public var gradientNorms: [Int: Double] { statistics.gradientNorms }

  /// Records the ReLUs of the network as it is now.
  ///
  /// - `epoch`: the number of epochs that have ended.
  /// - `images`: the number of images that they were counted over.
  public func record(_ relus: [RectifierStatistics], epoch: Int, images: Int) {
    statistics.append(relus, epoch: epoch, step: trainer.progress.step, images: images)
  }

  /// Records the speed of an epoch, in a separate file because it differs between runs.
  ///
  /// - `loadingSeconds`: the time that the steps waited for their examples.
  /// - `traffic`: what the steps of this process sent to others; nil for one process.
  public func recordTiming(
    epoch: Int, images: Int, seconds: Double, loadingSeconds: Double,
    traffic: ProcessGroup.Traffic? = nil
  ) {
    let speed = seconds > 0 ? Double(images) / seconds : 0
    speeds[epoch] = speed
    var members: [CanonicalJSON.Member] = [
      .init("epoch", .integer(epoch)), .init("step", .integer(trainer.progress.step)),
      .init("images", .integer(images)), .init("seconds", .number(seconds)),
      .init("images_per_second", .number(speed)),
      .init("loading_seconds", .number(loadingSeconds)),
    ]
    if let traffic, let processes = trainer.processes {
      members += [
        .init("processes", .integer(processes.count)),
        .init("sent_messages", .integer(traffic.messages)),
        .init("sent_bytes", .integer(traffic.bytes)),
        .init("barriers", .integer(traffic.barriers)),
      ]
    }
    let line = CanonicalJSON.object(members)
    timing += Array("\(line.text)\n".utf8)
    do throws(OutputFileError) { try directory.write(timing, to: "timing.jsonl") } catch {
      warning("\(error)")
    }
  }

  /// Saves a checkpoint of the current state, unless it is saved already.
  ///
  /// - Throws: ``NotFiniteError`` if the last update or its validation was not finite; nothing is
  ///   written then. All other failures call ``warning``.
  public func save(isBest: Bool = false) throws(NotFiniteError) {
    if let failure { throw failure }
    let isSaved = savedStep == trainer.progress.step
    guard !isSaved || owedBest != nil else { return }
    if !isSaved, let name = trainer.firstNotFinite {
      throw NotFiniteError(.step(trainer.progress.step), tensor: name)
    }
    do {
      let store = directory.checkpoints
      if !isSaved { try save(in: store, isBest: isBest) }
      // A disk that is full for the best checkpoint gets the room of old ones.
      try store.prune(
        after: trainer.progress.step, sparing: owedBest == nil ? nil : trainer.progress.best?.step)
      if let best = owedBest {
        try store.saveBest(best)
        owedBest = nil
      }
      lastSaveFailed = false
    } catch {
      lastSaveFailed = true
      warning("the checkpoint of step \(trainer.progress.step) was not saved: \(error)")
    }
  }

  /// Brings to the disk what is recorded beside the metrics. The run goes on without it.
  private func flushRecords() {
    do throws(OutputFileError) { try statistics.flush() } catch { warning("\(error)") }
    do throws(OutputFileError) { try recorder?.synchronize() } catch { warning("\(error)") }
  }

  private func save(in store: CheckpointStore, isBest: Bool) throws {
    flushRecords()
    let mark = try metrics.flush()
    let checkpoint = trainer.checkpoint(metrics: mark)
    let bytes = try CheckpointFile.encode(
      tensors: checkpoint.tensors, metadata: checkpoint.metadata)
    // Kept from here on: if the disk fails now, a later save may succeed.
    if isBest { owedBest = bytes }
    try store.save(bytes, step: trainer.progress.step)
    savedStep = trainer.progress.step
  }

  private static func outputError(
    _ error: CheckpointStoreError, _ directory: RunDirectory
  ) -> OutputFileError {
    if case .output(let output) = error { return output }
    return .lost(path: directory.checkpoints.directory)
  }
}
