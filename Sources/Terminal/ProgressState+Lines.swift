extension ProgressState: ProgressLines {
  /// The state as one line of a log.
  ///
  ///     epoch 3/8  step 412/1100  loss 0.0312  accuracy 98.91%  rate 0.01  12,345 images/s  …
  public var plainLine: String {
    var parts = ["epoch \(epochText)", "step \(step)/\(steps)"]
    if let loss { parts.append("loss \(Format.fixed(loss, decimals: 4))") }
    if let accuracy { parts.append("accuracy \(Format.percent(accuracy))") }
    if let rate { parts.append("rate \(Format.significant(rate, digits: 4))") }
    if let imagesPerSecond { parts.append(Format.rate(imagesPerSecond, of: "images")) }
    if let secondsLeft { parts.append("\(Format.duration(secondsLeft)) left") }
    return parts.joined(separator: "  ")
  }

  /// The state as a bar with text fields, at most `width` columns wide.
  ///
  ///     epoch 3/8  ━━━━━━━╸──────────  37%  412/1100  loss 0.0312  98.91%  12,345 images/s  …
  ///
  /// On a narrow terminal fields are left out, in this order: the learning rate, images/s, the step, the
  /// accuracy, the loss, the time left and the epoch. The percentage stays.
  public func barLine(width: Int) -> String {
    var after = [ProgressBar.Field("\(step)/\(steps)", rank: 2)]
    if let loss {
      after.append(.init("loss \(Format.fixed(loss, decimals: 4))", rank: 4))
    }
    if let accuracy { after.append(.init("accuracy \(Format.percent(accuracy))", rank: 3)) }
    if let imagesPerSecond {
      after.append(.init(Format.rate(imagesPerSecond, of: "images"), rank: 1))
    }
    if let rate { after.append(.init("rate \(Format.significant(rate, digits: 4))", rank: 0)) }
    if let secondsLeft {
      after.append(.init("\(Format.duration(secondsLeft)) left", rank: 5))
    }
    return ProgressBar(
      fraction: steps > 0 ? Double(step) / Double(steps) : 0,
      before: [.init("epoch \(epochText)", rank: 6)], after: after
    ).line(width: width)
  }

  private var epochText: String { "\(epoch)/\(Format.significant(epochs, digits: 6))" }
}
