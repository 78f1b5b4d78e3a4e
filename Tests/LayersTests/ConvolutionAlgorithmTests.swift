import Tensors
import Testing

@testable import Layers

@Suite struct ConvolutionAlgorithmTests {
  private func chosen(
    _ inputs: Int, _ outputs: Int, kernel: Extent2D, stride: Extent2D = 1, extent: Int = 9
  ) -> String {
    let geometry = ConvolutionGeometry(
      rows: ConvolutionAxis(
        input: extent, kernel: kernel.height, stride: stride.height, zeros: (0, 0)),
      columns: ConvolutionAxis(
        input: extent, kernel: kernel.width, stride: stride.width, zeros: (0, 0)),
      inputs: inputs, outputs: outputs)
    return type(of: ConvolutionAlgorithms.choose(for: geometry)).name
  }

  /// The choice is part of what a run computes, so a change here changes every run.
  @Test func isARuleOfTheGeometry() {
    #expect(ConvolutionAlgorithms.all.map { $0.name } == ["winograd", "direct"])
    #expect(chosen(16, 32, kernel: 5) == "winograd")
    #expect(chosen(64, 16, kernel: 3) == "winograd")
    #expect(chosen(16, 16, kernel: 3, extent: 3) == "winograd")
    #expect(chosen(1, 16, kernel: 5) == "direct")
    #expect(chosen(16, 33, kernel: 5) == "direct")
    #expect(chosen(48, 16, kernel: 3) == "direct")
    #expect(chosen(16, 32, kernel: 7) == "direct")
    #expect(chosen(16, 32, kernel: Extent2D(3, 5)) == "direct")
    #expect(chosen(16, 32, kernel: 3, stride: Extent2D(1, 2)) == "direct")
  }

  /// Along an axis of stride 2 under a kernel of 5, even inputs meet taps 0, 2 and 4, odd ones 1 and 3
  /// (lecture row L16, one residue at a time).
  @Test func phasesOfTheDataPass() {
    let axis = ConvolutionAxis(input: 8, kernel: 5, stride: 2, zeros: (1, 2))
    #expect(axis.output == 4 && axis.padded == 11)
    let even = axis.phase(0)
    #expect(even.taps == 3 && even.first == 1 && even.input == 1 && even.count == 4)
    let odd = axis.phase(1)
    #expect(odd.taps == 2 && odd.first == 0 && odd.input == 0 && odd.count == 4)
    // Even inputs read ∂y[−1 ... 4], odd ones ∂y[−1 ... 3], of ∂y[0 ... 3].
    #expect(axis.outputZeros == (1, 1))
  }
}
