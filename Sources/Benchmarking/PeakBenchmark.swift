import CKernels
import Tensors

/// Times fused multiply-adds that never leave the registers, on all threads at once. Their rate is
/// the peak of this processor with a kernel set, with which the rates of kernels are compared.
public struct PeakBenchmark {
  public let context: Context

  /// The number of parts for each thread: a thread that starts late leaves its share to the others.
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
