import CKernels
import Foundation
import Testing

@testable import Tensors

@Suite struct KernelTests {
  /// A debug build must be as fast as a release build: `toolchain` flags in Package.swift.
  @Test func hotTargetsAreOptimized() {
    #expect(kernels_are_optimized() == 1, "CKernels was compiled without optimization")
    #expect(isOptimized, "Tensors was compiled without optimization")
  }

  /// Within one unit in the last place of the double result, over the whole range.
  @Test func exponentialsAndLogarithms() {
    func units(_ found: Float, _ exact: Double) -> Double {
      abs(Double(found) - exact) / Double(Float(exact).ulp)
    }
    var worst = (exp: 0.0, log: 0.0)
    for i in 0..<400_000 {
      let x = Float(-87) + Float(i) * (175 / 400_000)
      worst.exp = max(worst.exp, units(exact_exp(x), exp(Double(x))))
      let y = Float(bitPattern: 0x0080_0000 + UInt32(i) * 5_300)
      worst.log = max(worst.log, units(exact_log(y), log(Double(y))))
    }
    #expect(worst.exp <= 0.51)
    #expect(worst.log <= 0.51)
    #expect(exact_exp(0) == 1 && exact_exp(200) == .infinity && exact_exp(-200) == 0)
    #expect(exact_log(1) == 0 && exact_log(0) == -.infinity && exact_log(-1).isNaN)
    #expect(exact_exp(.nan).isNaN && exact_log(.nan).isNaN && exact_log(.infinity) == .infinity)
    // The smallest results are subnormal.
    #expect(units(exact_exp(-100), exp(-100)) <= 0.51)
  }

  @Test(arguments: KernelSet.available)
  func lanesAreAddedAsATree(_ set: KernelSet) {
    let kernels = set.table!.pointee
    // (1 + ε) + (−1 + −ε): left to right ε would be lost.
    let lanes: [Float] = [1e-8, 1e-8, 1, -1]
    for count in [1, 7, 33] {
      let values = lanes.flatMap { [Float](repeating: $0, count: count) }
      var sums = [Float](repeating: 0, count: count)
      kernels.add_lanes(values, count, 4, &sums, count)
      #expect(sums == [Float](repeating: 2e-8, count: count))
    }
  }

  @Test(arguments: KernelSet.available)
  func transposes(_ set: KernelSet) {
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
  func sumsOfSquares(_ set: KernelSet) {
    let kernels = set.table!.pointee
    for count in [0, 1, 15, 16, 17, 100] {
      let x = (0..<count).map { Float($0) - 3 }
      let expected = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(kernels.sum_of_squares(x, count) == expected)
    }
    #expect(!kernels.sum_of_squares([1, .nan, 2], 3).isFinite)
    #expect(kernels.sum_of_squares([1e30, 1e30], 2).isFinite)
  }

  @Test func shapes() {
    let shape: Shape = [5, 4, 3, 2]
    #expect(shape.count == 120 && shape.countPerExample == 24 && shape.rank == 4)
    #expect(shape.with(examples: 2) == [2, 4, 3, 2])
    #expect(Shape([7, 3]) != Shape([7, 3, 1]))
    #expect(shape.description == "[5, 4, 3, 2]")
  }

  @Test func arenasAreAlignedAndZero() {
    let arena = Arena()
    for count in [1, 17, 100_000, 3_000_000] {
      let floats = arena.floats(count)
      #expect(Int(bitPattern: floats) % 64 == 0)
      #expect((0..<count).allSatisfy { floats[$0] == 0 })
      floats.update(repeating: 1, count: count)
    }
  }
}
