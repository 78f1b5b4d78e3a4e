import Layers
import Tensors

/// The results of one fast layer, or of several in sequence, run by the production executor.
public struct FastLayerRun {
  /// The output's shape and elements, channels last.
  public let shape: Shape
  public let y: [Float]
  /// `∂L/∂x`, channels last.
  public let dx: [Float]
  /// The gradients of all parameters, in PyTorch's order; empty for parameters that are not
  /// trained.
  public let gradients: [[Float]]

  /// Runs the layers forward and backward, as in training.
  ///
  /// - Parameters:
  ///   - x: `[n, …]`, channels last, of `shape`.
  ///   - dy: `∂L/∂y`, channels last; zeros unless given.
  ///   - rounds: the number of forward and backward passes whose gradients add up.
  ///   - randomKey: the key of the random numbers; by default that of ``LectureNetwork``.
  /// - Throws: `ShapeError` of the first layer that cannot take its input.
  public init(
    _ layers: [any Layer], x: [Float], shape: Shape, dy: [Float]? = nil, rounds: Int = 1,
    randomKey: RandomKey? = nil, _ context: Context
  ) throws(ShapeError) {
    let probe = InputProbe()
    let network = try Sequential([probe] + layers, inputShape: shape)
    let executor = Executor(network, capacity: shape[0], training: true, context: context)
    probe.watch(executor.input)
    _ = executor.input.elements.update(fromContentsOf: x)
    for parameter in network.parameters { parameter.zeroGradient() }
    let randomKey = randomKey ?? LectureNetwork.randomKey
    var output = executor.forward(count: shape[0], randomKey: randomKey)
    for round in 0..<rounds {
      if round > 0 { output = executor.forward(count: shape[0], randomKey: randomKey) }
      _ = executor.outputGradient(count: shape[0]).elements.update(
        fromContentsOf: dy ?? [Float](repeating: 0, count: output.count))
      executor.backward(count: shape[0])
    }
    self.shape = output.shape
    y = Array(output.elements)
    dx = probe.gradient
    gradients = layers.flatMap(\.parameters).map { $0.storedGradient() }
  }
}

/// Returns its input, and stores the gradient with respect to its output, which is `∂x` of the
/// layer behind it.
///
/// The executor computes gradients with respect to inputs only behind a layer with parameters, so
/// the probe has a parameter that nothing reads.
private final class InputProbe: ExampleLayer {
  let name = "probe1"
  let parameters = [Parameter("probe1.weight", .vector(count: 1), fanIn: 1)]
  let backwardReadsInput = true
  let backwardReadsOutput = false

  private let arena = Arena()
  private var examples: UnsafeMutablePointer<Float>?
  private var stored: Tensor?

  /// - Parameter input: the memory from which the executor reads the examples. The address of a
  ///   call's examples tells their index.
  func watch(_ input: Tensor) {
    examples = input.base
    stored = arena.tensor(input.shape)
  }

  var gradient: [Float] { stored.map { Array($0.elements) } ?? [] }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    y.base.update(from: x.base, count: x.count)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let stored, let examples else { return }
    let x = pass.input(of: self)
    (stored.base + (x.base - examples)).update(from: dy.base, count: dy.count)
  }
}
