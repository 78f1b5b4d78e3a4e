import Layers
import Tensors

/// What a fast layer alone, or some that follow each other, make of examples, run by the executor.
public struct FastLayerRun {
  /// The output's shape and elements, channels last.
  public let shape: Shape
  public let y: [Float]
  /// `∂L/∂x`, channels last.
  public let dx: [Float]
  /// The gradients of all parameters, in PyTorch's order; empty for those that are not trained.
  public let gradients: [[Float]]

  /// Runs the layers forward and backward, as in training, with the random numbers of
  /// ``LectureNetwork``.
  ///
  /// - Parameters:
  ///   - x: `[n, …]`, channels last, of `shape`.
  ///   - dy: `∂L/∂y`, channels last; zeros unless given.
  /// - Throws: `ShapeError` of the first layer that cannot take its input.
  public init(
    _ layers: [any Layer], x: [Float], shape: Shape, dy: [Float]? = nil, _ context: Context
  ) throws(ShapeError) {
    let probe = InputProbe()
    let network = try Sequential([probe] + layers, inputShape: shape)
    let executor = Executor(network, capacity: shape[0], training: true, context: context)
    probe.watch(executor.input)
    _ = executor.input.elements.update(fromContentsOf: x)
    let output = executor.forward(count: shape[0], randomKey: LectureNetwork.randomKey)
    self.shape = output.shape
    y = Array(output.elements)
    for parameter in network.parameters { parameter.zeroGradient() }
    _ = executor.outputGradient(count: shape[0]).elements.update(
      fromContentsOf: dy ?? [Float](repeating: 0, count: output.count))
    executor.backward(count: shape[0])
    dx = probe.gradient
    gradients = layers.flatMap(\.parameters).map { $0.storedGradient() }
  }
}

/// Hands its input on, and keeps the gradient that comes back: `∂x` of the layer behind it.
///
/// The executor asks for gradients by the input only behind a layer with parameters, so it has one
/// that is never read.
private final class InputProbe: ExampleLayer {
  let name = "probe1"
  let parameters = [Parameter("probe1.weight", .vector(count: 1), fanIn: 1)]
  let backwardReadsInput = true
  let backwardReadsOutput = false

  private let arena = Arena()
  private var examples: UnsafeMutablePointer<Float>?
  private var kept: Tensor?

  /// - Parameter input: where the executor reads the examples; tells which ones a call is about.
  func watch(_ input: Tensor) {
    examples = input.base
    kept = arena.tensor(input.shape)
  }

  var gradient: [Float] { kept.map { Array($0.elements) } ?? [] }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  func forward(_ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    y.base.update(from: x.base, count: x.count)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let kept, let examples else { return }
    (kept.base + (pass.x.base - examples)).update(from: dy.base, count: dy.count)
  }
}
