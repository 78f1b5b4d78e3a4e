/// How far a training run is, for a person to read; what is not known is left out.
public struct ProgressState: Equatable, Sendable {
  /// The epoch under way, from 1.
  public var epoch: Int
  /// How many epochs there will be, perhaps a fraction.
  public var epochs: Double
  /// Steps done, over all epochs.
  public var step: Int
  /// Steps there will be, over all epochs.
  public var steps: Int
  /// The mean loss of late.
  public var loss: Double?
  /// The share of examples recognized of late, 0 to 1.
  public var accuracy: Double?
  public var imagesPerSecond: Double?
  /// The learning rate.
  public var rate: Double?
  /// How long the rest will take, in seconds.
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
