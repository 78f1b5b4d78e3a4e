/// What a dashboard shows of a run.
public struct DashboardState: Sendable {
  /// The results of an epoch.
  public struct Epoch: Sendable {
    /// Counted from 1.
    public var epoch: Int
    public var trainLoss: Double?
    /// Nil without a validation split.
    public var validationLoss: Double?
    /// From 0 to 1; nil for an autoencoder.
    public var trainAccuracy: Double?
    public var validationAccuracy: Double?
    /// True if no epoch before it was better by validation.
    public var isBest: Bool

    public init(
      epoch: Int, trainLoss: Double?, validationLoss: Double? = nil, trainAccuracy: Double? = nil,
      validationAccuracy: Double? = nil, isBest: Bool = false
    ) {
      self.epoch = epoch
      self.trainLoss = trainLoss
      self.validationLoss = validationLoss
      self.trainAccuracy = trainAccuracy
      self.validationAccuracy = validationAccuracy
      self.isBest = isBest
    }
  }

  /// The run's data and network.
  let title: String
  /// The run directory.
  let place: String
  /// The name of the loss.
  let lossName: String
  let hasAccuracy: Bool
  let steps: Int
  let stepsPerEpoch: Int
  let epochs: Double
  private(set) var progress: ProgressState
  private(set) var train: (loss: CurveHistory, accuracy: CurveHistory)
  private(set) var rate: CurveHistory
  private(set) var speed: CurveHistory
  private(set) var finished: [Epoch] = []
  private(set) var best: Epoch?
  var messages = DashboardMessages()
  /// True when the run was asked to stop.
  var isStopping = false
  /// The time since the start in seconds.
  var seconds = 0.0

  /// - Parameters:
  ///   - progress: the state at the start.
  ///   - finished: the epochs before it, of a run that is resumed.
  public init(
    title: String, place: String, lossName: String, hasAccuracy: Bool, stepsPerEpoch: Int,
    progress: ProgressState, finished: [Epoch] = []
  ) {
    self.title = title
    self.place = place
    self.lossName = lossName
    self.hasAccuracy = hasAccuracy
    self.steps = progress.steps
    self.stepsPerEpoch = max(1, stepsPerEpoch)
    self.epochs = progress.epochs
    self.progress = progress
    let empty = CurveHistory(steps: progress.steps)
    train = (empty, empty)
    rate = empty
    speed = empty
    for epoch in finished {
      train.loss.add(epoch.trainLoss, step: epoch.epoch * self.stepsPerEpoch)
      train.accuracy.add(epoch.trainAccuracy, step: epoch.epoch * self.stepsPerEpoch)
      end(epoch)
    }
  }

  /// Adds the state after a step.
  mutating func add(_ state: ProgressState) {
    progress = state
    train.loss.add(state.loss, step: state.step)
    train.accuracy.add(state.accuracy, step: state.step)
    rate.add(state.rate, step: state.step)
    speed.add(state.imagesPerSecond, step: state.step)
  }

  /// Adds the results of an epoch.
  mutating func end(_ epoch: Epoch) {
    finished.append(epoch)
    if epoch.isBest { best = epoch }
  }

  /// A value of each finished epoch, at its last step.
  func points(_ value: (Epoch) -> Double?) -> [CurvePanel.Point] {
    finished.compactMap { epoch in
      value(epoch).flatMap { value in
        value.isFinite
          ? .init(x: min(Double(epoch.epoch * stepsPerEpoch), Double(steps)), y: value) : nil
      }
    }
  }
}
