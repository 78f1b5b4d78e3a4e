import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct SiLUTests {
  @Test func formulaByHand() {
    let ln3: Double = .log(3)
    let q = silu(Vector([0, ln3, -ln3]))
    let expected = [0, 0.75 * ln3, -0.25 * ln3]
    #expect(zip(q.elements, expected).allSatisfy { abs($0 - $1) < 1e-15 })
    let slope = siluBackward([1.0, 1, 2], Vector([0, ln3, -ln3]))
    let slopes = [0.5, 0.75 + 0.1875 * ln3, 0.5 - 0.375 * ln3]
    #expect(zip(slope.elements, slopes).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func formulaHasItsGradient() {
    var random = WholeNumbers(seed: 311)
    let p = Vector(random.fractions(40).map { 5 * Double($0) })
    let expected = finiteDifference(at: p) { sum(silu($0)) }
    let found = siluBackward(p.map { _ in 1 }, p)
    #expect(zip(found.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-8 })
  }

  /// Floats of all sizes from 2⁻³⁰ to 128, of both signs, against the Textbook's formula in Double:
  /// outputs in units of the last place, also where they are subnormal.
  @Test(arguments: KernelSet.available)
  func isTheFormula(_ set: KernelSet) throws {
    let step = set == .portable ? 20_011 : 997
    let magnitudes = stride(from: UInt32(0x3080_0000), to: 0x4300_0000, by: step)
      .map { Float(bitPattern: $0) }
    let x = magnitudes + magnitudes.map { -$0 }
    let run = try LayerRun(
      SiLU("silu1"), x: x, shape: [1, x.count], dy: Array(repeating: 1, count: x.count),
      kernelSet: set)
    let p = Vector(x.map(Double.init))
    let values = silu(p)
    let slopes = siluBackward(Vector(x.map { _ in 1.0 }), p)
    var worst = (value: 0.0, slope: 0.0)
    for i in x.indices {
      let place = Double(Float(values[i]).ulp)
      worst.value = max(worst.value, abs(Double(run.y[i]) - values[i]) / place)
      worst.slope = max(worst.slope, abs(Double(run.dx[i]) - slopes[i]))
    }
    #expect(worst.value <= 2)
    #expect(worst.slope <= 3e-7)
  }

  @Test(arguments: KernelSet.available)
  func theEnds(_ set: KernelSet) throws {
    let x: [Float] = [
      0, -0.0, .leastNormalMagnitude, 111, -111, 1e30, -1e30, .infinity, -.infinity, .nan,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    let dy = [Float](repeating: 2, count: x.count)
    let run = try LayerRun(SiLU("silu1"), x: x, shape: [1, x.count], dy: dy, kernelSet: set)
    #expect(run.y[..<3] == [0, 0, .leastNormalMagnitude / 2] && run.dx[..<3] == [1, 1, 1])
    for i in 3..<x.count where !x[i].isNaN {
      #expect(run.y[i] == max(0, x[i]), "\(x[i])")
      #expect(run.dx[i] == (x[i] > 0 ? 2 : 0), "\(x[i])")
    }
    #expect(run.y.indices.filter { run.y[$0].isNaN || run.dx[$0].isNaN } == [9])
  }

  /// An element alone is an element among others, and nothing behind the last one is written.
  @Test(arguments: KernelSet.available)
  func kernelsGiveTheSameBits(_ set: KernelSet) throws {
    let kernels = try #require(set.table).pointee
    let portable = try #require(KernelSet.portable.table).pointee
    var random = WholeNumbers(seed: 312)
    for count in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100] {
      let x = random.fractions(count).map { 110 * $0 * $0 * $0 }
      let dy = random.fractions(count)
      var y = [Float](repeating: 3, count: count + 1)
      var dx = y
      kernels.silu(x, &y, count)
      kernels.silu_backward(x, dy, &dx, count)
      for i in 0..<count {
        var alone: (y: Float, dx: Float) = (0, 0)
        portable.silu([x[i]], &alone.y, 1)
        portable.silu_backward([x[i]], [dy[i]], &alone.dx, 1)
        #expect(y[i].bitPattern == alone.y.bitPattern && dx[i].bitPattern == alone.dx.bitPattern)
      }
      #expect(y[count] == 3 && dx[count] == 3)
    }
  }
}
