import Datasets
import Layers
import Tensors
import Training

/// One of those who take turns.
protocol Side {
  /// Takes `count` steps and tells how long they took, in seconds.
  func take(_ count: Int) throws -> Double
}

/// This package's steps.
final class OurSide: Side {
  private let benchmark: StepBenchmark
  private let clock = ContinuousClock()
  private let forwardOnly: Bool

  init(_ settings: Configuration, context: Context, forwardOnly: Bool) throws {
    self.forwardOnly = forwardOnly
    benchmark = try StepBenchmark(settings, training: !forwardOnly, context: context)
  }

  var examples: Int { benchmark.examples }

  func take(_ count: Int) throws -> Double {
    let start = clock.now
    for _ in 0..<count {
      if forwardOnly { benchmark.forward() } else { try benchmark.trainingStep() }
    }
    let (seconds, attoseconds) = (clock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
