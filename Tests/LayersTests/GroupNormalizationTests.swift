import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct GroupNormalizationTests {
  /// Groups of two channels over two pixels: the values 1, 3, 5, 7 with mean 4 and variance 5, and four
  /// equal ones.
  @Test func formulaByHand() {
    let p = Volume<Double>(channels: 4, rows: 1, columns: 2) { f, _, j in
      f < 2 ? Double(4 * f + 2 * j + 1) : 9
    }
    let q = groupNormalization(
      p, groups: 2, scale: [1, 2, 3, 4], shift: [0, 1, 2, 3], epsilon: 4)
    let third = 1.0 / 3
    let expected: [Double] = [-1, -third, 2 * third + 1, 3, 2, 2, 3, 3]
    #expect(q.elements == expected)
  }

  @Test func formulaHasItsGradient() {
    var random = WholeNumbers(seed: 301)
    func vector(_ count: Int) -> Vector<Double> { Vector(random.fractions(count).map(Double.init)) }
    let p = Volume(shape: [6, 2, 3], elements: vector(36).elements)
    let dq = Volume(shape: [6, 2, 3], elements: vector(36).elements)
    let (gamma, beta) = (vector(6), vector(6))
    func loss(_ p: Volume<Double>, _ gamma: Vector<Double>, _ beta: Vector<Double>) -> Double {
      dot(groupNormalization(p, groups: 3, scale: gamma, shift: beta, epsilon: 0.01), dq)
    }
    let found = groupNormalizationBackward(dq, p, groups: 3, scale: gamma, epsilon: 0.01)
    func close(_ a: [Double], _ b: [Double]) -> Bool {
      zip(a, b).allSatisfy { abs($0 - $1) < 1e-8 }
    }
    #expect(
      close(found.dp.elements, finiteDifference(at: p) { loss($0, gamma, beta) }.elements))
    #expect(
      close(found.dgamma.elements, finiteDifference(at: gamma) { loss(p, $0, beta) }.elements))
    #expect(
      close(found.dbeta.elements, finiteDifference(at: beta) { loss(p, gamma, $0) }.elements))
  }

  /// Lanes that stay empty, ragged vectors, groups of one channel and of all.
  @Test(
    arguments: [
      ([1, 3, 4, 6], 3), ([2, 5, 1, 16], 16), ([5, 2, 2, 33], 1), ([16, 3, 3, 4], 2),
      ([19, 2, 3, 20], 5), ([2, 8, 8, 64], 8),
    ] as [(Shape, Int)], KernelSet.available)
  func passesAreTheTextbooks(_ item: (shape: Shape, groups: Int), _ set: KernelSet) throws {
    let (shape, groups) = item
    var random = WholeNumbers(seed: shape.count)
    let channels = shape[3]
    let x = random.fractions(shape.count).map { 2 + $0 }
    let dy = random.fractions(shape.count)
    let layer = GroupNormalization("gn1", groups: groups, channels: channels, epsilon: 1e-3)
    layer.weight.setValues(stored: random.fractions(channels))
    layer.bias.setValues(stored: random.fractions(channels))
    let scale = Vector(layer.weight.storedValues().map(Double.init))
    let shift = Vector(layer.bias.storedValues().map(Double.init))
    let inputs = volumes(x.map(Double.init), shape)
    let y = inputs.map {
      groupNormalization($0, groups: groups, scale: scale, shift: shift, epsilon: 1e-3)
    }
    let backward = zip(volumes(dy.map(Double.init), shape), inputs).map {
      groupNormalizationBackward($0, $1, groups: groups, scale: scale, epsilon: 1e-3)
    }
    func sum(_ gradients: [Vector<Double>]) -> [Float] {
      (0..<channels).map { c in Float(gradients.reduce(0) { $0 + $1[c] }) }
    }

    let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
    #expect(relativeDifference(run.y, elements(y).map(Float.init)) < 1e-6)
    #expect(relativeDifference(run.dx, elements(backward.map(\.dp)).map(Float.init)) < 2e-6)
    #expect(relativeDifference(run.gradients[0], sum(backward.map(\.dgamma))) < 2e-6)
    #expect(relativeDifference(run.gradients[1], sum(backward.map(\.dbeta))) < 1e-6)

    let reference = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: .portable)
    #expect(run.y == reference.y && run.dx == reference.dx)
    #expect(run.gradients == reference.gradients)
    let twice = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, rounds: 2)
    #expect(twice.gradients == run.gradients.map { $0.map { 2 * $0 } })
  }

  @Test func refusesOtherChannels() throws {
    let layer = GroupNormalization("gn1", groups: 2, channels: 4)
    #expect(throws: ShapeError(layer: "gn1", expected: "[n, …, 4]", found: [1, 2, 2, 6])) {
      try layer.outputShape(for: [1, 2, 2, 6])
    }
    #expect(try layer.outputShape(for: [3, 4]) == [3, 4])
  }
}
