/// The progress of a download. Unknown values are nil and are not shown.
public struct TransferState: ProgressLines, Equatable, Sendable {
  public var file: String
  /// The number of bytes received.
  public var done: Int
  /// The size of the file in bytes.
  public var total: Int?
  public var bytesPerSecond: Double?
  /// The estimated time left, in seconds.
  public var secondsLeft: Double?

  public init(
    file: String, done: Int, total: Int? = nil, bytesPerSecond: Double? = nil,
    secondsLeft: Double? = nil
  ) {
    self.file = file
    self.done = done
    self.total = total
    self.bytesPerSecond = bytesPerSecond
    self.secondsLeft = secondsLeft
  }

  /// The number of whole tenths of the file, or of pieces of 16 MiB if the size is unknown.
  public var step: Int {
    guard let total else { return done >> 24 }
    return Int(10 * fraction(of: total))
  }

  public var steps: Int { total == nil ? .max : 10 }

  ///     cifar-10-binary.tar.gz  40%  64.9 MiB of 162.2 MiB  12.3 MiB/s  8.0s left
  public var plainLine: String {
    let amount =
      total.map { "\(Int(100 * fraction(of: $0)))%  \(Format.bytes(done)) of \(Format.bytes($0))" }
      ?? Format.bytes(done)
    let left = secondsLeft.map { "\(Format.duration($0)) left" }
    return ([file, amount] + [speed, left].compactMap { $0 }).joined(separator: "  ")
  }

  ///     cifar-10-binary.tar.gz  ━━━━╸──────  40%  64.9 MiB of 162.2 MiB  12.3 MiB/s  …
  ///
  /// On a narrow terminal fields are left out, in this order: the speed, the amount, the name and the time
  /// left.
  public func barLine(width: Int) -> String {
    guard let total else { return plainLine.prefix(terminalWidth: max(0, width)) }
    var after = [
      ProgressBar.Field("\(Format.bytes(done)) of \(Format.bytes(total))", rank: 1)
    ]
    if let speed { after.append(.init(speed, rank: 0)) }
    if let secondsLeft { after.append(.init("\(Format.duration(secondsLeft)) left", rank: 3)) }
    return ProgressBar(
      fraction: fraction(of: total), before: [.init(file, rank: 2)], after: after
    ).line(width: width)
  }

  private var speed: String? {
    bytesPerSecond.flatMap { rate in
      rate.isFinite && rate < 1e15 ? "\(Format.bytes(Int(rate)))/s" : nil
    }
  }

  private func fraction(of total: Int) -> Double {
    total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
  }
}
