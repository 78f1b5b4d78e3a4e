import Tensors
import Testing

@testable import Layers

@Suite struct ConvolutionAlgorithmTests {
  private func chosen(
    _ inputs: Int, _ outputs: Int, kernel: Extent2D, stride: Extent2D = 1, extent: Int = 9
  ) -> String {
    Convolution2D(
      "conv1", inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride
    )
    .algorithmName(for: [1, extent, extent, inputs])
  }

  /// The choice of the algorithm affects the results of every run. A change here changes every run.
  @Test func isARuleOfTheGeometry() {
    #expect(
      ConvolutionAlgorithms.names == [
        "winograd", "winograd-rows", "narrow", "direct", "im2row", "circulant", "depthwise",
      ])
    #expect(chosen(16, 32, kernel: 5) == "winograd")
    #expect(chosen(64, 16, kernel: 3, extent: 16) == "winograd")
    #expect(chosen(16, 16, kernel: 3, extent: 3) == "im2row")
    #expect(chosen(256, 256, kernel: 3, extent: 5) == "winograd")
    #expect(chosen(1, 16, kernel: 5) == "winograd-rows")
    #expect(chosen(1, 16, kernel: 5, extent: 28) == "winograd-rows")
    #expect(chosen(3, 48, kernel: 3, extent: 28) == "winograd-rows")
    #expect(chosen(3, 16, kernel: Extent2D(4, 5), extent: 28) == "winograd-rows")
    #expect(chosen(1, 16, kernel: 3) == "winograd-rows")
    #expect(chosen(1, 10, kernel: 3) == "direct" && chosen(1, 8, kernel: 5) == "direct")
    #expect(chosen(3, 24, kernel: 3) == "direct")
    #expect(chosen(16, 33, kernel: 5) == "winograd")
    #expect(chosen(48, 16, kernel: 3, extent: 16) == "winograd")
    #expect(chosen(24, 64, kernel: 3) == "winograd")
    #expect(chosen(20, 50, kernel: 5, extent: 12) == "winograd")
    #expect(chosen(3, 64, kernel: 7, stride: 2, extent: 64) == "winograd")
    #expect(chosen(16, 32, kernel: 7) == "winograd")
    #expect(chosen(16, 32, kernel: 9, extent: 20) == "winograd")
    #expect(chosen(16, 32, kernel: Extent2D(3, 5)) == "winograd-rows")
    #expect(chosen(16, 32, kernel: 3, stride: Extent2D(1, 2)) == "direct")
    #expect(chosen(1, 1, kernel: 1, extent: 1) == "im2row")
  }

  /// A small batch does not amortize the transforms of weights, of which large tiles have more. From 128 examples on
  /// nothing changes.
  @Test func dependsOnTheBatch() throws {
    func geometry(_ batch: Int) throws -> ConvolutionGeometry {
      let layer = Convolution2D(
        "conv1", inputChannels: 200, outputChannels: 200, kernel: 3, padding: .same)
      try layer.setAlgorithm(nil, for: [1, 24, 24, 200], batch: batch)
      return layer.geometry([1, 24, 24, 200])
    }
    let points = try [1, 128].map { WinogradTiling.tile(for: try geometry($0)).points(kernel: 3) }
    #expect(points[0] < points[1])
    #expect(try geometry(128) == geometry(65_536) && geometry(127) != geometry(128))
  }

  /// The batch of a layer is that of its blocks of groups, of its phases, and of its kernel without the taps that reach
  /// no pixel.
  @Test(arguments: [(3, 1, 8, 9), (5, 2, 1, 9), (9, 1, 1, 2)])
  func partsHaveTheBatch(_ kernel: Int, _ stride: Int, _ groups: Int, _ extent: Int) throws {
    let layer = Convolution2D(
      "conv1", inputChannels: 16, outputChannels: 16, kernel: Extent2D(kernel),
      stride: Extent2D(stride), padding: .same, groups: groups)
    try layer.setAlgorithm(nil, for: [1, extent, extent, 16], batch: 3)
    let geometry = layer.geometry([1, extent, extent, 16])
    #expect(geometry.block.cropped.use.batch == 3)
    #expect(ConvolutionPhases(geometry.block.cropped).inner.use.batch == 3)
  }

  /// The size of the circulant matrix decides: inputs times outputs, in whole panels of 32.
  @Test func circulantIsForSmallImages() {
    func supported(_ channels: Int, _ extent: Int) -> [String] {
      Convolution2D(
        "conv1", inputChannels: channels, outputChannels: channels, kernel: 3, padding: .same
      ).supportedAlgorithms(for: [1, extent, extent, channels])
    }
    #expect(supported(1, 64) == ["winograd", "narrow", "direct", "im2row", "circulant"])
    #expect(supported(1, 65) == ["winograd", "narrow", "direct", "im2row"])
    #expect(
      supported(16, 16) == ["winograd", "winograd-rows", "direct", "im2row", "circulant"])
    #expect(supported(32, 16) == ["winograd", "winograd-rows", "direct", "im2row"])
  }

  /// For stride 2 and a kernel of 5, even inputs are under taps 0, 2 and 4, and odd inputs under
  /// taps 1 and 3 (lecture row L16, one residue at a time).
  @Test func phasesDivideTheTapsByResidue() {
    let axis = ConvolutionAxis(input: 8, kernel: 5, stride: 2, zeros: (1, 2))
    #expect(axis.output == 4 && axis.padded == 11)
    let even = axis.phase(0)
    #expect(even.taps == 3 && even.first == 1 && even.input == 1 && even.count == 4)
    let odd = axis.phase(1)
    #expect(odd.taps == 2 && odd.first == 0 && odd.input == 0 && odd.count == 4)
    // Even inputs read ∂y[−1 ... 4], odd inputs read ∂y[−1 ... 3], of ∂y[0 ... 3].
    #expect(axis.outputZeros == (1, 1))
  }
}
