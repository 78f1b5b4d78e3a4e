/// The progress of a training run. Unknown values are nil and are not shown.
public struct ProgressState: Equatable, Sendable {
  /// The current epoch, counted from 1.
  public var epoch: Int
  /// The total number of epochs, not necessarily whole.
  public var epochs: Double
  /// The number of completed steps, over all epochs.
  public var step: Int
  /// The total number of steps, over all epochs.
  public var steps: Int
  /// The mean loss of recent examples.
  public var loss: Double?
  /// The accuracy on recent examples, 0 to 1.
  public var accuracy: Double?
  public var imagesPerSecond: Double?
  /// The learning rate.
  public var rate: Double?
  /// The estimated time left, in seconds.
  public var secondsLeft: Double?

  public init(
    epoch: Int, epochs: Double, step: Int, steps: Int, loss: Double? = nil,
    accuracy: Double? = nil, imagesPerSecond: Double? = nil, rate: Double? = nil,
    secondsLeft: Double? = nil
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.step = step
    self.steps = steps
    self.loss = loss
    self.accuracy = accuracy
    self.imagesPerSecond = imagesPerSecond
    self.rate = rate
    self.secondsLeft = secondsLeft
  }
}
