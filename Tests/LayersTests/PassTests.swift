import GradientChecking
import Tensors
import Testing

@testable import Layers

/// A layer whose backward pass reads an activation that it does not declare stops the program.
@Suite struct PassTests {
  private enum Activation { case input, output, savedState, laneIndex }

  /// The identity. Its backward pass reads one activation.
  private final class Reader: ExampleLayer {
    let name = "reader1"
    let backwardReadsInput: Bool
    let backwardReadsOutput: Bool
    private let savesState: Bool
    private let reads: Activation

    init(reads: Activation, declares: Activation?) {
      self.reads = reads
      backwardReadsInput = declares == .input
      backwardReadsOutput = declares == .output
      savesState = declares == .savedState
    }

    func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }
    func savedStateBytes(for input: Shape) -> Int { savesState ? 1 : 0 }

    func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
      y.base.update(from: x.base, count: x.count)
    }

    func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
      switch reads {
      case .input: precondition(pass.input(of: self).base[0] == 3)
      case .output: precondition(pass.output(of: self).base[0] == 3)
      case .savedState: precondition(pass.savedState(of: self)[0] == 0)
      case .laneIndex: precondition(lane.index >= 0)
      }
      dx?.base.update(from: dy.base, count: dy.count)
    }
  }

  private static func run(reads: Activation, declares: Activation?) throws {
    let run = try FastLayerRun(
      [Reader(reads: reads, declares: declares)], x: [3, 3], shape: [1, 2], dy: [5, 7],
      Context(threadCount: 1))
    #expect(run.y == [3, 3] && run.dx == [5, 7])
  }

  @Test func declaredActivationsAreRead() throws {
    try Self.run(reads: .input, declares: .input)
    try Self.run(reads: .output, declares: .output)
    try Self.run(reads: .savedState, declares: .savedState)
    try Self.run(reads: .laneIndex, declares: nil)
  }

  @Test func anUndeclaredInputStopsTheProgram() async {
    await #expect(processExitsWith: .failure) { try Self.run(reads: .input, declares: nil) }
    await #expect(processExitsWith: .failure) { try Self.run(reads: .input, declares: .output) }
  }

  @Test func anUndeclaredOutputStopsTheProgram() async {
    await #expect(processExitsWith: .failure) { try Self.run(reads: .output, declares: nil) }
    await #expect(processExitsWith: .failure) { try Self.run(reads: .output, declares: .input) }
  }

  @Test func savedStateThatWasNotSavedStopsTheProgram() async {
    await #expect(processExitsWith: .failure) { try Self.run(reads: .savedState, declares: nil) }
  }

  /// An epilogue is called for single examples, for which no gradients may be summed.
  @Test func anEpilogueHasNoLane() async {
    await #expect(processExitsWith: .failure) {
      let convolution = Convolution2D(
        "conv1", inputChannels: 64, outputChannels: 160, kernel: 3, padding: .same, bias: false)
      _ = try FastLayerRun(
        [convolution, Reader(reads: .laneIndex, declares: nil)],
        x: [Float](repeating: 0, count: 64 * 64), shape: [1, 8, 8, 64], Context(threadCount: 1))
    }
  }
}
