import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct PoolingTests {
  /// There are few different values, so ties are common: the first of equal values must be the
  /// maximum.
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

  /// Windows of 3 at stride 2 over a row of 6 with one element of padding on the left start at −1,
  /// 1 and 3, and with rounding up also at 5.
  @Test func handComputed() throws {
    let x: [Float] = [-5, -7, -3, -3, -9, -8]
    let window = Extent2D(1, 3)
    let stride = Extent2D(1, 2)
    let padding = Extent2D(0, 1)
    let floor = MaxPooling("pool1", size: window, stride: stride, padding: padding)
    let down = try LayerRun(floor, x: x, shape: [1, 1, 6, 1], dy: [1, 20, 300])
    #expect(down.y == [-5, -3, -3])
    // The first of two equal elements gets the gradient: index 2 in the second window, and index 3
    // in the third window, which does not contain index 2.
    #expect(down.dx == [1, 0, 20, 300, 0, 0])

    let ceiling = MaxPooling(
      "pool1", size: window, stride: stride, padding: padding, ceilMode: true)
    let up = try LayerRun(ceiling, x: x, shape: [1, 1, 6, 1], dy: [1, 20, 300, 4_000])
    #expect(up.y == [-5, -3, -3, -8])
    #expect(up.dx == [1, 0, 20, 300, 0, 4_000])
  }

  /// A window of 5 over 3 elements in ceil mode gives `⌈3 / 5⌉ = 1` output, as in row L9 and
  /// PyTorch. With rounding down it does not fit, and neither does it with a stride that leaves no
  /// output.
  @Test(arguments: KernelSet.available)
  func aWindowLargerThanTheImageGivesOneOutputInCeilMode(_ set: KernelSet) throws {
    for channels in [1, 16, 19] {
      let shape: Shape = [1, 3, 2, channels]
      let x = (0..<shape.count).map { Float($0 % 7 == 3 ? 9 : $0 % 5) }
      let dy = (0..<channels).map { Float($0 + 1) }
      let layer = MaxPooling("pool1", size: 5, ceilMode: true)
      let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set)
      let window = PoolingWindow(Extent(5, 5), roundsUp: true)
      let inputs = volumes(x, shape)
      #expect(run.y == elements(inputs.map { maxPooling2D($0, window) }))
      let dx = zip(volumes(dy, [1, 1, 1, channels]), inputs).map {
        maxPooling2DBackward($0, $1, window)
      }
      #expect(run.dx == elements(dx))
    }
    #expect(throws: ShapeError.self) {
      try MaxPooling("pool1", size: 5).outputShape(for: [1, 3, 2, 1])
    }
    #expect(throws: ShapeError.self) {
      try MaxPooling("pool1", size: 5, stride: 1, ceilMode: true).outputShape(for: [1, 3, 2, 1])
    }
  }

  /// If a window contains NaN, the output is NaN and the first NaN gets the gradient. The numbers
  /// of channels cover every path through the kernels.
  @Test(arguments: KernelSet.available)
  func notANumberWinsInEveryPlace(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 12)
    for (size, channels) in [(2, 1), (2, 16), (2, 21), (2, 32), (3, 5), (3, 16), (4, 16)] {
      let shape: Shape = [1, size, 3 * size, channels]
      var x = random.fractions(shape.count)
      for index in x.indices where random.one(from: 0, to: 9) == 0 { x[index] = .nan }
      let dy = random.next(3 * channels, from: 1, to: 9).floats
      let layer = MaxPooling("pool1", size: Extent2D(size))
      let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set)
      for window in 0..<3 {
        for channel in 0..<channels {
          let places = (0..<size * size).map { place in
            let (row, column) = (place / size, window * size + place % size)
            return (row * 3 * size + column) * channels + channel
          }
          let label = "window \(window), channel \(channel) of \(shape), \(set)"
          let output = window * channels + channel
          let chosen: Int
          if let first = places.first(where: { x[$0].isNaN }) {
            #expect(run.y[output].isNaN, "\(label)")
            chosen = first
          } else {
            let greatest = places.map { x[$0] }.max()!
            #expect(run.y[output] == greatest, "\(label)")
            chosen = places.first { x[$0] == greatest }!
          }
          for place in places {
            #expect(run.dx[place] == (place == chosen ? dy[output] : 0), "\(label)")
          }
        }
      }
    }
  }

  /// A window of 256 elements, the maximum, whose positions fill a byte.
  @Test func aWindowHasAtMost256Elements() throws {
    let layer = MaxPooling("pool1", size: 16)
    for place in [0, 127, 128, 255] {
      var x = [Float](repeating: -1, count: 256)
      x[place] = 3
      let run = try LayerRun(layer, x: x, shape: [1, 16, 16, 1], dy: [5])
      #expect(run.y == [3])
      #expect(run.dx.indices.filter { run.dx[$0] != 0 } == [place] && run.dx[place] == 5)
    }
    // Windows that overlap: the first has its maximum in its first element, the second in its last.
    let overlapping = MaxPooling("pool1", size: 16, stride: 1)
    var x = [Float](repeating: -1, count: 17 * 16)
    (x[0], x[17 * 16 - 1]) = (2, 3)
    let run = try LayerRun(overlapping, x: x, shape: [1, 17, 16, 1], dy: [5, 7])
    #expect(run.y == [2, 3] && run.dx[0] == 5 && run.dx[17 * 16 - 1] == 7)
    #expect(run.dx.count { $0 != 0 } == 2)
    #expect(
      MaxPooling.problem(.init(size: Extent2D(17, 16), stride: 1, padding: 0, ceilMode: false))
        == "a window of 17×16 (expected 1 to 256 elements)")
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
      MaxPooling.problem(.init(size: 2, stride: 1, padding: 2, ceilMode: false))
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
