import Layers
import Tensors

/// Hands its input on, and keeps the gradient that comes back: `∂x` of the layer behind it.
///
/// The executor asks for gradients by the input only behind a layer with parameters, so it has one
/// that is never read.
private final class InputProbe: ExampleLayer {
  let name = "probe1"
  let parameters = [Parameter("probe1.weight", .vector(count: 1), fanIn: 1, decays: false)]
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

/// What a layer alone makes of a case of a fixture, run by the executor.
struct ProbedLayer {
  /// The output's shape and elements, channels last.
  let shape: Shape
  let y: [Float]
  let dx: [Float]
  /// The gradients of the parameters, in PyTorch's order.
  let gradients: [[Float]]

  init(_ layer: any Layer, x: StoredExamples, dy: StoredExamples, _ context: Context) throws {
    let count = x.shape[0]
    let probe = InputProbe()
    let network = try Sequential([probe, layer], inputShape: x.shape)
    let executor = Executor(network, capacity: count, training: true, context: context)
    probe.watch(executor.input)
    _ = executor.input.elements.update(fromContentsOf: x.values)
    let output = executor.forward(count: count)
    shape = output.shape
    y = Array(output.elements)
    for parameter in network.parameters { parameter.zeroGradient() }
    _ = executor.outputGradient(count: count).elements.update(fromContentsOf: dy.values)
    executor.backward(count: count)
    dx = probe.gradient
    gradients = layer.parameters.map { $0.storedGradient() }
  }
}
