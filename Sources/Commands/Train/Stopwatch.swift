import Tensors
import Terminal
import Training

/// Measures the speed of a run and estimates the remaining time.
struct Stopwatch {
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant
  private var meter = RateMeter()
  private var epochImages = 0
  private var epochSeconds = 0.0
  /// The loading time of the previous epochs.
  private var loadingSeconds: Double
  /// What the steps of previous epochs sent to other processes.
  private var traffic = ProcessGroup.Traffic()
  /// Moving averages, which show the trend better than single batches.
  private var loss: Double?
  private var accuracy: Double?

  init(_ trainer: Trainer) {
    last = clock.now
    loadingSeconds = trainer.loadingSeconds
  }

  /// The state to display after `step`.
  mutating func state(after step: StepReport, of trainer: Trainer) -> ProgressState {
    let now = clock.now
    let seconds = Self.seconds(now - last)
    last = now
    meter.add(step.examples, seconds: seconds)
    epochImages += step.examples
    epochSeconds += seconds
    loss = loss.map { 0.95 * $0 + 0.05 * step.loss } ?? step.loss
    if let new = step.accuracy { accuracy = accuracy.map { 0.95 * $0 + 0.05 * new } ?? new }
    let left = (trainer.totalSteps - step.step) * trainer.trainedPerStep
    return ProgressState(
      epoch: step.epoch, epochs: trainer.configuration.epochs, step: step.step,
      steps: trainer.totalSteps, loss: loss, accuracy: accuracy,
      imagesPerSecond: meter.perSecond, rate: step.learningRate,
      secondsLeft: meter.seconds(for: left))
  }

  /// The number of images of the epoch that has ended, its time in seconds including validation and
  /// saving but not drawing, and the part of this time in which steps waited for their examples.
  mutating func endEpoch(
    of trainer: Trainer
  ) -> (images: Int, seconds: Double, loadingSeconds: Double) {
    defer {
      loadingSeconds = trainer.loadingSeconds
      epochImages = 0
      epochSeconds = 0
      last = clock.now
    }
    return (epochImages, epochSeconds, trainer.loadingSeconds - loadingSeconds)
  }

  /// What the steps of the epoch that has ended sent to other processes; nil for one process.
  mutating func endTraffic(of trainer: Trainer) -> ProcessGroup.Traffic? {
    guard trainer.processes != nil else { return nil }
    defer { traffic = trainer.stepTraffic }
    return trainer.stepTraffic - traffic
  }

  /// Continues after a pause that is not counted.
  mutating func restart() { last = clock.now }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
