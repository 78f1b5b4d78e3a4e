import Datasets
import Layers
import Networks
import Tensors

/// Everything that a run was asked for.
///
/// ``settings`` lists it all by the names of the flags; that one list reads the command line and
/// recipe files, writes `config.yaml` and checkpoints, and compares a run with its continuation.
public struct Configuration: Equatable, Sendable {
  /// Which network: by name, or in the course's notation.
  public enum Network: Equatable, Sendable {
    case named(NamedModel)
    case notation(Architecture)

    public var architecture: Architecture {
      switch self {
      case .named(let model): model.architecture
      case .notation(let architecture): architecture
      }
    }

    /// For file names: the model's name, or `custom`.
    public var name: String {
      switch self {
      case .named(let model): model.name
      case .notation: "custom"
      }
    }
  }

  /// Which parameters decay.
  public enum DecaySelection: Equatable, Sendable {
    /// Weights and biases.
    case all
    /// All weights, no biases and no scales of batch normalization.
    case weights
    /// Those weights but the last layer's: the course's choice.
    case hidden
    case named([String])
  }

  // What the results depend on.
  public var dataset = "mnist"
  /// Nil until it is known which images the network must take.
  public var network: Network?
  /// Of a model that has one; nil for its own.
  public var decoder: Decoder?
  public var epochs = 8.0
  public var batchSize = 64
  public var accumulate = 1
  public var seed: UInt64 = 1
  public var learningRate = 0.02
  public var schedule = Schedule.cosine
  public var loss = Loss.crossEntropy
  /// Of the labels trained on; validation and test take them as they are.
  public var smoothing = 0.0
  public var optimizer = OptimizerChoice.sgd
  public var momentum = 0.9
  public var nesterov = false
  public var weightDecay = 0.0
  /// The learning rate is the schedule's for all layers if nil.
  public var learningRateFactors: LearningRateFactors?
  public var decaySelection = DecaySelection.weights
  /// How many training examples are kept for validation; nil until their number is known.
  public var validationCount: Int?
  /// How many of the other training examples are trained on, and how many tested with; all if nil.
  public var trainingLimit: Int?
  public var testLimit: Int?
  public var sampler = Sampler.uniform
  /// All classes count alike by example if nil.
  public var classWeights: ClassWeights?
  /// What the training examples go through.
  public var augmentation = Augmentation.none
  /// Width and height of the images of a folder; nil until they are known.
  public var imageSize: Int?
  /// The data set's own figures unless given.
  public var mean: [Double]?
  public var std: [Double]?
  public var shuffles = true
  /// All layers are trained if nil.
  public var frozenLayers: FrozenLayers?
  public var initialization = Initialization.he
  /// Algorithms round differently.
  public var convolutionAlgorithms = ConvolutionChoice.automatic

  // What they do not depend on.
  public var maxSteps: Int?
  public var dataDirectory: String?
  public var initialValues: String?
  /// Recognized by shapes if nil.
  public var initialLayout: WeightLayout?
  public var threads: Int?
  public var kernelSet: KernelSet?
  public var logEvery = 100
  public var filtersEvery = 1

  public init() {}

  /// The network's layers, with the decoder that was asked for; nil without a network.
  public var architecture: Architecture? {
    guard case .named(let model)? = network, let decoder else { return network?.architecture }
    return model.architecture(decoder: decoder)
  }

  /// Holds the loss to what the network gives.
  ///
  /// - Throws: ``SettingError`` for a loss or a smoothing that does not go with it.
  public func checkLoss(
    of network: Sequential, normalization: Normalization
  ) throws(SettingError) {
    if network.isAutoencoder && !loss.takesValues {
      throw SettingError(
        key: "loss", problem: "the network gives images, not a value a class",
        found: loss.rawValue, expected: "mse or bce, or a network that ends in fc(classes)")
    }
    if network.isAutoencoder && loss == .binaryCrossEntropy && !normalization.isIdentity {
      throw SettingError(
        key: "loss", problem: "bce needs pixels in 0…1 for targets", found: nil,
        expected: "--mean 0 --std 1")
    }
    if loss == .binaryCrossEntropy && network.layers.last is Sigmoid {
      throw SettingError(
        key: "loss", problem: "bce takes a sigmoid of the outputs itself", found: nil,
        expected: "a network without a sigmoid at its end, or mse")
    }
    if smoothing > 0 && (network.isAutoencoder || !loss.takesSmoothing) {
      throw SettingError(
        key: "smoothing",
        problem: network.isAutoencoder
          ? "an autoencoder has no labels to smooth" : "the hinge loss takes plain labels",
        found: "\(smoothing)", expected: "0")
    }
  }

  /// Holds the class weights to the loss and the number of classes.
  ///
  /// - Throws: ``SettingError`` if they do not go with them.
  public func checkClassWeights(
    of network: Sequential, classes: Int
  ) throws(SettingError) {
    guard let classWeights else { return }
    if network.isAutoencoder || loss != .crossEntropy {
      throw SettingError(
        key: "class-weights", problem: "only cross-entropy weighs classes",
        found: classWeights.description, expected: "--loss cross-entropy")
    }
    if case .given(let weights) = classWeights, weights.count != classes {
      throw SettingError(
        key: "class-weights", problem: "\(weights.count) weights for \(classes) classes",
        found: classWeights.description, expected: ClassWeights.forms)
    }
  }

  /// Holds the augmentation to the images and the loss.
  ///
  /// - Throws: ``SettingError`` if it does not go with them.
  public func checkAugmentation(of images: ImageSet) throws(SettingError) {
    if augmentation.mixes && loss == .hinge {
      throw SettingError(
        key: "augment", problem: "the hinge loss takes plain labels",
        found: augmentation.description, expected: "no mixup and no cutmix")
    }
    let extent = min(images.height, images.width)
    if let distance = augmentation.greatestTranslation, distance >= extent {
      throw SettingError(
        key: "augment", problem: "the images are of \(images.height)×\(images.width)",
        found: augmentation.description, expected: "distances below \(extent)")
    }
  }

  /// Chooses the algorithms of the network's convolutions; before an executor is made for it.
  ///
  /// - Throws: ``SettingError`` for a layer that does not exist, or that its algorithm does not
  ///   compute.
  public func chooseConvolutionAlgorithms(of network: Sequential) throws(SettingError) {
    do throws(ConvolutionChoiceError) {
      try network.setConvolutionAlgorithms(convolutionAlgorithms)
    } catch { throw SettingError(error) }
  }
}

extension SettingError {
  init(_ error: ConvolutionChoiceError) {
    self.init(
      key: "conv-algorithm", problem: error.problem, found: nil, expected: error.expected)
  }
}
