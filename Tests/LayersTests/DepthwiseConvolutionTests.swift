import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct DepthwiseConvolutionTests {
  /// A random convolution that fits a random image.
  private struct Case {
    let layer: DepthwiseConvolution2D
    let shape: Shape
    let output: Shape

    init(_ random: inout WholeNumbers, extents: Int, channels: [Int]) {
      while true {
        let kernel = Extent2D(random.one(from: 1, to: 7), random.one(from: 1, to: 7))
        let paddings: [Layers.Padding] = [
          .same, .valid,
          .explicit(
            Extent2D(
              random.one(from: 0, to: kernel.height - 1), random.one(from: 0, to: kernel.width - 1))
          ),
        ]
        let layer = DepthwiseConvolution2D(
          "dwconv1", channels: channels[random.one(from: 0, to: channels.count - 1)],
          kernel: random.one(from: 0, to: 2) == 0 ? kernel : 3,
          stride: random.one(from: 0, to: 1) == 0
            ? 1 : Extent2D(random.one(from: 1, to: 3), random.one(from: 1, to: 3)),
          padding: paddings[random.one(from: 0, to: 2)], bias: random.one(from: 0, to: 1) == 1)
        let shape: Shape = [
          random.one(from: 1, to: 3), random.one(from: 1, to: extents),
          random.one(from: 1, to: extents), layer.channels,
        ]
        guard let output = try? layer.outputShape(for: shape) else { continue }
        (self.layer, self.shape, self.output) = (layer, shape, output)
        return
      }
    }

    var stride: Extent { Extent(layer.stride.height, layer.stride.width) }
    var padding: Textbook.Padding {
      let rows = layer.padding.zeros(kernel: layer.kernel.height, \.height)
      let columns = layer.padding.zeros(kernel: layer.kernel.width, \.width)
      return Textbook.Padding(
        top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
    }
    var description: String {
      "\(shape), kernel \(layer.kernel), stride \(layer.stride), padding \(layer.padding)"
    }
  }

  /// Two channels of a row, filters 1, 2, 3 and 10, 0, −1, and zeros around.
  @Test func formulaByHand() {
    let p = Volume<Int>(channels: 2, rows: 1, columns: 4) { f, _, j in f == 0 ? j + 1 : 2 * j }
    let w = Kernel(shape: [2, 1, 1, 3], elements: [1, 2, 3, 10, 0, -1])
    let padding = Textbook.Padding(top: 0, left: 1, bottom: 0, right: 1)
    let q = depthwiseConvolution(p, w, [0, 5], padding: padding)
    #expect(q.elements == [8, 14, 20, 11, 3, 1, 19, 45])
    let dq = Volume(shape: [2, 1, 4], elements: [1, 0, 0, 2, 0, 1, 0, 0])
    let (dp, dw, db) = depthwiseConvolutionBackward(dq, p, w, padding: padding)
    #expect(dp.elements == [2, 3, 2, 4, 10, 0, -1, 0])
    #expect(dw.elements == [6, 9, 2, 0, 2, 4])
    #expect(db.elements == [3, 1])
  }

  @Test func formulaHasItsGradient() {
    var random = WholeNumbers(seed: 321)
    func numbers(_ count: Int) -> [Double] { random.fractions(count).map(Double.init) }
    let p = Volume(shape: [3, 5, 4], elements: numbers(60))
    let w = Kernel(shape: [3, 1, 3, 2], elements: numbers(18))
    let b = Vector(numbers(3))
    let (stride, padding) = (Extent(2, 1), Textbook.Padding(top: 1, left: 0, bottom: 1, right: 1))
    let dq = Volume(shape: [3, 3, 4], elements: numbers(36))
    func loss(_ p: Volume<Double>, _ w: Kernel<Double>, _ b: Vector<Double>) -> Double {
      dot(depthwiseConvolution(p, w, b, stride: stride, padding: padding), dq)
    }
    let found = depthwiseConvolutionBackward(dq, p, w, stride: stride, padding: padding)
    func close(_ a: [Double], _ b: [Double]) -> Bool {
      zip(a, b).allSatisfy { abs($0 - $1) < 1e-8 }
    }
    #expect(close(found.dp.elements, finiteDifference(at: p) { loss($0, w, b) }.elements))
    #expect(close(found.dw.elements, finiteDifference(at: w) { loss(p, $0, b) }.elements))
    #expect(close(found.db.elements, finiteDifference(at: b) { loss(p, w, $0) }.elements))
  }

  /// Sums of products of whole numbers are exact in any order.
  @Test(arguments: KernelSet.available)
  func isExactlyTheTextbooks(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 322)
    for _ in 0..<(set == .portable ? 80 : 300) {
      let item = Case(&random, extents: 14, channels: [1, 3, 8, 16, 17, 40, 70])
      let (layer, shape, c) = (item.layer, item.shape, item.layer.channels)
      let x = random.next(shape.count).doubles
      let dy = random.next(item.output.count).doubles
      let w = random.next(layer.weight.layout.count).doubles
      let b = layer.bias == nil ? [Double](repeating: 0, count: c) : random.next(c).doubles
      layer.weight.setValues(stored: w.map(Float.init))
      layer.bias?.setValues(stored: b.map(Float.init))
      let run = try LayerRun(
        layer, x: x.map(Float.init), shape: shape, dy: dy.map(Float.init), kernelSet: set,
        threads: 2, rounds: 2)
      let inputs = volumes(x, shape)
      let kernel = Kernel(shape: layer.weight.layout.storedShape, elements: w)
      let y = inputs.map {
        depthwiseConvolution(
          $0, kernel, Vector(b), stride: item.stride, padding: item.padding)
      }
      #expect(run.y == elements(y).map(Float.init), "\(item.description)")
      let backward = zip(volumes(dy, item.output), inputs).map {
        depthwiseConvolutionBackward(
          $0, $1, kernel, stride: item.stride, padding: item.padding)
      }
      #expect(run.dx == elements(backward.map(\.dp)).map(Float.init), "\(item.description)")
      // Two passes add up.
      let dw = w.indices.map { i in Float(2 * backward.reduce(0) { $0 + $1.dw.elements[i] }) }
      #expect(run.gradients[0] == dw, "\(item.description)")
      if layer.bias != nil {
        let db = b.indices.map { i in Float(2 * backward.reduce(0) { $0 + $1.db[i] }) }
        #expect(run.gradients[1] == db, "\(item.description)")
      }
    }
  }

  /// Where rounding shows, every set and number of threads rounds alike.
  @Test func setsAndThreadsGiveTheSameBits() throws {
    var random = WholeNumbers(seed: 323)
    for _ in 0..<40 {
      let item = Case(&random, extents: 20, channels: [1, 7, 16, 33, 64])
      let (layer, shape) = (item.layer, item.shape)
      let x = random.fractions(shape.count)
      let dy = random.fractions(item.output.count)
      layer.weight.setValues(stored: random.fractions(layer.weight.layout.count))
      layer.bias?.setValues(stored: random.fractions(layer.channels))
      let reference = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: .portable)
      for set in KernelSet.available {
        let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
        #expect(run.y == reference.y && run.dx == reference.dx, "\(set): \(item.description)")
        #expect(run.gradients == reference.gradients, "\(set): \(item.description)")
      }
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let layer = DepthwiseConvolution2D("dwconv1", channels: 4, kernel: 3)
    #expect(throws: ShapeError(layer: "dwconv1", expected: "[n, h, w, 4]", found: [1, 5, 5, 3])) {
      try layer.outputShape(for: [1, 5, 5, 3])
    }
    #expect(throws: ShapeError.self) { try layer.outputShape(for: [1, 2, 5, 4]) }
    #expect(try layer.outputShape(for: [2, 5, 6, 4]) == [2, 3, 4, 4])
    #expect(layer.weight.layout.storedShape == [4, 1, 3, 3])
  }
}
