import Training

/// Times several workloads in alternation: A B C A B C …
///
/// The speed of a machine drifts by tens of percent within seconds, and all workloads of a round
/// drift together. Ratios within a round are therefore reliable, and rates of separate runs are
/// not.
public enum InterleavedTiming {
  /// One of the workloads.
  public struct Side {
    /// The approximate duration of a turn.
    let seconds: Double
    let take: (_ count: Int) throws -> Double

    /// - Parameter take: does the work `count` times and returns the seconds that it took.
    public init(seconds: Double, take: @escaping (_ count: Int) throws -> Double) {
      self.seconds = seconds
      self.take = take
    }

    /// Work that is timed here, by the clock of this process.
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

  /// Warms every workload up, then gives each of them `rounds` turns.
  ///
  /// - Returns: for each workload, the seconds per unit of work in each round.
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

  /// The number of times that a workload runs in a turn, determined while it warms up.
  private static func count(_ side: Side) throws -> Int {
    var count = 1
    _ = try side.take(count)
    while true {
      let time = try side.take(count)
      // A clock that does not advance must not cause an endless loop.
      if time >= side.seconds / 4 || count >= 1 << 30 {
        return max(1, Int(min(Double(count) * side.seconds / max(time, 1e-9), 1e9)))
      }
      count *= 2
    }
  }
}
