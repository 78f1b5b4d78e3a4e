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
  /// - Throws: ``NotationError`` if the network does not take the pictures of its usual data set.
  public init(_ settings: Configuration, training: Bool, context: Context) throws {
    guard let choice = settings.network else {
      preconditionFailure("a benchmark needs a network")
    }
    let isColour = choice.name.contains("cifar")
    let (extent, channels) = isColour ? (32, 3) : (28, 1)
    let network = try choice.architecture.network(
      input: [1, extent, extent, channels], classes: 10)
    network.initialise(seed: settings.seed)
    examples = settings.batchSize
    images = Self.randomImages(count: examples, extent: extent, channels: channels)
    normalization = try Normalization(mean: [0.5], deviation: [0.5], channels: channels)
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

  private static func randomImages(count: Int, extent: Int, channels: Int) -> ImageSet {
    var random = Random(seed: 1, domain: .augmentation)
    let pixels = (0..<count * extent * extent * channels).map { _ in
      UInt8(truncatingIfNeeded: random.nextBits())
    }
    return ImageSet(
      height: extent, width: extent, channels: channels, classes: 10, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % 10) })
  }
}
