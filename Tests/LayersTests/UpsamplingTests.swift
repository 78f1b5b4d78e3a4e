import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct UpsamplingTests {
  static let factors: [Extent2D] = [
    1, 2, 3, 4, 5, 8, Extent2D(1, 3), Extent2D(2, 1), Extent2D(4, 2), Extent2D(3, 6),
  ]

  private func textbook<Scalar: BinaryFloatingPoint>(
    _ x: [Scalar], _ shape: Shape, _ layer: Upsampling
  ) -> [Scalar] {
    let factor = Extent(layer.factor.height, layer.factor.width)
    return elements(
      volumes(x, shape).map {
        layer.mode == .nearest
          ? nearestUpsampling($0, factor: factor) : bilinearUpsampling($0, factor: factor)
      })
  }

  private func textbookBackward<Scalar: BinaryFloatingPoint>(
    _ dy: [Scalar], _ shape: Shape, _ layer: Upsampling
  ) -> [Scalar] {
    let factor = Extent(layer.factor.height, layer.factor.width)
    return elements(
      volumes(dy, shape).map {
        layer.mode == .nearest
          ? nearestUpsamplingBackward($0, factor: factor)
          : bilinearUpsamplingBackward($0, factor: factor)
      })
  }

  private func shapes(_ random: inout WholeNumbers) -> [Shape] {
    [1, 3, 16, 17, 40].map { channels in
      [
        random.one(from: 1, to: 3), random.one(from: 1, to: 6), random.one(from: 1, to: 6),
        channels,
      ]
    }
  }

  private func isPowerOfTwo(_ factor: Extent2D) -> Bool {
    factor.height.nonzeroBitCount == 1 && factor.width.nonzeroBitCount == 1
  }

  /// Copies and sums of whole numbers are exact. Interpolation is exact if the weights are
  /// multiples of a power of two.
  @Test(arguments: factors, KernelSet.available)
  func isExactlyTheTextbooks(_ factor: Extent2D, _ set: KernelSet) throws {
    var random = WholeNumbers(seed: 101)
    for mode in [Upsampling.Mode.nearest, .bilinear]
    where mode == .nearest || isPowerOfTwo(factor) {
      for shape in shapes(&random) {
        let layer = Upsampling("upsample1", by: factor, mode)
        let output = try layer.outputShape(for: shape)
        let x = random.next(shape.count, from: -50, to: 50).floats
        let dy = random.next(output.count, from: -50, to: 50).floats
        let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
        #expect(run.y == textbook(x, shape, layer), "\(shape), \(mode)")
        #expect(run.dx == textbookBackward(dy, output, layer), "\(shape), \(mode)")
      }
    }
  }

  /// If weights are rounded, results are within the rounding errors of a few operations. Every
  /// kernel set gives the same bits.
  @Test(arguments: factors)
  func isCloseToTheTextbookInDouble(_ factor: Extent2D) throws {
    var random = WholeNumbers(seed: 102)
    for shape in shapes(&random) {
      let layer = Upsampling("upsample1", by: factor, .bilinear)
      let output = try layer.outputShape(for: shape)
      let x = random.fractions(shape.count)
      let dy = random.fractions(output.count)
      let reference = try LayerRun(layer, x: x, shape: shape, dy: dy)
      let y = textbook(x.map(Double.init), shape, layer).map(Float.init)
      let dx = textbookBackward(dy.map(Double.init), output, layer).map(Float.init)
      #expect(relativeDifference(reference.y, y) <= 3e-7, "\(shape)")
      #expect(relativeDifference(reference.dx, dx) <= 1e-6, "\(shape)")
      for set in KernelSet.available {
        let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
        #expect(run.y == reference.y && run.dx == reference.dx, "\(shape), \(set)")
      }
    }
  }

  /// Central differences of the Textbook's formula, in Double.
  @Test(arguments: factors)
  func gradientsAreDifferences(_ factor: Extent2D) throws {
    var random = WholeNumbers(seed: 103)
    for (h, w) in [(1, 1), (1, 4), (3, 2), (2, 5)] {
      for mode in [Upsampling.Mode.nearest, .bilinear] {
        let layer = Upsampling("upsample1", by: factor, mode)
        let shape: Shape = [1, h, w, 2]
        let output = try layer.outputShape(for: shape)
        let x = random.fractions(shape.count)
        let dy = random.fractions(output.count)
        let run = try LayerRun(layer, x: x, shape: shape, dy: dy)
        let dq = Vector(dy.map(Double.init))
        let expected = finiteDifference(at: Vector(x.map(Double.init))) { p in
          dot(Vector(textbook(p.elements, shape, layer)), dq)
        }
        let scale = expected.elements.reduce(1) { max($0, abs($1)) }
        for (found, expected) in zip(run.dx, expected.elements) {
          #expect(abs(Double(found) - expected) <= 1e-6 * scale, "\(shape), \(mode)")
        }
      }
    }
  }

  /// ⟨R·x·Cᵀ, y⟩ = ⟨x, Rᵀ·y·C⟩, exactly on whole numbers.
  @Test func theBackwardPassIsTheAdjoint() throws {
    var random = WholeNumbers(seed: 104)
    for factor in Self.factors where isPowerOfTwo(factor) {
      for mode in [Upsampling.Mode.nearest, .bilinear] {
        let layer = Upsampling("upsample1", by: factor, mode)
        let shape: Shape = [2, 3, 4, 5]
        let x = random.next(shape.count).floats
        let dy = random.next(try layer.outputShape(for: shape).count).floats
        let run = try LayerRun(layer, x: x, shape: shape, dy: dy)
        let forward = dot(Vector(run.y), Vector(dy))
        let backward = dot(Vector(x), Vector(run.dx))
        #expect(forward == backward)
      }
    }
  }

  @Test func handComputed() throws {
    let shape: Shape = [1, 2, 2, 1]
    let bilinear = try LayerRun(
      Upsampling("upsample1", by: 2, .bilinear), x: [0, 4, 8, 12], shape: shape,
      dy: (0..<16).map { $0 == 5 ? 16 : 0 })
    #expect(bilinear.y == [0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12])
    // Output (1, 1) lies a quarter of a pixel down and to the right of input (0, 0).
    #expect(bilinear.dx == [9, 3, 3, 1])
    let nearest = try LayerRun(
      Upsampling("upsample1", by: Extent2D(1, 2)), x: [0, 4, 8, 12], shape: shape,
      dy: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(nearest.y == [0, 0, 4, 4, 8, 8, 12, 12])
    #expect(nearest.dx == [3, 7, 11, 15])
    // With an odd factor there is an output at each input.
    let thirds = try LayerRun(
      Upsampling("upsample1", by: Extent2D(1, 3), .bilinear), x: [3, 6], shape: [1, 1, 2, 1],
      dy: [1, 10, 100, 1_000, 10_000, 100_000])
    #expect(thirds.y == [3, 3, 4, 5, 6, 6])
    // 1 + 10 + ⅔·100 + ⅓·1,000, and ⅓·100 + ⅔·1,000 + 10,000 + 100,000.
    #expect(relativeDifference(thirds.dx, [411, 110_700]) <= 1.2e-7)
  }

  @Test func saysWhatDoesNotFit() {
    #expect(throws: ShapeError(layer: "upsample2", expected: "[n, h, w, c]", found: [2, 9])) {
      try Upsampling("upsample2", by: 2).outputShape(for: [2, 9])
    }
  }
}
