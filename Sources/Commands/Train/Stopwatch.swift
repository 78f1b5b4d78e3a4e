import Terminal
import Training

/// The speed of a run and what it leaves to do.
struct Stopwatch {
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant
  private var meter = RateMeter()
  private var epochImages = 0
  private var epochSeconds = 0.0
  /// Of the epochs before.
  private var loadingSeconds: Double
  /// Means of late, so that a person sees the trend and not each batch.
  private var loss: Double?
  private var accuracy: Double?

  init(_ trainer: Trainer) {
    last = clock.now
    loadingSeconds = trainer.loadingSeconds
  }

  /// What to show after `step`.
  mutating func state(after step: StepReport, of trainer: Trainer) -> ProgressState {
    let now = clock.now
    let seconds = Self.seconds(now - last)
    last = now
    meter.add(step.examples, seconds: seconds)
    epochImages += step.examples
    epochSeconds += seconds
    loss = loss.map { 0.95 * $0 + 0.05 * step.loss } ?? step.loss
    if let new = step.accuracy { accuracy = accuracy.map { 0.95 * $0 + 0.05 * new } ?? new }
    let left = (trainer.totalSteps - step.step) * trainer.stepSize
    return ProgressState(
      epoch: step.epoch + 1, epochs: trainer.configuration.epochs, step: step.step,
      steps: trainer.totalSteps, loss: loss, accuracy: accuracy,
      imagesPerSecond: meter.perSecond, rate: step.learningRate,
      secondsLeft: meter.seconds(for: left))
  }

  /// The images and the seconds of the epoch that has ended, its validation and saving included; what
  /// is drawn of it is not; and of these, those that steps waited for their examples.
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

  /// Goes on after a pause that is not to be counted.
  mutating func restart() { last = clock.now }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
