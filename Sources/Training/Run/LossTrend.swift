import Files

/// How the training loss went over a run, for a word of advice at its end.
public enum LossTrend: Equatable, Sendable {
  /// The mean loss of the last epoch is above 90 % of the first step's, which precedes all updates.
  case hardlyMoved(first: Double, last: Double)
  /// The training loss of the last epoch is below 90 % of that of the epoch before, and the validation loss,
  /// if there is one, fell too. A training accuracy of 99 % or more leaves nothing to gain.
  case stillFalling(before: Double, last: Double)

  /// The trend of a run; nil for one without advice, and one without a whole epoch.
  ///
  /// - Parameters:
  ///   - firstLoss: of the run's first mini-batch.
  ///   - epochs: in order.
  public init?(firstLoss: Double?, epochs: [MetricsHistory.Epoch]) {
    guard let last = epochs.last else { return nil }
    // The only step of a run has the first loss itself.
    if let firstLoss, last.trainLoss != firstLoss || epochs.count > 1,
      last.trainLoss > 0.9 * firstLoss
    {
      self = .hardlyMoved(first: firstLoss, last: last.trainLoss)
      return
    }
    guard let before = epochs.dropLast().last, last.trainLoss < 0.9 * before.trainLoss,
      last.trainAccuracy ?? 0 < 0.99
    else { return nil }
    if let loss = last.validationLoss, let lossBefore = before.validationLoss, loss >= lossBefore {
      return nil
    }
    self = .stillFalling(before: before.trainLoss, last: last.trainLoss)
  }
}

extension MetricsHistory {
  /// The loss of a run's first step, from the lines in `bytes`.
  public static func firstLoss(in bytes: [UInt8]) -> Double? {
    guard let line = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first,
      let value = try? StrictJSON.parse(line), value["kind"] == "step", value["step"] == 1
    else { return nil }
    return value["loss"]?.asNumber
  }
}
