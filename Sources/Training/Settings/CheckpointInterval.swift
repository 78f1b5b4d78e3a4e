/// How often a run saves a checkpoint within an epoch.
public enum CheckpointInterval: Equatable, Sendable, CustomStringConvertible {
  /// After every step whose number is a multiple of this.
  case steps(Int)
  /// After the first step that ends this long after the last checkpoint.
  case seconds(Int)

  /// The values of `--checkpoint-every`, for messages.
  static let forms = "a number of steps such as 500, or a time such as 90s, 10m or 2h"

  private static let units: [(letter: Character, seconds: Int)] = [
    ("h", 3600), ("m", 60), ("s", 1),
  ]

  /// Nil if `text` is neither a number of steps nor a time.
  init?(_ text: String) {
    func number(_ text: some StringProtocol) -> Int? {
      guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text),
        (1...1_000_000_000).contains(number)
      else { return nil }
      return number
    }
    if let steps = number(text) {
      self = .steps(steps)
      return
    }
    guard let unit = Self.units.first(where: { $0.letter == text.last }),
      let count = number(text.dropLast())
    else { return nil }
    self = .seconds(count * unit.seconds)
  }

  public var description: String {
    switch self {
    case .steps(let count): return "\(count)"
    case .seconds(let seconds):
      let unit = Self.units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
      return "\(seconds / unit.seconds)\(unit.letter)"
    }
  }
}

/// Decides after which steps a checkpoint is due. Only files depend on it, never results.
public struct CheckpointTimer {
  private let interval: CheckpointInterval?
  private let clock: () -> Double
  private var last: Double

  /// - Parameters:
  ///   - interval: nil for a timer that never asks for a checkpoint.
  ///   - clock: the seconds since any fixed moment.
  public init(_ interval: CheckpointInterval?, clock: @escaping () -> Double) {
    self.interval = interval
    self.clock = clock
    last = clock()
  }

  /// A timer with a monotonic clock.
  public init(_ interval: CheckpointInterval?) {
    let start = ContinuousClock.now
    self.init(interval, clock: { (ContinuousClock.now - start) / .seconds(1) })
  }

  /// True if a checkpoint is due after step `step`.
  public func isDue(after step: Int) -> Bool {
    switch interval {
    case .steps(let count): step % count == 0
    case .seconds(let seconds): clock() - last >= Double(seconds)
    case nil: false
    }
  }

  /// Counts the time from now on, after a checkpoint.
  public mutating func restart() { last = clock() }
}
