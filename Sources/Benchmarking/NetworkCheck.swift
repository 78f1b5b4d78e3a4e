import Layers
import Tensors
import Training

/// What a network makes of a few examples, by which another program shows that it computes the same network.
public struct NetworkCheck: Sendable {
  public static let examples = 8
  /// The learning rate of the two steps; the momentum is 0.9.
  public static let learningRate: Float = 0.01

  /// `[examples, h, w, c]`
  public let images: [Float]
  public let labels: [Float]
  /// The outputs in evaluation, `[examples, classes]`.
  public let outputs: [Float]
  /// The losses of two training steps on these examples. Empty for a network that draws random numbers in
  /// training, and for losses that are not finite.
  public let losses: [Float]

  /// Leaves the network's values as they were.
  ///
  /// - Throws: ``SettingError`` if the examples do not fit into memory.
  public init(of network: Sequential, context: Context) throws {
    let kept = network.parameters.map { $0.storedValues() }
    defer {
      for (parameter, values) in zip(network.parameters, kept) {
        parameter.setValues(stored: values)
      }
    }
    let evaluation = try StepBenchmark(
      network, batchSize: Self.examples, training: false, context: context)
    images = evaluation.images
    labels = (0..<Self.examples).map { Float($0 % network.outputShape.countPerExample) }
    outputs = evaluation.outputs
    guard !network.layers.contains(where: \.isIdentityInEvaluation) else {
      losses = []
      return
    }
    let training = try StepBenchmark(
      network, batchSize: Self.examples, training: true, context: context)
    losses =
      (try? (1...2).map {
        Float(try training.trainingStep(number: $0, learningRate: Self.learningRate))
      }) ?? []
  }
}
