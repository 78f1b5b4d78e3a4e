import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct GlobalPoolingTests {
  static let shapes: [Shape] = [
    [1, 1, 1, 1], [3, 2, 5, 3], [2, 4, 4, 16], [5, 7, 1, 17], [2, 3, 3, 40], [18, 2, 2, 4],
  ]

  /// There are few different values, so ties are common: the first of equal values must be the
  /// maximum.
  @Test(arguments: shapes, KernelSet.available)
  func theMaximumIsExactlyTheTextbooks(_ shape: Shape, _ set: KernelSet) throws {
    var random = WholeNumbers(seed: 21)
    for greatest in [1, 100] {
      let x = random.next(shape.count, from: -greatest, to: greatest)
      let dy = random.next(shape[0] * shape[3])
      let run = try LayerRun(
        GlobalPooling("globalmax1", .maximum), x: x.floats, shape: shape, dy: dy.floats,
        kernelSet: set, threads: 2)
      let inputs = volumes(x, shape)
      #expect(run.y == inputs.flatMap { globalMaxPooling($0).elements }.floats)
      let dx = inputs.enumerated().map { n, input in
        globalMaxPoolingBackward(Vector(Array(dy[n * shape[3]..<(n + 1) * shape[3]])), input)
      }
      #expect(run.dx == elements(dx).floats)
    }
  }

  /// Sums of whole numbers are exact, so only the quotient is rounded.
  @Test(arguments: shapes, KernelSet.available)
  func theMeanIsExactlyTheTextbooks(_ shape: Shape, _ set: KernelSet) throws {
    var random = WholeNumbers(seed: 22)
    let x = random.next(shape.count, from: -100, to: 100)
    let dy = random.next(shape[0] * shape[3])
    let run = try LayerRun(
      GlobalPooling("globalavg1", .average), x: x.floats, shape: shape, dy: dy.floats,
      kernelSet: set, threads: 2)
    let inputs = volumes(x.floats, shape)
    #expect(run.y == inputs.flatMap { globalAveragePooling($0).elements })
    let dx = inputs.enumerated().map { n, input in
      globalAveragePoolingBackward(
        Vector(dy[n * shape[3]..<(n + 1) * shape[3]].map(Float.init)), input)
    }
    #expect(run.dx == elements(dx))
  }

  @Test func handComputed() throws {
    // Two channels side by side: 1 7 3 7 and −4 −1 −2 −3.
    let x: [Float] = [1, -4, 7, -1, 3, -2, 7, -3]
    let shape: Shape = [1, 2, 2, 2]
    let most = try LayerRun(
      GlobalPooling("globalmax1", .maximum), x: x, shape: shape, dy: [5, 6])
    #expect(most.y == [7, -1])
    #expect(most.dx == [0, 0, 5, 6, 0, 0, 0, 0])
    let mean = try LayerRun(
      GlobalPooling("globalavg1", .average), x: x, shape: shape, dy: [4, 8])
    #expect(mean.y == [4.5, -2.5])
    #expect(mean.dx == [1, 2, 1, 2, 1, 2, 1, 2])
  }

  @Test(arguments: KernelSet.available)
  func notANumberWins(_ set: KernelSet) throws {
    for channels in [1, 5, 16, 21] {
      var x = [Float](repeating: 1, count: 6 * channels)
      let channel = channels - 1
      x[2 * channels + channel] = .nan
      x[4 * channels + channel] = .nan
      x[5 * channels] = 3
      let dy = (0..<channels).map { Float($0 + 1) }
      let shape: Shape = [1, 3, 2, channels]
      let most = try LayerRun(
        GlobalPooling("globalmax1", .maximum), x: x, shape: shape, dy: dy, kernelSet: set)
      #expect(most.y.indices.filter { most.y[$0].isNaN } == [channel])
      #expect(most.dx[2 * channels + channel] == Float(channels))
      if channels > 1 { #expect(most.y[0] == 3 && most.dx[5 * channels] == 1) }
      #expect(most.dx.reduce(0, +) == dy.reduce(0, +))
      let mean = try LayerRun(
        GlobalPooling("globalavg1", .average), x: x, shape: shape, dy: dy, kernelSet: set)
      #expect(mean.y.indices.filter { mean.y[$0].isNaN } == [channel])
    }
  }

  /// The index of the maximum in a large image does not fit into a byte.
  @Test func positionsMayExceedAByte() throws {
    var x = [Float](repeating: 0, count: 300 * 300 * 2)
    x[2 * 89_999] = 1
    x[2 * 70_000 + 1] = 2
    let run = try LayerRun(
      GlobalPooling("globalmax1", .maximum), x: x, shape: [1, 300, 300, 2], dy: [3, 4])
    #expect(run.y == [1, 2])
    #expect(run.dx.indices.filter { run.dx[$0] != 0 } == [140_001, 179_998])
  }

  @Test func saysWhatDoesNotFit() {
    #expect(throws: ShapeError(layer: "globalmax2", expected: "[n, h, w, c]", found: [2, 9])) {
      try GlobalPooling("globalmax2", .maximum).outputShape(for: [2, 9])
    }
  }
}
