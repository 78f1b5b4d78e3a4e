import Datasets
import Files
import Layers
import Reports
import TensorBoard
import Training
import Visualization

/// `train --tensorboard`: writes what a run records into event files, too.
///
/// It changes nothing of the training. The clock appears only as the time at which a value was written.
final class EventRecorder: RunRecorder {
  /// It holds this recorder.
  private unowned let run: TrainingRun
  private let file: EventFile
  private let clock = ContinuousClock()
  private var lastWrite: ContinuousClock.Instant
  /// True after a warning about the file, so that it is not repeated at every step.
  private var hasWarned = false

  private static let interval = Duration.seconds(2)
  /// The greatest number of images that dead ReLUs are counted over.
  private static let mostImages = 500
  /// The number of buckets of a histogram of weights, TensorBoard's own.
  private static let buckets = 30

  /// Continues the events of a run after its checkpoint, or starts them.
  ///
  /// - Parameter tests: whether the run ends with a test.
  init(_ run: TrainingRun, tests: Bool) throws(OutputFileError) {
    self.run = run
    lastWrite = clock.now
    let (trainer, time) = (run.trainer, Event.now())
    let folder = EventFolder("\(run.directory.path)/tensorboard")
    let step = trainer.progress.step
    let goesOn = try folder.cutBack { own, tags in
      own <= step && !tags.contains { $0.hasPrefix(EventTag.testPrefix) }
        && !tags.contains(SessionHyperparameters.endTag)
    }
    try folder.write(SessionHyperparameters(of: trainer, tests: tests), at: time)
    file = try folder.create(at: time)
    if !goesOn, step == 0 { recordNetwork(epoch: 0, updates: []) }
  }

  // MARK: The run

  func record(_ step: StepReport) {
    var values: [SummaryValue] = [.scalar(tag: EventTag.stepLoss, step.loss)]
    if let accuracy = step.accuracy {
      values.append(.scalar(tag: EventTag.stepAccuracy, accuracy))
    }
    values.append(.scalar(tag: EventTag.learningRate, step.learningRate))
    values.append(.scalar(tag: EventTag.gradientNorm, step.gradientNorm))
    append(values)
    // A reader sees the run as it goes, and the disk is not asked at every step.
    if clock.now - lastWrite > Self.interval {
      write { () throws(OutputFileError) in try file.write() }
    }
  }

  func record(_ epoch: EpochReport) {
    var values: [SummaryValue] = [.scalar(tag: EventTag.trainLoss, epoch.trainLoss)]
    for (tag, value) in [
      (EventTag.trainAccuracy, epoch.trainAccuracy),
      (EventTag.validationLoss, epoch.validationLoss),
      (EventTag.validationAccuracy, epoch.validationAccuracy),
    ] {
      if let value { values.append(.scalar(tag: tag, value)) }
    }
    append(values)
    recordNetwork(epoch: epoch.epoch, updates: epoch.parameters)
  }

  /// Records the speed of the epoch that has ended. It comes after the epoch's checkpoint, so it is written at
  /// once.
  func recordSpeed(imagesPerSecond: Double) {
    append([.scalar(tag: EventTag.imagesPerSecond, imagesPerSecond)])
    write { () throws(OutputFileError) in try file.write() }
  }

  /// Records the results on the test split.
  func recordTest(_ outcome: Evaluator.Outcome) {
    var results = [("loss", Optional(outcome.meanLoss)), ("accuracy", outcome.accuracy)]
    if outcome.singleView != nil {
      let single = outcome.withoutViews
      results += [
        ("single_view_loss", single.meanLoss), ("single_view_accuracy", single.accuracy),
      ]
    }
    append(
      results.compactMap { name, value in
        value.map { .scalar(tag: EventTag.test(name), $0) }
      })
  }

  /// Records the end of the run.
  func end(_ ending: SessionHyperparameters.Ending) {
    let time = Event.now()
    file.append(
      Event(
        wallTime: time, step: run.trainer.progress.step,
        values: [SessionHyperparameters.end(ending, at: time)]))
    write { () throws(OutputFileError) in try file.synchronize() }
  }

  func synchronize() throws(OutputFileError) {
    lastWrite = clock.now
    try file.synchronize()
  }

  // MARK: The network

  /// Records histograms, images and ReLUs of the network as it is now.
  private func recordNetwork(epoch: Int, updates: [ParameterUpdate]) {
    let network = run.trainer.network
    var values: [SummaryValue] = []
    for parameter in network.parameters where parameter.role != .running {
      values.append(
        .histogram(
          tag: EventTag.weights(of: parameter.name),
          HistogramBuckets(Histogram(of: parameter.storedValues(), bins: Self.buckets))))
    }
    for update in updates {
      values.append(
        .histogram(tag: EventTag.gradients(of: update.name), HistogramBuckets(update.gradient)))
      values.append(
        .scalar(tag: EventTag.gradientNorm(of: update.name), update.gradientNorm))
      if let ratio = update.ratio {
        values.append(.scalar(tag: EventTag.updateRatio(of: update.name), ratio))
      }
    }
    append(values + rectifiers(epoch: epoch) + images(epoch: epoch))
  }

  /// Counts the dead ReLUs over images of the validation split, or of the training examples if there is none.
  private func rectifiers(epoch: Int) -> [SummaryValue] {
    let (trainer, network) = (run.trainer, run.trainer.network)
    let layers = network.rectifiers
    guard !layers.isEmpty else { return [] }
    let data = trainer.data
    let indices = Array(
      (data.validation.isEmpty ? data.training : data.validation).prefix(Self.mostImages))
    let activity = ChannelActivity(
      network, layers: layers, on: indices, of: data.images, data.normalization, peaks: 0,
      context: trainer.context)
    let statistics = activity.rectifiers
    run.record(statistics, epoch: epoch, images: activity.images)
    return statistics.map {
      .scalar(
        tag: EventTag.deadRectifiers(of: $0.name), Double($0.dead) / Double($0.channels))
    }
  }

  private func images(epoch: Int) -> [SummaryValue] {
    let drawings = RunDrawings(trainer: run.trainer)
    guard drawings.areDue(epoch: epoch) else { return [] }
    var rasters = drawings.filters.map { (EventTag.filters(of: $0.layer), $0.raster) }
    if let raster = drawings.reconstructions { rasters.append((EventTag.reconstructions, raster)) }
    return rasters.compactMap { tag, raster in
      guard let png = try? PNG.encode(raster) else { return nil }
      return .image(
        tag: tag, width: raster.width, height: raster.height, channels: raster.channels, png: png)
    }
  }

  // MARK: The file

  private func append(_ values: [SummaryValue]) {
    file.append(
      Event(wallTime: Event.now(), step: run.trainer.progress.step, values: values))
  }

  /// Writes to the file. The run goes on without it.
  private func write(_ body: () throws(OutputFileError) -> Void) {
    lastWrite = clock.now
    do throws(OutputFileError) {
      try body()
      hasWarned = false
    } catch {
      if !hasWarned { run.warning("\(error)") }
      hasWarned = true
    }
  }
}

extension HistogramBuckets {
  fileprivate init(_ histogram: Histogram) {
    self.init(range: histogram.range, counts: histogram.counts)
  }
}
