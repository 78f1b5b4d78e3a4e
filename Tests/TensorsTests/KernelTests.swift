import CKernels
import Testing

@testable import Tensors

@Suite struct KernelTests {
  /// A debug build must be as fast as a release build. Package.swift sets the flags.
  @Test func debugBuildsAreOptimized() {
    #expect(kernels_are_optimized() == 1, "CKernels was compiled without optimization")
    #expect(isOptimized, "Tensors was compiled without optimization")
  }

  @Test func availableSetsAreCompiled() {
    #expect(KernelSet.available.allSatisfy(KernelSet.compiled.contains))
    #expect(KernelSet.available.contains(.portable) && KernelSet.available.contains(.best))
  }

  @Test(arguments: KernelSet.available)
  func lanesAreAddedAsATree(_ set: KernelSet) {
    let kernels = set.table!.pointee
    // (ε + ε) + (1 − 1) = 2ε. From left to right, 2ε + 1 would round to 1.
    let lanes: [Float] = [1e-8, 1e-8, 1, -1]
    for count in [1, 7, 33] {
      let values = lanes.flatMap { [Float](repeating: $0, count: count) }
      var sums = [Float](repeating: 0, count: count)
      kernels.add_lanes(values, count, 4, .max, &sums, count)
      #expect(sums == [Float](repeating: 2e-8, count: count))
      // Without the third lane, which may hold anything: 2ε + (0 − 1).
      sums = [Float](repeating: 0, count: count)
      kernels.add_lanes(values, count, 4, 0b1011, &sums, count)
      #expect(sums == [Float](repeating: 2e-8 - 1, count: count))
    }
  }

  @Test(arguments: KernelSet.available)
  func transpositionSwapsRowsAndColumns(_ set: KernelSet) {
    let kernels = set.table!.pointee
    for (rows, columns) in [(1, 1), (4, 4), (5, 9), (33, 18), (8, 3)] {
      let from = (0..<rows * columns).map(Float.init)
      var to = [Float](repeating: -1, count: rows * columns)
      kernels.transpose(from, rows, columns, columns, &to, rows)
      for r in 0..<rows {
        for c in 0..<columns { #expect(to[c * rows + r] == from[r * columns + c]) }
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func sumsOfSquaresAreInDouble(_ set: KernelSet) {
    let kernels = set.table!.pointee
    for count in [0, 1, 15, 16, 17, 100] {
      let x = (0..<count).map { Float($0) - 3 }
      let expected = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(kernels.sum_of_squares(x, count) == expected)
    }
    #expect(kernels.sum_of_squares([1, .nan, 2], 3).isNaN)
    // 2·10⁶⁰, which Float cannot hold.
    let large = Double(Float(1e30))
    #expect(kernels.sum_of_squares([1e30, 1e30], 2) == 2 * large * large)
  }
}
