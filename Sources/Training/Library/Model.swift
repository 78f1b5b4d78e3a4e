import CKernels
import Checkpoints
import Datasets
import Files
import Layers
import Networks
import Tensors

/// A network that classifies images, with its class names and normalization.
///
///     let model = try Model(
///       "conv(8,3) relu pool(2) fc(classes)", height: 28, width: 28, channels: 1,
///       classNames: ["cat", "dog"])
///     let trainer = try Trainer(model, on: images)
///     while !trainer.isFinished { _ = try trainer.advance() }
///     print(try model.classes(of: pixels))
///     try model.save(to: "model.safetensors")
///     let again = try Model(contentsOf: "model.safetensors")
///
/// A model must be used by one thread at a time. It computes with all processors.
public final class Model {
  /// The network's layers and the data that it was made for.
  public let description: ModelDescription
  public let network: Sequential
  /// The conversion of bytes to the network's input.
  public let normalization: Normalization
  /// The settings of its last training.
  public internal(set) var configuration: Configuration
  /// The images of its last training.
  var trainedOn: DataIdentity?
  let context: Context
  /// The number of images that are computed at once.
  public static let batchCapacity = 256
  /// Computes probabilities; made when it is first needed.
  private var madeExecutor: Executor?
  /// Runs single layers; made when it is first needed.
  private var madeWalk: LayerWalk?

  public var classNames: [String] { description.classNames }

  /// Builds a network and draws its initial values.
  ///
  /// - `notation`: the layers, such as `conv(8,3) relu pool(2) fc(classes)`; the last layer has one
  ///   output per class.
  /// - `classNames`: the name of each class, by label.
  /// - `mean`: the mean of the pixels scaled to 0…1: one number, or one for each channel.
  /// - `std`: the std of the pixels scaled to 0…1: one number, or one for each channel.
  /// - `threads`: the number of threads; all available processors by default. Results do not depend
  ///   on it.
  /// - Throws: `NotationError` for a network that does not fit the images or the classes,
  ///   `NormalizationError`, or `ThreadError`.
  public init(
    _ notation: String, height: Int, width: Int, channels: Int, classNames: [String],
    mean: [Float] = [0.5], std: [Float] = [0.5], seed: UInt64 = 1, threads: Int? = nil
  ) throws {
    precondition(height > 0 && width > 0 && channels > 0, "\(height)×\(width)×\(channels) images")
    precondition(!classNames.isEmpty, "a model without classes")
    let architecture = try Architecture(notation)
    network = try architecture.network(
      input: [1, height, width, channels], classes: classNames.count)
    network.initialize(seed: seed)
    normalization = try Normalization(mean: mean, std: std, channels: channels)
    description = ModelDescription(
      architecture, height: height, width: width, channels: channels, classNames: classNames,
      normalization: normalization)
    configuration = Configuration()
    configuration.network = .notation(architecture)
    configuration.seed = seed
    context = try Context(starting: threads ?? Processors.threadCount)
  }

  /// Reads a model from a file of ``save(to:)``, from a checkpoint, or from a run directory's
  /// newest checkpoint.
  ///
  /// - Throws: `CheckpointError` or ``RunDirectoryError``, which name the file and the problem,
  ///   or `ThreadError`.
  public convenience init(contentsOf path: String, threads: Int? = nil) throws {
    try self.init(try TrainedModel(path, best: false), threads: threads)
  }

  /// The model of a trained network that was read before.
  ///
  /// - Throws: `ThreadError`.
  public init(_ trained: TrainedModel, threads: Int? = nil) throws(ThreadError) {
    description = trained.model
    network = trained.network
    normalization = trained.normalization
    configuration = trained.configuration
    trainedOn = trained.trainedOn
    context = try Context(starting: threads ?? Processors.threadCount)
  }

  // MARK: Inference

  /// Prepares the parameters as they are now for many calls of ``probabilities(of:)``: for the kernels
  /// once and not for each call, with each batch normalization folded into the layer before it, and with
  /// algorithms of convolutions that are chosen for forward passes alone (`Sequential.forInference`).
  ///
  /// Call it again if the parameters change. A ``Trainer`` of this model undoes it.
  ///
  /// - Parameter exact: true to fold nothing and to keep all algorithms, so that results are those of evaluation to the
  ///   bit.
  public func prepareForInference(exact: Bool = false) {
    let executor = Executor(
      exact ? network : network.forInference, capacity: Self.batchCapacity,
      training: false, context: context)
    executor.hasFixedParameters = true
    madeExecutor = executor
  }

  /// Computes with the parameters as they are at each call again, and with the algorithms that the layers have then.
  func undoPreparation() {
    (madeExecutor, madeWalk) = (nil, nil)
    for layer in network.layers { (layer as? any ConvolutionLayer)?.forgetAlgorithm() }
  }

  /// Runs single layers, for the activations of each.
  var walk: LayerWalk {
    let walk = madeWalk ?? LayerWalk(network, context: context)
    madeWalk = walk
    return walk
  }

  private var executor: Executor {
    if let madeExecutor { return madeExecutor }
    let executor = Executor(
      network, capacity: Self.batchCapacity, training: false, context: context)
    madeExecutor = executor
    return executor
  }

  /// Writes the model to a safetensors file with PyTorch's names and shapes.
  ///
  /// The file is either written completely or not at all. An existing file is replaced.
  ///
  /// - Throws: `CheckpointProblem` for a value that is not finite, or `OutputFileError`.
  public func save(to path: String) throws {
    var metadata = description.metadata
    metadata["configuration"] = configuration.json
    metadata["data"] = trainedOn?.description
    let bytes = try CheckpointFile.encode(tensors: network.storedTensors, metadata: metadata)
    try OutputFile.write(bytes, to: path)
  }

  /// The probability of each class for each image.
  ///
  /// - Parameter pixels: one or more images, `[n, height, width, channels]`, 0…255.
  /// - Returns: `[n][classes]`. Each row is the softmax of the network's outputs and sums to 1.
  /// - Precondition: the number of pixels is a multiple of an image's.
  public func probabilities(of pixels: [UInt8]) -> [[Float]] {
    let imageCount = description.height * description.width * description.channels
    precondition(
      pixels.count % imageCount == 0,
      "\(pixels.count) pixels are no whole number of images of \(imageCount)")
    var result: [[Float]] = []
    let executor = executor
    let count = pixels.count / imageCount
    for first in stride(from: 0, to: count, by: executor.capacity) {
      let part = min(executor.capacity, count - first)
      pixels.withUnsafeBufferPointer {
        normalization.normalize(
          $0.baseAddress! + first * imageCount, count: part * imageCount,
          into: executor.input.base)
      }
      let outputs = executor.forward(count: part)
      for row in 0..<part { result.append(softmax(of: outputs.examples(row..<row + 1))) }
    }
    return result
  }

  /// The name of the most probable class, for each image.
  ///
  /// - Parameter pixels: as for ``probabilities(of:)``.
  public func classes(of pixels: [UInt8]) -> [String] {
    probabilities(of: pixels).map { row in
      var best = 0
      for label in row.indices where row[label] > row[best] { best = label }
      return classNames[best]
    }
  }

  /// `exp(z − max z) / Σ exp(z − max z)`
  private func softmax(of outputs: Tensor) -> [Float] {
    let greatest = outputs.elements.max() ?? 0
    let powers = outputs.elements.map { exact_exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
