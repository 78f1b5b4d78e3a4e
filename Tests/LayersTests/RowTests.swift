import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Layers that compute some rows of an example by themselves give the bits of the whole example.
@Suite struct RowTests {
  /// A layer, and the algorithm if it is a convolution.
  static let layers: [(notation: String, algorithm: String?)] = [
    ("relu", nil), ("tanh", nil), ("sigmoid", nil), ("silu", nil), ("gelu", nil),
    ("scale(3)", nil), ("bn", nil), ("pool(2)", nil), ("pool(3,2)", nil),
    ("pool(3,1,padding=1)", nil), ("pool(3,2,padding=1,mode=ceil)", nil), ("pool(2,5)", nil),
    ("avgpool(3,2)", nil), ("avgpool(2,mode=ceil)", nil),
    ("avgpool(3,2,padding=1,countpadding=no)", nil), ("dwconv(3)", nil),
    ("dwconv(5,stride=2)", nil), ("dwconv(4,stride=3,padding=0)", nil),
    ("conv(20,3)", "direct"), ("conv(40,5,stride=2)", "direct"),
    ("conv(7,2,padding=valid)", "direct"),
    ("conv(3,5)", "narrow"), ("conv(6,4,stride=3)", "narrow"), ("conv(16,3)", "winograd-rows"),
    ("conv(32,5)", "winograd-rows"), ("conv(20,3)", "winograd"), ("conv(33,5)", "winograd"),
    ("conv(20,3,stride=2)", "winograd"), ("conv(20,9)", "winograd"),
    ("conv(20,5,stride=2,padding=0)", "winograd"),
  ]

  /// What lies behind the rows that are complete is not a number, so that reading it would show.
  @Test(arguments: layers) func rowsAreThoseOfTheWhole(_ notation: String, _ algorithm: String?)
    throws
  {
    for (shape, seed): (Shape, Int) in [
      ([1, 33, 29, 5], 1), ([1, 12, 40, 3], 2), ([1, 9, 9, 18], 3),
    ] {
      let network = try Architecture("\(notation) fc(classes)").network(input: shape, classes: 3)
      network.initialize(seed: 4)
      let layer = try #require(network.layers[0] as? any RowLayer)
      try (layer as? any ConvolutionLayer)?.setAlgorithm(algorithm, for: shape)
      #expect(layer.dividesRows(of: shape))
      let context = Context(threadCount: 1)
      context.reserveScratch(layer.scratchCount(for: shape))
      layer.prepareForward(for: shape, training: false, in: context)
      let lane = Lane(index: 0, worker: 0, of: context)
      var random = WholeNumbers(seed: seed)
      let arena = Arena()
      let (x, output) = (arena.tensor(shape), try layer.outputShape(for: shape))
      _ = x.elements.update(fromContentsOf: random.fractions(shape.count))
      let savedBytes = layer.savedStateBytes(for: shape)

      let whole = (y: arena.tensor(output), saved: arena.bytes(savedBytes + 1))
      layer.forward(x, into: whole.y, saved: whole.saved, in: lane)

      let byRows = (
        x: arena.tensor(shape), y: arena.tensor(output), saved: arena.bytes(savedBytes + 1)
      )
      byRows.x.fill(with: .nan)
      let row = shape[2] * shape[3]
      var (read, done) = (0, 0)
      while read < shape[1] {
        let end = min(shape[1], read + random.one(from: 1, to: 9))
        (byRows.x.base + read * row).update(from: x.base + read * row, count: (end - read) * row)
        read = end
        let ready = layer.outputRows(within: read, of: shape)
        if ready > done {
          layer.forward(
            rows: done..<ready, of: byRows.x, into: byRows.y, saved: byRows.saved, in: lane)
        }
        done = max(done, ready)
      }
      #expect(done == output[1])
      #expect(Array(byRows.y.elements) == Array(whole.y.elements), "\(shape)")
      let saved = (0..<savedBytes).allSatisfy { byRows.saved[$0] == whole.saved[$0] }
      #expect(saved, "\(shape)")
    }
  }

  /// The kernel counts a mean's elements from the top of the image.
  @Test func aMeanThatCountsPaddingIsComputedWhole() throws {
    let layer = AveragePooling("avgpool1", size: 3, stride: 2, padding: 1)
    #expect(!layer.dividesRows(of: [1, 8, 8, 3]))
  }

  /// Networks in which the rows of an example that does not fit the cache go through several layers. Some steps would
  /// overwrite rows that a window still reads, or that a step before has yet to write.
  @Test(
    arguments: [
      "conv(20,3) relu conv(20,3) tanh pool(2) conv(40,5) bn relu avgpool(2) fc(classes)",
      "conv(3,1) sigmoid dwconv(3) silu conv(8,3,stride=2) gelu pool(3,2) tanh sigmoid fc(classes)",
      "conv(6,3) dwconv(5) tanh dwconv(3) conv(6,1) tanh dwconv(3) pool(3,1,padding=1) fc(classes)",
      "res(conv(3,3) relu conv(3,3) bn) relu res(conv(3,5) tanh) pool(2) conv(30,3,groups=3) fc(classes)",
      "bn relu conv(24,3) gn(2) tanh pool(2) avgpool(3,2,padding=1) upsample(2) conv(9,7) globalmax fc(classes)",
      "conv(8,3) relu signal tanh conv1d(16,9) relu pool1d(4) fc(classes)",
      "conv(8,3) tanh conv(4,3) signal relu globalmax fc(classes)",
      "conv(160,3) relu pool(2) sigmoid conv(70,3) tanh avgpool(2) scale(2) fc(classes)",
      "conv(40,3) gelu conv(90,3) silu conv(140,3) sigmoid dwconv(3) tanh conv(20,1) scale(3) pool(2) fc(classes)",
    ], [nil, "direct"])
  func aLargeExampleGoesByRows(_ notation: String, _ algorithm: String?) throws {
    let network = try Architecture(notation).network(input: [1, 40, 31, 3], classes: 3)
    network.initialize(seed: 7)
    for (index, layer) in network.layers.enumerated() {
      try (layer as? Convolution2D)?.setAlgorithm(
        algorithm, for: network.inputShape(ofLayer: index))
    }
    for training in [true, false] {
      for (count, threads) in [(1, 1), (3, 1), (3, 2), (2, 2)] {
        let expected = PlannedPass(
          network, count: count, training: training, threads: threads, chunkBytes: 1 << 30)
        let found = PlannedPass(
          network, count: count, training: training, threads: threads, chunkBytes: 1)
        #expect(found.chains > 0)
        #expect(expected.chains == 0)
        #expect(found.outputs == expected.outputs)
        #expect(found.gradients == expected.gradients)
      }
    }
  }

  /// Threads share the rows of one example, in whole networks.
  @Test func threadsShareAnExample() throws {
    let network = try Architecture(
      """
      conv(30,3) tanh res(conv(30,3) bn relu dwconv(5)) gelu pool(3,2) conv(70,3) silu avgpool(2) \
      conv(35,3,groups=35) conv(40,5,groups=5) sigmoid scale(2) conv(130,3) relu fc(classes)
      """
    ).network(input: [1, 60, 52, 3], classes: 3)
    network.initialize(seed: 9)
    for training in [true, false] {
      let expected = PlannedPass(network, count: 1, training: training, threads: 1)
      for threads in [2, 3, 5, 8] {
        let found = PlannedPass(network, count: 1, training: training, threads: threads)
        #expect(found.outputs == expected.outputs, "\(threads) threads")
        #expect(found.gradients == expected.gradients, "\(threads) threads")
      }
    }
  }
}
