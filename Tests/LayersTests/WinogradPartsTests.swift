import Tensors
import TestSupport
import Testing

@testable import Layers

/// Winograd's points of inputs in parts that fit a core's cache. ``ConvolutionNumericsTests`` has layers with parts, too.
@Suite struct WinogradPartsTests {
  /// A lane of 8 examples has 28 tiles at a time of 81 points of 200 channels: 454 thousand floats, and at most 131
  /// thousand are held. The 4 tiles of a single example are held at once.
  @Test(arguments: [1, 3]) func partsGiveTheBitsOfTheWhole(_ threads: Int) {
    let whole = Self.convolution(batch: 1)
    let parts = Self.convolution(batch: 128)
    #expect(whole.inputs.holdsAll && !parts.inputs.holdsAll)
    let expected = passes(whole, threads: 1)
    let found = passes(parts, threads: threads)
    #expect(found == expected)
    #expect(expected.allSatisfy { $0.contains { $0 != 0 } })
  }

  private static func convolution(batch: Int) -> WinogradConvolution {
    var geometry = Convolution2D(
      "conv1", inputChannels: 200, outputChannels: 40, kernel: 5, padding: .same
    ).geometry([1, 10, 10, 200])
    geometry.use = ConvolutionUse(batch: batch)
    return WinogradConvolution(geometry, tile: WinogradTiling.Tile(5))
  }

  /// The outputs, and the gradients of the inputs and of the weights, of 8 examples in one lane.
  private func passes(_ convolution: WinogradConvolution, threads: Int) -> [[Float]] {
    let (g, count) = (convolution.geometry, 8)
    let arena = Arena()
    let context = Context(threadCount: threads)
    context.reserveScratch(convolution.scratchCount)
    var random = WholeNumbers(seed: 443)
    func drawn(_ count: Int) -> UnsafeMutablePointer<Float> {
      let memory = arena.floats(count)
      for (index, value) in random.fractions(count).enumerated() { memory[index] = value }
      return memory
    }
    func matrix() -> PanelMatrix {
      let rows = 25 * g.inputChannels
      let count = PanelMatrix.storageCount(rows: rows, columns: g.outputChannels)
      return PanelMatrix(rows: rows, columns: g.outputChannels, at: arena.floats(count))
    }
    let (weight, gradient) = (matrix(), matrix())
    for row in 0..<weight.rows {
      for (column, value) in random.fractions(g.outputChannels).enumerated() {
        weight[row, column] = value
      }
    }
    let (x, dy) = (drawn(count * g.inputCount), drawn(count * g.outputCount))
    let (y, dx) = (arena.floats(count * g.outputCount), arena.floats(count * g.inputCount))
    let lane = Lane(index: 0, worker: 0, of: context, helped: threads > 1)
    convolution.prepareForward(weight, in: context)
    convolution.forward(x, count: count, weight: weight, bias: nil, into: y, in: lane)
    convolution.prepareBackward(weight, givesInputGradient: true, in: context)
    convolution.beginBackward(in: lane)
    convolution.backward(x, dy, count: count, into: dx, addingTo: gradient, in: lane)
    convolution.endBackward(addingTo: gradient, in: lane)
    func values(_ base: UnsafeMutablePointer<Float>, _ count: Int) -> [Float] {
      Array(UnsafeBufferPointer(start: base, count: count))
    }
    let weights = PanelMatrix.storageCount(rows: weight.rows, columns: weight.columns)
    return [
      values(y, count * g.outputCount), values(dx, count * g.inputCount),
      values(gradient.base, weights),
    ]
  }
}
