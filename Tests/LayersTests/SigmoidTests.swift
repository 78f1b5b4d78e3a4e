import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

/// The logistic function and the hyperbolic tangent.
@Suite struct SigmoidTests {
  /// Every 997th float of both signs, from the smallest to those for which the function is
  /// constant, against the Textbook's formula in Double.
  @Test(arguments: KernelSet.available)
  func isTheFormula(_ set: KernelSet) throws {
    let magnitudes = stride(
      from: UInt32(1), to: Float(120).bitPattern, by: set == .portable ? 20_011 : 997
    ).map { Float(bitPattern: $0) }
    let x = magnitudes + magnitudes.map { -$0 }
    let p = Vector(x.map(Double.init))
    for (layer, formula) in [
      (Sigmoid("sigmoid1"), sigmoid(p)), (Tanh("tanh1"), hyperbolicTangent(p)),
    ] as [(any Layer, Vector<Double>)] {
      let run = try LayerRun(
        layer, x: x, shape: [1, x.count], dy: Array(repeating: 1, count: x.count),
        kernelSet: set)
      var worst = 0.0
      for (found, exact) in zip(run.y, formula.elements) {
        let units = abs(Double(found) - exact) / Double(Float(exact).ulp)
        worst = units.isNaN ? .infinity : max(worst, units)
      }
      #expect(worst <= 2, "\(layer.name)")
    }
  }

  /// tanh is odd to the bit, and both functions stay in their ranges.
  @Test(arguments: KernelSet.available)
  func extremeInputsStayInRange(_ set: KernelSet) throws {
    let x: [Float] = [
      0, -0.0, 104, -104, 1e30, -1e30, .infinity, -.infinity, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, 1e-30, -1e-30, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    ]
    let dy = [Float](repeating: 2, count: x.count)
    let logistic = try LayerRun(
      Sigmoid("sigmoid1"), x: x, shape: [1, x.count], dy: dy, kernelSet: set)
    #expect(logistic.y == [0.5, 0.5, 1, 0, 1, 0, 1, 0, 1, 0, 0.5, 0.5, 0.5, 0.5])
    #expect(logistic.dx == [0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5])
    let tangent = try LayerRun(Tanh("tanh1"), x: x, shape: [1, x.count], dy: dy, kernelSet: set)
    #expect(tangent.y == [0, 0, 1, -1, 1, -1, 1, -1, 1, -1] + x[10...])
    #expect(tangent.y[0].sign == .plus && tangent.y[1].sign == .minus)
    #expect(tangent.dx == [2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2])
    var random = WholeNumbers(seed: 81)
    let numbers = random.fractions(1_000).map { 12 * $0 }
    let positive = try LayerRun(
      Tanh("tanh1"), x: numbers, shape: [1, 1_000], dy: numbers, kernelSet: set)
    let negative = try LayerRun(
      Tanh("tanh1"), x: numbers.map(-), shape: [1, 1_000], dy: numbers, kernelSet: set)
    #expect(negative.y == positive.y.map(-))
    #expect(negative.dx == positive.dx)
    #expect(positive.y.allSatisfy { (-1...1).contains($0) })
  }

  /// σ(ln 3) = 3/4 and tanh(ln 2) = 3/5, with the derivatives at these points.
  @Test(arguments: KernelSet.available)
  func handComputed(_ set: KernelSet) throws {
    let logistic = try LayerRun(
      Sigmoid("sigmoid1"), x: [0, 1.0986123, -1.0986123], shape: [1, 3], dy: [4, 16, 32],
      kernelSet: set)
    let tangent = try LayerRun(
      Tanh("tanh1"), x: [0, 0.6931472, -0.6931472], shape: [1, 3], dy: [4, 25, 50],
      kernelSet: set)
    for (found, expected) in [
      (logistic.y, [0.5, 0.75, 0.25]), (logistic.dx, [1, 3, 6]), (tangent.y, [0, 0.6, -0.6]),
      (tangent.dx, [4, 16, 32]),
    ] as [([Float], [Float])] {
      #expect(relativeDifference(found, expected) <= 1.2e-7)
    }
  }

  /// Central differences of a random projection of the Textbook's formula, in Double.
  @Test(arguments: [[1, 1], [3, 17], [2, 3, 4, 5], [1, 5, 1, 33]] as [Shape])
  func gradientsAreDifferences(_ shape: Shape) throws {
    var random = WholeNumbers(seed: shape.count)
    let x = random.fractions(shape.count).map { 5 * $0 }
    let dy = random.fractions(shape.count)
    let (p, dq) = (Vector(x.map(Double.init)), Vector(dy.map(Double.init)))
    let logistic = try LayerRun(Sigmoid("sigmoid1"), x: x, shape: shape, dy: dy)
    let tangent = try LayerRun(Tanh("tanh1"), x: x, shape: shape, dy: dy)
    let slopes = finiteDifference(at: p) { dot(sigmoid($0), dq) }.elements
    let steeper = finiteDifference(at: p) { dot(hyperbolicTangent($0), dq) }.elements
    for i in x.indices {
      #expect(abs(Double(logistic.dx[i]) - slopes[i]) <= 1e-7)
      // For y close to 1, 1 − y² has the absolute error of y.
      #expect(abs(Double(tangent.dx[i]) - steeper[i]) <= 2.5e-7)
    }
  }

  @Test(arguments: KernelSet.available)
  func notANumberIsSeen(_ set: KernelSet) throws {
    for layer in [Sigmoid("sigmoid1"), Tanh("tanh1")] as [any Layer] {
      for place in [0, 3, 16] {
        var x = [Float](repeating: 1, count: 17)
        x[place] = .nan
        let run = try LayerRun(
          layer, x: x, shape: [1, 17], dy: Array(repeating: 1, count: 17), kernelSet: set)
        #expect(run.y.indices.filter { run.y[$0].isNaN } == [place])
        #expect(run.dx.indices.filter { run.dx[$0].isNaN } == [place])
      }
    }
  }

  /// Whole vectors and partial last vectors, with the examples divided among threads.
  @Test func setsAndThreadsGiveTheSameBits() throws {
    var random = WholeNumbers(seed: 82)
    for shape in [[1, 1], [1, 15], [1, 16], [1, 33], [19, 5, 3, 7]] as [Shape] {
      let x = random.fractions(shape.count).map { 20 * $0 }
      let dy = random.fractions(shape.count)
      for layer in [Sigmoid("sigmoid1"), Tanh("tanh1")] as [any Layer] {
        let reference = try LayerRun(layer, x: x, shape: shape, dy: dy)
        for set in KernelSet.available {
          let run = try LayerRun(
            layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
          #expect(run.y == reference.y && run.dx == reference.dx, "\(shape), \(set)")
        }
      }
    }
  }
}
