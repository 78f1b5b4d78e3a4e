import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct AveragePoolingTests {
  /// A random window that fits a random image.
  private struct Case {
    let layer: AveragePooling
    let shape: Shape
    let output: Shape

    init(_ random: inout WholeNumbers, extents: Int, channels: [Int]) {
      while true {
        let size = Extent2D(random.one(from: 1, to: 4), random.one(from: 1, to: 4))
        let layer = AveragePooling(
          "avgpool1", size: size,
          stride: Extent2D(random.one(from: 1, to: 4), random.one(from: 1, to: 4)),
          padding: Extent2D(
            random.one(from: 0, to: size.height / 2), random.one(from: 0, to: size.width / 2)),
          ceilMode: random.one(from: 0, to: 1) == 1, countsPadding: random.one(from: 0, to: 1) == 1)
        let shape: Shape = [
          random.one(from: 1, to: 3), random.one(from: 1, to: extents),
          random.one(from: 1, to: extents), channels[random.one(from: 0, to: channels.count - 1)],
        ]
        guard let output = try? layer.outputShape(for: shape) else { continue }
        (self.layer, self.shape, self.output) = (layer, shape, output)
        return
      }
    }

    var window: PoolingWindow {
      PoolingWindow(
        Extent(layer.size.height, layer.size.width),
        stride: Extent(layer.stride.height, layer.stride.width),
        padding: Extent(layer.padding.height, layer.padding.width), roundsUp: layer.ceilMode)
    }

    var description: String { "\(shape), \(window), counts padding: \(layer.countsPadding)" }
  }

  /// Sums of whole numbers are exact. Only the quotients are rounded, and they are summed in the
  /// same order.
  @Test(arguments: KernelSet.available)
  func isExactlyTheTextbooks(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 91)
    for _ in 0..<(set == .portable ? 60 : 250) {
      let item = Case(&random, extents: 11, channels: [1, 3, 8, 16, 17, 40])
      let counts = item.layer.countsPadding
      let x = random.next(item.shape.count, from: -50, to: 50).floats
      let dy = random.next(item.output.count, from: -50, to: 50).floats
      let run = try LayerRun(
        item.layer, x: x, shape: item.shape, dy: dy, kernelSet: set, threads: 2)
      let inputs = volumes(x, item.shape)
      let y = inputs.map { averagePooling2D($0, item.window, countsPadding: counts) }
      #expect(run.y == elements(y), "\(item.description)")
      let dx = zip(volumes(dy, item.output), inputs).map {
        averagePooling2DBackward($0, $1, item.window, countsPadding: counts)
      }
      #expect(run.dx == elements(dx), "\(item.description)")
    }
  }

  /// Central differences of the Textbook's formula, in Double.
  @Test func gradientsAreDifferences() throws {
    var random = WholeNumbers(seed: 92)
    for _ in 0..<24 {
      let item = Case(&random, extents: 6, channels: [1, 2, 5])
      let shape = item.shape.with(examples: 1)
      let output = item.output.with(examples: 1)
      let x = random.fractions(shape.count)
      let dy = random.fractions(output.count)
      let run = try LayerRun(item.layer, x: x, shape: shape, dy: dy)
      let dq = volumes(dy.map(Double.init), output)[0]
      let expected = finiteDifference(at: volumes(x.map(Double.init), shape)[0]) {
        dot(
          averagePooling2D($0, item.window, countsPadding: item.layer.countsPadding), dq)
      }
      for (found, expected) in zip(run.dx, elements([expected])) {
        #expect(abs(Double(found) - expected) <= 5e-7, "\(item.description)")
      }
    }
  }

  /// Windows of 3 at stride 2 over a row of 5 with one element of padding start at −1, 1 and 3. The
  /// last window contains the padding on the right.
  @Test func handComputed() throws {
    let x: [Float] = [3, 6, 12, 30, 60]
    func run(_ counts: Bool) throws -> LayerRun {
      let layer = AveragePooling(
        "avgpool1", size: Extent2D(1, 3), stride: Extent2D(1, 2), padding: Extent2D(0, 1),
        countsPadding: counts)
      return try LayerRun(layer, x: x, shape: [1, 1, 5, 1], dy: [6, 60, 600])
    }
    let counted = try run(true)
    #expect(counted.y == [3, 16, 30])
    #expect(counted.dx == [2, 22, 20, 220, 200])
    let inside = try run(false)
    #expect(inside.y == [4.5, 16, 45])
    #expect(inside.dx == [3, 23, 20, 320, 300])
  }

  /// With rounding up, the last window has two elements beyond the padding, which never count.
  @Test func elementsBeyondThePaddingDoNotCount() throws {
    for counts in [true, false] {
      let layer = AveragePooling(
        "avgpool1", size: Extent2D(1, 3), ceilMode: true, countsPadding: counts)
      let run = try LayerRun(layer, x: [1, 2, 6, 8], shape: [1, 1, 4, 1], dy: [3, 5])
      #expect(run.y == [3, 8] && run.dx == [1, 1, 1, 5])
    }
  }

  /// A window of 4 over 3 elements: in ceil mode there is one output, the mean of the 3 elements.
  @Test func aWindowLargerThanTheImageAveragesTheImage() throws {
    for counts in [true, false] {
      let layer = AveragePooling(
        "avgpool1", size: Extent2D(1, 4), ceilMode: true, countsPadding: counts)
      let run = try LayerRun(layer, x: [1, 2, 6], shape: [1, 1, 3, 1], dy: [6])
      #expect(run.y == [3] && run.dx == [2, 2, 2])
    }
  }

  /// Global average pooling as a window, larger than the windows of max pooling may be.
  @Test func aWindowOfTheWholeImageIsGlobalPooling() throws {
    var random = WholeNumbers(seed: 93)
    let shape: Shape = [2, 20, 30, 17]
    let x = random.next(shape.count).floats
    let dy = random.next(34).floats
    let window = try LayerRun(
      AveragePooling("avgpool1", size: Extent2D(20, 30)), x: x, shape: shape, dy: dy)
    let global = try LayerRun(GlobalPooling("globalavg1", .average), x: x, shape: shape, dy: dy)
    #expect(window.y == global.y && window.dx == global.dx)
  }

  @Test(arguments: KernelSet.available)
  func notANumberIsSeen(_ set: KernelSet) throws {
    for channels in [1, 16, 21] {
      var x = [Float](repeating: 1, count: 16 * channels)
      x[5 * channels] = .nan
      let run = try LayerRun(
        AveragePooling("avgpool1", size: 2), x: x, shape: [1, 4, 4, channels],
        dy: [Float](repeating: 4, count: 4 * channels), kernelSet: set)
      #expect(run.y.indices.filter { run.y[$0].isNaN } == [0])
      #expect(run.dx.allSatisfy { $0 == 1 })
    }
  }

  @Test func saysWhatDoesNotFit() {
    let layer = AveragePooling("avgpool3", size: 3)
    #expect(throws: ShapeError(layer: "avgpool3", expected: "[n, h, w, c]", found: [2, 9])) {
      try layer.outputShape(for: [2, 9])
    }
    #expect(
      throws: ShapeError(
        layer: "avgpool3", expected: "an image of at least the window 3×3, padding 0×0",
        found: [1, 2, 9, 1])
    ) { try layer.outputShape(for: [1, 2, 9, 1]) }
  }
}
