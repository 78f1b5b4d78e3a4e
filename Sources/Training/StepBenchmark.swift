import Datasets
import Layers
import Tensors

/// Steps of a network on one batch of random pictures, for measuring how long they take.
public final class StepBenchmark {
  public let examples: Int
  private let training: TrainingStep?
  private let evaluation: Executor?
  private let images: ImageSet
  private let normalization: Normalization
  private let indices: [Int]

  /// - Parameter training: whether ``trainingStep()`` will be called, or else ``forward()``.
  /// - Throws: ``NotationError`` if the network does not take the pictures that a named model is made
  ///   for, or the data set's.
  public init(_ settings: Configuration, training: Bool, context: Context) throws {
    guard let choice = settings.network else {
      preconditionFailure("a benchmark needs a network")
    }
    let shape = try Self.inputShape(choice, dataset: settings.dataset)
    let network = try choice.architecture.network(input: shape, classes: Self.classes)
    network.initialise(seed: settings.seed)
    examples = settings.batchSize
    images = Self.randomImages(count: examples, shape)
    normalization = try Normalization(mean: [0.5], deviation: [0.5], channels: shape[3])
    self.training =
      training
      ? TrainingStep(
        network, capacity: examples, optimizer: .init(momentum: 0.9), context: context) : nil
    evaluation =
      training ? nil : Executor(network, capacity: examples, training: false, context: context)
    indices = Array(0..<examples)
    evaluation?.load(indices[...], of: images, normalization: normalization)
  }

  /// Normalisation, forward, loss, backward, check and update.
  public func trainingStep() throws(NotFiniteError) {
    guard let training else { preconditionFailure("made for forward passes") }
    _ = try training.take(
      indices[...], of: images, normalization: normalization, rate: 1e-3, step: 1)
  }

  /// The forward pass alone.
  public func forward() {
    guard let evaluation else { preconditionFailure("made for training steps") }
    _ = evaluation.forward(count: examples)
  }

  private static let classes = 10

  private static func inputShape(
    _ network: Configuration.Network, dataset: String
  ) throws -> Shape {
    if case .named(let model) = network { return model.inputShape }
    let entry = try Catalogue.entry(named: dataset)
    return [1, entry.height, entry.width, entry.channels]
  }

  private static func randomImages(count: Int, _ shape: Shape) -> ImageSet {
    var random = Random(seed: 1, domain: .augmentation)
    let pixels = (0..<count * shape.countPerExample).map { _ in
      UInt8(truncatingIfNeeded: random.nextBits())
    }
    return ImageSet(
      height: shape[1], width: shape[2], channels: shape[3], classes: classes, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % classes) })
  }
}
