import Tensors
import Testing
import Textbook

@testable import Layers

@Suite struct PoolingTests {
  /// Few different values, so that ties are common: the first of equal ones must win.
  @Test(arguments: KernelSet.available)
  func isExactlyTheTextbooks(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 11)
    var checked = 0
    while checked < (set == .portable ? 60 : 250) {
      let size = Extent2D(random.one(from: 1, to: 4), random.one(from: 1, to: 4))
      let stride = Extent2D(random.one(from: 1, to: 4), random.one(from: 1, to: 4))
      let padding = Extent2D(
        random.one(from: 0, to: size.height / 2), random.one(from: 0, to: size.width / 2))
      let ceilMode = random.one(from: 0, to: 1) == 1
      let channels = [1, 3, 8, 16, 17, 40][random.one(from: 0, to: 5)]
      let shape: Shape = [
        random.one(from: 1, to: 3), random.one(from: 1, to: 11), random.one(from: 1, to: 11),
        channels,
      ]
      let layer = MaxPooling(
        "pool1", size: size, stride: stride, padding: padding, ceilMode: ceilMode)
      guard let outputShape = try? layer.outputShape(for: shape) else { continue }
      checked += 1
      let x = random.next(shape.count, from: -1, to: 1)
      let dy = random.next(outputShape.count)
      let window = PoolingWindow(
        Extent(size.height, size.width), stride: Extent(stride.height, stride.width),
        padding: Extent(padding.height, padding.width), roundsUp: ceilMode)
      let inputs = volumes(x, shape)
      let gradients = volumes(dy, outputShape)

      let run = try LayerRun(layer, x: x.floats, shape: shape, dy: dy.floats, kernelSet: set)
      let description = "\(shape), \(window)"
      #expect(run.y == elements(inputs.map { maxPooling2D($0, window) }).floats, "\(description)")
      let dx = zip(gradients, inputs).map { maxPooling2DBackward($0, $1, window) }
      #expect(run.dx == elements(Array(dx)).floats, "\(description)")
    }
  }

  @Test func notANumberWins() throws {
    let layer = MaxPooling("pool1", size: 2)
    let run = try LayerRun(
      layer, x: [1, .nan, 3, 2, 5, 4, .nan, 6], shape: [1, 2, 4, 1], dy: [1, 1])
    #expect(run.y.map(\.isNaN) == [true, true])
    #expect(run.dx == [0, 1, 0, 0, 0, 0, 1, 0])
  }

  @Test func saysWhatDoesNotFit() {
    let layer = MaxPooling("pool3", size: 3)
    #expect(throws: ShapeError(layer: "pool3", expected: "[n, h, w, c]", found: [2, 9])) {
      try layer.outputShape(for: [2, 9])
    }
    #expect(
      throws: ShapeError(
        layer: "pool3", expected: "an image of at least the window 3×3, padding 0×0",
        found: [1, 2, 9, 1])
    ) { try layer.outputShape(for: [1, 2, 9, 1]) }
    #expect(
      MaxPooling.problem(size: 2, stride: 1, padding: 2)
        == "a padding of 2×2 (expected at most half the window of 2×2)")
  }
}

@Suite struct ReLUTests {
  @Test(arguments: KernelSet.available)
  func handComputed(_ set: KernelSet) throws {
    let x: [Float] = [-2, -0.5, 0, 0.5, 3, .infinity, -.infinity] + Array(repeating: 1, count: 40)
    let dy = x.indices.map { Float($0 + 1) }
    let run = try LayerRun(ReLU("relu1"), x: x, shape: [1, x.count], dy: dy, kernelSet: set)
    #expect(run.y == [0, 0, 0, 0.5, 3, .infinity, 0] + Array(repeating: 1, count: 40))
    #expect(run.dx == [0, 0, 0, 4, 5, 6, 0] + dy.dropFirst(7))
  }

  @Test func notANumberIsSeen() throws {
    let run = try LayerRun(ReLU("relu1"), x: [.nan, 1], shape: [1, 2], dy: [1, 1])
    #expect(run.y[0].isNaN)
  }
}
