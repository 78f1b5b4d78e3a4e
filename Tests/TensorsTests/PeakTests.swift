import CKernels
import Testing

@testable import Tensors

/// The chains of multiply-adds that `benchmark` measures the peak speed with.
@Suite struct PeakTests {
  /// x = x/2 + 1 from 1 gives 1, 1.5, 1.75, … 2 − 2⁻ʳ, which rounds to 2 for large r. A missing or doubled
  /// round would falsify the peak.
  @Test(arguments: KernelSet.available)
  func everyRoundRunsOnce(_ set: KernelSet) {
    let kernels = set.table!.pointee
    for (rounds, expected) in [(0, Float(1)), (1, 1.5), (2, 1.75), (3, 1.875), (100, 2)] {
      var result: Float = 0
      _ = kernels.run_chains(rounds, &result)
      #expect(result == expected)
    }
  }

  @Test(arguments: KernelSet.available)
  func theCountIsTwoOperationsForEachMultiplyAdd(_ set: KernelSet) {
    let kernels = set.table!.pointee
    var result: Float = 0
    let one = kernels.run_chains(1, &result)
    // At least four chains of whole vectors, since a multiply-add has a latency of four cycles or more.
    let lanes = set == .avx512 ? 16 : set == .avx2 ? 8 : 4
    #expect(one % (2 * lanes) == 0 && one / (2 * lanes) >= 4)
    #expect(kernels.run_chains(0, &result) == 0)
    #expect(kernels.run_chains(7, &result) == 7 * one)
  }
}
