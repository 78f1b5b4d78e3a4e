import CKernels
import Tensors

/// Fused multiply-adds that never leave the registers, on all threads at once: the most that this
/// processor can do with a kernel set, which the rates of kernels are compared with.
public struct PeakBenchmark {
  public let context: Context

  /// Each thread takes this many parts: one that starts late leaves its share to the others.
  private static let partsOfThread = 16

  public init(_ context: Context) { self.context = context }

  /// Runs `rounds` multiply-adds of each chain for each part of each thread.
  ///
  /// - Returns: the floating-point operations done, two for each multiply-add.
  @discardableResult
  public func run(rounds: Int = 2000) -> Int {
    let parts = context.threadCount * Self.partsOfThread
    context.pool.run(parts) { _, _ in
      var result: Float = 0
      _ = context.kernels.run_chains(rounds, &result)
    }
    return parts * rounds * operationsOfRound
  }

  private var operationsOfRound: Int {
    var result: Float = 0
    return context.kernels.run_chains(1, &result)
  }
}
