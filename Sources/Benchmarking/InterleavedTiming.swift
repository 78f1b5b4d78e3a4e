import Training

/// Programs, or parts of one, that do work in turn and are timed: A B C A B C …
///
/// Machines drift by tens of percent within seconds, and all sides of a round drift together: ratios
/// of one round hold where rates of two runs do not.
public enum InterleavedTiming {
  /// One of those who take turns.
  public struct Side {
    /// About how long a turn takes.
    let seconds: Double
    let take: (_ count: Int) throws -> Double

    /// - Parameter take: does its work `count` times, and tells how many seconds that took.
    public init(seconds: Double, take: @escaping (_ count: Int) throws -> Double) {
      self.seconds = seconds
      self.take = take
    }

    /// Work that is timed from here.
    public init(seconds: Double, timing work: @escaping () throws -> Void) {
      let clock = ContinuousClock()
      self.init(seconds: seconds) { count in
        let start = clock.now
        for _ in 0..<count { try work() }
        let (whole, attoseconds) = (clock.now - start).components
        return Double(whole) + Double(attoseconds) * 1e-18
      }
    }
  }

  /// Warms every side up, then lets each have `rounds` turns.
  ///
  /// - Returns: for each side, how many seconds its work took once, in each round.
  public static func measure(_ sides: [Side], rounds: Int) throws -> [Measurements] {
    let counts = try sides.map { try count($0) }
    var seconds = [[Double]](repeating: [], count: sides.count)
    for _ in 0..<rounds {
      for (index, side) in sides.enumerated() {
        seconds[index].append(try side.take(counts[index]) / Double(counts[index]))
      }
    }
    return seconds.map { Measurements($0) }
  }

  /// How often a side does its work in a turn, once it is warm.
  private static func count(_ side: Side) throws -> Int {
    var count = 1
    _ = try side.take(count)
    while true {
      let time = try side.take(count)
      // A clock that stands still must not keep a side waiting for ever.
      if time >= side.seconds / 4 || count >= 1 << 30 {
        return max(1, Int(min(Double(count) * side.seconds / max(time, 1e-9), 1e9)))
      }
      count *= 2
    }
  }
}
