import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct GELUTests {
  /// About every third float of both signs, from 2⁻³⁰ to those for which the function is constant
  /// or linear, against the Textbook's formula in Double.
  @Test(arguments: KernelSet.available)
  func isTheFormula(_ set: KernelSet) throws {
    let step: UInt32 = set == .portable ? 20_011 : 997
    let magnitudes = stride(from: UInt32(0x3080_0000), to: 0x4100_0000, by: Int(step))
      .map { Float(bitPattern: $0) }
    let x = magnitudes + magnitudes.map { -$0 }
    let run = try LayerRun(
      GELU("gelu1"), x: x, shape: [1, x.count], dy: Array(repeating: 1, count: x.count),
      kernelSet: set)
    let p = Vector(x.map(Double.init))
    let values = gelu(p)
    let slopes = geluBackward(Vector(x.map { _ in 1.0 }), p)
    var worst = (value: 0.0, slope: 0.0)
    for i in x.indices {
      let scale = max(1, abs(p[i]))
      worst.value = max(worst.value, abs(Double(run.y[i]) - values[i]) / scale)
      worst.slope = max(worst.slope, abs(Double(run.dx[i]) - slopes[i]))
    }
    #expect(worst.value <= 1.5e-7)
    #expect(worst.slope <= 5e-7)
  }

  /// Near 0 the result is x/2, up to the last places. Far from 0 it is x or 0.
  @Test(arguments: KernelSet.available)
  func extremeInputsGiveTheLimits(_ set: KernelSet) throws {
    let x: [Float] = [
      0, -0.0, 1e-20, -1e-20, .leastNormalMagnitude, 6, -6, 1e30, -1e30, .infinity, -.infinity,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    let dy = [Float](repeating: 2, count: x.count)
    let run = try LayerRun(GELU("gelu1"), x: x, shape: [1, x.count], dy: dy, kernelSet: set)
    for i in 0..<5 {
      #expect(abs(run.y[i] - x[i] / 2) <= abs(x[i]) * 1e-6)
      #expect(abs(run.dx[i] - 1) <= 1e-6)
    }
    for i in 5..<x.count {
      #expect(run.y[i] == max(0, x[i]), "\(x[i])")
      #expect(run.dx[i] == (x[i] > 0 ? 2 : 0), "\(x[i])")
    }
  }

  @Test(arguments: KernelSet.available)
  func notANumberIsSeen(_ set: KernelSet) throws {
    for place in [0, 3, 16] {
      var x = [Float](repeating: 1, count: 17)
      x[place] = .nan
      let run = try LayerRun(
        GELU("gelu1"), x: x, shape: [1, 17], dy: Array(repeating: 1, count: 17), kernelSet: set)
      #expect(run.y.indices.filter { run.y[$0].isNaN } == [place])
      #expect(run.dx.indices.filter { run.dx[$0].isNaN } == [place])
    }
  }

  /// Whole vectors and partial last vectors, with the examples divided among threads.
  @Test func setsAndThreadsGiveTheSameBits() throws {
    var random = WholeNumbers(seed: 31)
    for shape in [[1, 1], [1, 15], [1, 16], [1, 33], [19, 5, 3, 7]] as [Shape] {
      let x = random.fractions(shape.count).map { 8 * $0 }
      let dy = random.fractions(shape.count)
      let reference = try LayerRun(GELU("gelu1"), x: x, shape: shape, dy: dy)
      for set in KernelSet.available {
        let run = try LayerRun(
          GELU("gelu1"), x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
        #expect(run.y == reference.y && run.dx == reference.dx, "\(shape), \(set)")
      }
    }
  }
}

@Suite struct ScaleTests {
  @Test(arguments: KernelSet.available)
  func multiplies(_ set: KernelSet) throws {
    for count in [1, 4, 16, 19, 50] {
      let x = (0..<count).map { Float($0) - 7 }
      let dy = (0..<count).map { Float($0) + 0.5 }
      let run = try LayerRun(
        Scale("scale1", by: 1.0 / 9), x: x, shape: [1, count], dy: dy, kernelSet: set)
      #expect(run.y == x.map { $0 * (1.0 / 9) })
      #expect(run.dx == dy.map { $0 * (1.0 / 9) })
    }
  }
}
