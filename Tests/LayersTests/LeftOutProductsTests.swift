import Tensors
import TestSupport
import Testing

@testable import Layers

/// The products of a convolution that are left out since a factor is zero: kernel rows outside the image, and
/// Winograd's points of kernels that have zeros before their taps. ``ConvolutionTests`` compares the passes with
/// the Textbook.
@Suite struct LeftOutProductsTests {
  @Test func handComputedTaps() {
    let axis = ConvolutionAxis(input: 6, kernel: 8, stride: 1, zeros: (3, 4))
    #expect(axis.output == 6)
    // Output 0 reads the pixels −3 to 4.
    #expect(
      (0..<6).map(axis.reachingTaps(ofOutput:)) == [3..<8, 2..<8, 1..<7, 0..<6, 0..<5, 0..<4])
    #expect(axis.reachedOutputs(ofTap: 0) == 3..<6 && axis.reachedOutputs(ofTap: 7) == 0..<2)
    #expect(axis.reachingPairs == 5 + 6 + 6 + 6 + 5 + 4)
  }

  /// A pair of an output and a tap counts exactly where it reads a pixel, seen from either and from backward data.
  @Test func pairsAreThoseThatReadPixels() {
    var random = WholeNumbers(seed: 441)
    var leftOut = 0
    for _ in 0..<1000 {
      let axis = ConvolutionAxis(
        input: random.one(from: 1, to: 9), kernel: random.one(from: 1, to: 9),
        stride: random.one(from: 1, to: 4),
        zeros: (random.one(from: 0, to: 9), random.one(from: 0, to: 9)))
      var pairs = 0
      for output in 0..<axis.output {
        for tap in 0..<axis.kernel {
          let reads = 0..<axis.input ~= axis.stride * output + tap - axis.before
          pairs += reads ? 1 : 0
          leftOut += reads ? 0 : 1
          #expect(axis.reachingTaps(ofOutput: output).contains(tap) == reads, "\(axis)")
          #expect(axis.reachedOutputs(ofTap: tap).contains(output) == reads, "\(axis)")
        }
      }
      #expect(axis.reachingPairs == pairs, "\(axis)")
      var backward = 0
      for offset in 0..<min(axis.stride, axis.kernel) {
        let phase = axis.phase(offset)
        for line in 0..<phase.count {
          for tap in 0..<phase.taps {
            let reads = 0..<axis.output ~= phase.start + line + tap
            backward += reads ? 1 : 0
            #expect(axis.reachingTaps(ofLine: line, phase).contains(tap) == reads, "\(axis)")
          }
        }
      }
      #expect(backward == pairs, "\(axis)")
    }
    #expect(leftOut > 1000)
  }

  @Test func runsCoverAllLinesInOrder() {
    var runs: [(Range<Int>, Range<Int>)] = []
    func note(_ lines: Range<Int>, _ taps: Range<Int>) { runs.append((lines, taps)) }
    func taps(_ line: Int) -> Range<Int> { line < 4 ? 0..<3 : 1..<3 }
    ConvolutionAxis.forEachRun(of: 2..<7, with: taps, note)
    #expect(runs.map { $0.0 } == [2..<4, 4..<7] && runs.map { $0.1 } == [0..<3, 1..<3])
    ConvolutionAxis.forEachRun(of: 3..<3, with: taps, note)
    #expect(runs.count == 2)
  }

  /// Kernels of 3×3 at stride 2 have phases of 2 and 1 taps: 9 of 10 points are left along each axis of F(4, 2).
  /// Those of 5×5 have 19 of 20 and 11 of 12 by F(8×4, 3×3), parts of 9×9 have 15 of 16 by F(4, 5).
  @Test(arguments: [
    (3, 2, 4, 4, 0.81), (5, 2, 8, 4, 209.0 / 240), (9, 1, 4, 4, 225.0 / 256), (4, 2, 4, 4, 1.0),
    (3, 1, 4, 4, 1.0),
  ])
  func shareOfNonzeroWeights(
    _ kernel: Int, _ stride: Int, _ tileRows: Int, _ tileColumns: Int, _ share: Double
  ) {
    let convolution = WinogradConvolution(
      Self.geometry(kernel, stride: stride, side: 16, inputs: 16, outputs: 32),
      tile: WinogradTiling.Tile(tileRows, tileColumns))
    #expect(abs(convolution.nonzeroShare - share) < 1e-12)
  }

  /// `U` is zero for the channels that are left out at a point, and nowhere else.
  @Test(arguments: [(3, 2, 5), (5, 2, 16), (5, 3, 3), (7, 4, 2), (9, 1, 6), (11, 2, 4), (13, 1, 3)])
  func leftOutWeightsAreZero(_ kernel: Int, _ stride: Int, _ inputs: Int) throws {
    let convolution = Self.convolution(
      kernel, stride: stride, side: 12, inputs: inputs, outputs: 40)
    let arena = Arena()
    let rows = kernel * kernel * inputs
    let weight = PanelMatrix(
      rows: rows, columns: 40, at: arena.floats(PanelMatrix.storageCount(rows: rows, columns: 40)))
    var random = WholeNumbers(seed: 442)
    for row in 0..<rows {
      for (column, value) in random.fractions(40).enumerated() {
        weight.base[PanelMatrix.offset(row, column, rows: rows, columns: 40)] = value
      }
    }
    convolution.prepareForward(weight, in: Context(threadCount: 1))
    let u = try #require(convolution.transformed)
    let layout = convolution.weights
    var zeros = 0
    for point in 0..<convolution.points {
      let nonzero = convolution.nonzeroInputs(at: point)
      for channel in 0..<convolution.geometry.inputChannels {
        let value = u[
          layout.offset(ofPanel: 0, point: point) + channel * layout.width(ofPanel: 0)]
        #expect((value != 0) == nonzero.contains(channel), "point \(point), channel \(channel)")
        zeros += value == 0 ? 1 : 0
      }
    }
    #expect(zeros > 0)
  }

  private static func convolution(
    _ kernel: Int, stride: Int, side: Int, inputs: Int, outputs: Int
  ) -> WinogradConvolution {
    WinogradConvolution(
      geometry(kernel, stride: stride, side: side, inputs: inputs, outputs: outputs))
  }

  private static func geometry(
    _ kernel: Int, stride: Int, side: Int, inputs: Int, outputs: Int
  ) -> ConvolutionGeometry {
    Convolution2D(
      "conv1", inputChannels: inputs, outputChannels: outputs, kernel: Extent2D(kernel),
      stride: Extent2D(stride), padding: .same
    ).geometry([1, side, side, inputs])
  }
}
