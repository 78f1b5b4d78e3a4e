import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite struct BatchNormalizationTests {
  /// The formulas of the layer's doc comment in Double, for the values of one channel.
  struct Channel {
    var y: [Double] = []
    var dx: [Double] = []
    var byWeight = 0.0
    var byBias = 0.0
    var mean = 0.0
    var unbiasedVariance = 0.0

    init(_ x: [Double], dy: [Double], weight: Double, bias: Double, epsilon: Double) {
      let m = Double(x.count)
      mean = x.reduce(0, +) / m
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / m
      unbiasedVariance = variance * m / (m - 1)
      let inverse = 1 / (variance + epsilon).squareRoot()
      let normal = x.map { ($0 - mean) * inverse }
      y = normal.map { weight * $0 + bias }
      byBias = dy.reduce(0, +)
      byWeight = zip(dy, normal).reduce(0) { $0 + $1.0 * $1.1 }
      dx = zip(dy, normal).map { weight * inverse * ($0 - byBias / m - $1 * byWeight / m) }
    }
  }

  @Test(
    arguments: [
      ([5, 3, 4, 16], 1e-5), ([40, 2, 2, 3], 1e-12), ([17, 33], 1e-3), ([2, 1, 1, 7], 1e-5),
    ] as [([Int], Double)])
  func passesAreTheFormulas(_ extents: [Int], _ epsilon: Double) throws {
    let shape = Shape(extents)
    let channels = extents[extents.count - 1]
    let rows = shape.count / channels
    var random = WholeNumbers(seed: 7)
    // The means of the channels are far from 0, and some channels have a small variance.
    let x = random.fractions(shape.count).enumerated().map { index, value in
      Float(index % channels) + value * (index % channels % 3 == 0 ? 0.01 : 2)
    }
    let dy = random.fractions(shape.count)
    let layer = BatchNormalization("bn1", channels: channels, epsilon: epsilon, momentum: 0.25)
    let weights = random.fractions(channels)
    let biases = random.fractions(channels)
    layer.weight.setValues(stored: weights)
    layer.bias.setValues(stored: biases)
    let run = try LayerRun(layer, x: x, shape: shape, dy: dy)
    for c in 0..<channels {
      func column(_ values: [Float]) -> [Double] {
        (0..<rows).map { Double(values[$0 * channels + c]) }
      }
      let expected = Channel(
        column(x), dy: column(dy), weight: Double(weights[c]), bias: Double(biases[c]),
        epsilon: epsilon)
      // The rounding errors of a channel with a small variance are those of numbers c + 1 times as
      // large as 1.
      let tolerance = 1e-5 * Double(c + 1)
      let gain = abs(Double(weights[c])) / (expected.unbiasedVariance + epsilon).squareRoot()
      for (found, expected) in zip(column(run.y), expected.y) {
        #expect(abs(found - expected) < tolerance * max(1, gain))
      }
      for (found, expected) in zip(column(run.dx), expected.dx) {
        #expect(abs(found - expected) < tolerance * max(1, gain * gain))
      }
      #expect(abs(Double(run.gradients[0][c]) - expected.byWeight) < tolerance * Double(rows))
      #expect(abs(Double(run.gradients[1][c]) - expected.byBias) < 1e-6 * Double(rows))
      #expect(abs(Double(layer.runningMean.values[c]) - 0.25 * expected.mean) < 1e-5)
      #expect(
        abs(
          Double(layer.runningVariance.values[c]) - (0.75 + 0.25 * expected.unbiasedVariance))
          < 1e-5)
    }
  }

  /// By hand: 1, 2, 3, 6 have mean 3 and variance 3.5; with ε = 0.5 the std is 2.
  @Test func handComputed() throws {
    let layer = BatchNormalization("bn1", channels: 1, epsilon: 0.5, momentum: 1)
    layer.weight.setValues(stored: [4])
    layer.bias.setValues(stored: [10])
    let run = try LayerRun(layer, x: [1, 2, 3, 6], shape: [4, 1], dy: [1, 0, 0, 0])
    #expect(run.y == [6, 8, 10, 16])
    // x̂ = −1, −½, 0, 1½, ∂γ = −1, ∂β = 1, ∂x = 2·(∂y − ¼ + x̂/4).
    #expect(run.gradients == [[-1], [1], [], []])
    #expect(run.dx == [1, -0.75, -0.5, 0.25])
    #expect(layer.runningMean.storedValues() == [3])
    #expect(layer.runningVariance.storedValues()[0] == Float(14.0 / 3))
  }

  @Test func withoutScalingTheWeightStaysOne() throws {
    let layer = BatchNormalization("bn1", channels: 2, scales: false)
    #expect(layer.weight.role == .frozen)
    #expect(layer.weight.storedValues() == [1, 1])
    let run = try LayerRun(layer, x: [1, 0, 3, 4], shape: [2, 2], dy: [1, 2, 3, 4])
    #expect(run.gradients == [[], [4, 6], [], []])
  }

  /// With one value per channel, the std is √ε, and there is no unbiased variance.
  @Test func oneValueGivesTheBias() throws {
    let layer = BatchNormalization("bn1", channels: 3)
    layer.bias.setValues(stored: [1, 2, 3])
    let run = try LayerRun(layer, x: [5, -6, 7], shape: [1, 3], dy: [1, 1, 1])
    #expect(relativeDifference(run.y, [1, 2, 3]) < 1e-4)
    #expect(run.dx == [0, 0, 0])
    #expect(layer.runningVariance.storedValues().allSatisfy { abs($0 - 0.9) < 1e-6 })
  }

  @Test func shapesAreChecked() throws {
    let layer = BatchNormalization("bn1", channels: 3)
    #expect(throws: ShapeError(layer: "bn1", expected: "[n, …, 3]", found: [2, 4, 4, 5])) {
      try layer.outputShape(for: [2, 4, 4, 5])
    }
  }
}
