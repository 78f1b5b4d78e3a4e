import Datasets
import Layers
import Tensors

/// A trained network whose activations and gradients can be read.
///
/// It computes as in evaluation: batch normalization uses its running averages, and dropout does nothing.
/// The gradient of an output goes back to the input by the layers' own backward passes.
public final class ProbedNetwork {
  public let network: Sequential
  public let capacity: Int
  private let executor: Executor
  /// The probe behind each watched layer, by the layer's index; −1 is the input.
  private var probes: [Int: ActivationProbe] = [:]
  private let givesGradients: Bool

  /// The index of the network's input among the watched layers.
  public static let input = -1

  /// - Parameters:
  ///   - watching: indices of layers, or ``input``.
  ///   - capacity: the maximum number of examples in a pass.
  ///   - givesGradients: true if ``backward(classes:)`` will be called. The network's parameters are then
  ///     frozen, so it cannot be trained any more.
  public init(
    _ network: Sequential, watching: [Int], capacity: Int, givesGradients: Bool,
    context: Context
  ) {
    self.network = network
    self.capacity = capacity
    self.givesGradients = givesGradients
    func probe(_ index: Int, isFirst: Bool) -> ActivationProbe {
      ActivationProbe(
        "probe\(index + 1)",
        shape: index < 0 ? network.inputShape : network.outputShapes[index], capacity: capacity,
        keepsGradients: givesGradients, isFirst: isFirst)
    }
    var layers: [any Layer] = []
    if givesGradients || watching.contains(Self.input) {
      probes[Self.input] = probe(Self.input, isFirst: givesGradients)
      layers += probes[Self.input].map { [$0] } ?? []
    }
    for (index, layer) in network.layers.enumerated() {
      if !layer.isIdentityInEvaluation { layers.append(layer) }
      guard watching.contains(index) else { continue }
      let probe = probe(index, isFirst: false)
      probes[index] = probe
      layers.append(probe)
    }
    if givesGradients { for parameter in network.parameters { parameter.freeze() } }
    guard let probed = try? Sequential(layers, inputShape: network.inputShape) else {
      preconditionFailure("a probe changes no shape")
    }
    executor = Executor(probed, capacity: capacity, training: givesGradients, context: context)
  }

  /// Computes the outputs of `count` examples.
  ///
  /// - `fill`: writes the inputs, `[count, h, w, c]`, normalized.
  /// - Returns: the outputs, `[count, …]`.
  public func forward(count: Int, _ fill: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    fill(executor.input.base)
    return Array(executor.forward(count: count).elements)
  }

  /// Computes the outputs of normalized inputs, `[count, h, w, c]`.
  public func forward(_ inputs: [Float]) -> [Float] {
    let size = network.inputShape.count
    precondition(inputs.count % size == 0, "\(inputs.count) values are no whole inputs of \(size)")
    return forward(count: inputs.count / size) { input in
      inputs.withUnsafeBufferPointer { input.update(from: $0.baseAddress!, count: $0.count) }
    }
  }

  /// Computes the outputs of the images at `indices`.
  public func forward(
    _ indices: ArraySlice<Int>, of images: ImageSet, _ normalization: Normalization
  ) -> [Float] {
    forward(count: indices.count) { input in
      indices.withUnsafeBufferPointer {
        normalization.gather($0, from: images, into: input)
      }
    }
  }

  /// Computes the gradients of one output of each example of the last forward pass.
  ///
  /// - Parameter classes: the output of each example.
  public func backward(classes: [Int]) {
    precondition(givesGradients, "a network without gradients runs backward")
    let gradient = executor.outputGradient(count: classes.count)
    gradient.fill(with: 0)
    let width = gradient.shape.countPerExample
    for (example, label) in classes.enumerated() { gradient.base[example * width + label] = 1 }
    executor.backward(count: classes.count)
  }

  /// The output of a watched layer for the first examples of the last forward pass, or the input.
  public func activations(ofLayer index: Int, count: Int) -> [Float] {
    Array(probe(index).activations.examples(0..<count).elements)
  }

  /// Calls `body` with the output of a watched layer, without a copy.
  func withActivations<Result>(
    ofLayer index: Int, count: Int, _ body: (Tensor) -> Result
  ) -> Result {
    body(probe(index).activations.examples(0..<count))
  }

  /// The gradient of the last backward pass with respect to the output of a watched layer, or to the input.
  public func gradients(ofLayer index: Int, count: Int) -> [Float] {
    Array(probe(index).gradients.examples(0..<count).elements)
  }

  private func probe(_ index: Int) -> ActivationProbe {
    guard let probe = probes[index] else { preconditionFailure("layer \(index) is not watched") }
    return probe
  }
}
