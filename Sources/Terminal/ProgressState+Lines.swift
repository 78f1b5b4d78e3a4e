extension ProgressState {
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

  /// The state as a bar with figures, of at most `width` columns.
  ///
  ///     epoch 3/8  ━━━━━━━╸──────────  37%  412/1100  loss 0.0312  98.91%  12,345 images/s  …
  ///
  /// On a narrow terminal the figures go one by one: the rate first, then images/s, the number of
  /// the step, the accuracy, the loss, the time left and the epoch. The percentage stays.
  public func barLine(width: Int) -> String {
    var before: [Field] = [Field(.epoch, "epoch \(epochText)")]
    var after: [Field] = [Field(.step, "\(step)/\(steps)")]
    if let loss { after.append(Field(.loss, "loss \(Format.fixed(loss, decimals: 4))")) }
    if let accuracy { after.append(Field(.accuracy, "accuracy \(Format.percent(accuracy))")) }
    if let imagesPerSecond {
      after.append(Field(.speed, Format.rate(imagesPerSecond, of: "images")))
    }
    if let rate { after.append(Field(.rate, "rate \(Format.significant(rate, digits: 4))")) }
    if let secondsLeft { after.append(Field(.timeLeft, "\(Format.duration(secondsLeft)) left")) }

    let percent = Self.leftPadded("\(Int(fraction * 100))%", to: 4)
    func room() -> Int {
      (before + after).reduce(width - percent.count - 1) { $0 - $1.text.terminalWidth - 2 }
    }
    for kind in Field.Kind.allCases where room() < Self.shortestBar {
      before.removeAll { $0.kind == kind }
      after.removeAll { $0.kind == kind }
    }
    guard room() >= Self.shortestBar else { return percent.prefix(terminalWidth: max(0, width)) }
    let bar = Self.bar(fraction, length: min(room(), Self.longestBar))
    return (before.map(\.text) + ["\(bar) \(percent)"] + after.map(\.text))
      .joined(separator: "  ")
  }

  private static let shortestBar = 8
  private static let longestBar = 30

  private struct Field {
    /// In the order in which they give way.
    enum Kind: CaseIterable {
      case rate, speed, step, accuracy, loss, timeLeft, epoch
    }

    let kind: Kind
    let text: String

    init(_ kind: Kind, _ text: String) {
      self.kind = kind
      self.text = text
    }
  }

  private var epochText: String { "\(epoch)/\(Format.significant(epochs, digits: 6))" }

  /// The share of the steps done, 0 to 1.
  private var fraction: Double {
    steps > 0 ? min(1, max(0, Double(step) / Double(steps))) : 0
  }

  /// `length` characters, of which a share of `fraction` is heavy, to half a character.
  private static func bar(_ fraction: Double, length: Int) -> String {
    let halves = Int(fraction * Double(2 * length))
    let full = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    return full + String(repeating: "─", count: length - full.count)
  }

  private static func leftPadded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
