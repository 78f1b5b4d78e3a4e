import Datasets
import Layers
import Networks
import Tensors
import Training

/// Times steps of a network on one batch of random images.
public final class StepBenchmark {
  public let examples: Int
  /// Multiply-adds of one step, as `Sequential` counts them.
  public let multiplyAdds: Int
  private let training: TrainingStep?
  private let executor: Executor
  private let indices: [Int]

  /// Uses images of the shape `image`, or else of the one that a named model is designed for, or else of
  /// the data set's shape.
  ///
  /// - Parameters:
  ///   - training: true if ``trainingStep()`` will be called, false for ``forward()``.
  ///   - exact: true to fold no batch normalization for ``forward()``.
  /// - Throws: the errors of ``network(_:image:)``.
  public convenience init(
    _ settings: Configuration, image: Shape? = nil, training: Bool, exact: Bool = false,
    context: Context
  ) throws {
    try self.init(
      Self.network(settings, image: image), batchSize: settings.batchSize, training: training,
      exact: exact, context: context)
  }

  /// Builds the network that `settings` select.
  ///
  /// - Parameter image: the shape of one example; nil for that which a named model is designed for, or
  ///   else the data set's shape.
  /// - Throws: ``NotationError`` if the network cannot take the images, or ``SettingError`` if an
  ///   algorithm does not support its convolution.
  public static func network(
    _ settings: Configuration, image: Shape? = nil
  ) throws -> Sequential {
    guard let choice = settings.network, let architecture = settings.architecture else {
      preconditionFailure("a benchmark needs a network")
    }
    let network = try architecture.network(
      input: try image ?? inputShape(choice, dataset: settings.dataset), classes: classes)
    try settings.chooseConvolutionAlgorithms(of: network)
    network.initialize(seed: settings.seed)
    return network
  }

  /// The network that is timed: for forward passes with folded batch normalization, unless they are `exact`.
  public static func measured(_ network: Sequential, training: Bool, exact: Bool) -> Sequential {
    training || exact ? network : network.forInference
  }

  /// - Parameters:
  ///   - training: true if ``trainingStep()`` will be called, false for ``forward()``.
  ///   - exact: true to fold no batch normalization for ``forward()``.
  /// - Throws: ``SettingError`` if the batch does not fit into memory.
  public init(
    _ original: Sequential, batchSize: Int, training: Bool, exact: Bool = false, context: Context
  ) throws {
    let network = Self.measured(original, training: training, exact: exact)
    var settings = Configuration()
    settings.batchSize = batchSize
    try settings.checkMemory(of: network, capacity: batchSize, in: context)
    examples = batchSize
    multiplyAdds = batchSize * network.multiplyAdds(training: training)
    executor = Executor(network, capacity: examples, training: training, context: context)
    let task = LearningTask(of: network)
    let loader = BatchLoader(
      Self.randomImages(count: examples, network.inputShape),
      try Normalization(mean: [0.5], std: [0.5], channels: network.inputShape[3]),
      into: executor, task: task)
    self.training =
      training
      ? TrainingStep(
        executor, loader: loader, task: task,
        criterion: Criterion(task == .classification ? .crossEntropy : .meanSquaredError),
        optimizer: SGD(
          OptimizedParameters(network.trainedParameters, Hyperparameters(momentum: 0.9))),
        seed: 1)
      : nil
    indices = Array(0..<examples)
    guard !training else { return }
    loader.loadImages(indices[...])
    executor.hasFixedParameters = true
  }

  /// Runs normalization, forward, loss, backward, check and update.
  ///
  /// - Returns: the mean loss before the update.
  @discardableResult
  public func trainingStep(
    number: Int = 1, learningRate: Float = 1e-3
  ) throws(NotFiniteError) -> Double {
    guard let training else { preconditionFailure("made for forward passes") }
    return try training.takeStep(
      MiniBatch(indices[...]), OptimizerStep(number: number, learningRate: learningRate)
    ).loss
  }

  /// Runs the forward pass alone.
  public func forward() {
    guard training == nil else { preconditionFailure("made for training steps") }
    _ = executor.forward(count: examples)
  }

  /// The input's values before the first forward pass, of a benchmark of these.
  var images: [Float] { Array(executor.input.elements) }
  /// The outputs of a forward pass.
  var outputs: [Float] { Array(executor.forward(count: examples).elements) }

  /// Runs one training step, or one forward pass if the benchmark was not made for training.
  public func run() throws(NotFiniteError) {
    if training == nil { forward() } else { try trainingStep() }
  }

  private static let classes = 10

  private static func inputShape(
    _ network: Configuration.Network, dataset: String
  ) throws -> Shape {
    if case .named(let model) = network { return model.inputShape }
    let entry = try Catalog.entry(named: dataset)
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
