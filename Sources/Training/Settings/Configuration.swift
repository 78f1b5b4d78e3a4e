import Datasets
import Layers
import Networks
import Tensors

/// All settings of a run.
///
/// ``settings`` lists them by the names of their flags. This one list is used to read the command
/// line and recipe files, to write `config.yaml` and checkpoints, and to compare a resumed run with
/// its start.
public struct Configuration: Equatable, Sendable {
  /// The network, by name or in the course's notation.
  public enum Network: Equatable, Sendable {
    case named(NamedModel)
    case notation(Architecture)

    public var architecture: Architecture {
      switch self {
      case .named(let model): model.architecture
      case .notation(let architecture): architecture
      }
    }

    /// The name for files: the model's name, or `custom`.
    public var name: String {
      switch self {
      case .named(let model): model.name
      case .notation: "custom"
      }
    }
  }

  /// The parameters with weight decay.
  public enum DecaySelection: Equatable, Sendable {
    /// Weights and biases.
    case all
    /// All weights, no biases and no scales of batch normalization.
    case weights
    /// All weights except the last layer's: the course's choice.
    case hidden
    case named([String])
  }

  // Settings that results depend on.
  public var dataset = "mnist"
  /// Nil until the images are known.
  public var network: Network?
  /// The decoder of a model that has one; nil for the model's default.
  public var decoder: Decoder?
  public var epochs = 8.0
  public var batchSize = 64
  public var accumulate = 1
  public var seed: UInt64 = 1
  public var learningRate = 0.02
  public var schedule = Schedule.cosine
  /// The length of the warm-up before the schedule; nil for none.
  public var warmup: StepSpan?
  public var loss = Loss.crossEntropy
  /// Smoothing of the training labels; validation and test do not use it.
  public var smoothing = 0.0
  public var optimizer = OptimizerChoice.sgd
  public var momentum = 0.9
  public var nesterov = false
  /// True if SGD's weight decay does not go through the momentum.
  public var decoupledWeightDecay = false
  /// β₁ and β₂ of Adam, AdamW and Lion, ε of Adam, AdamW and RMSprop, and α of RMSprop; nil for the
  /// optimizer's own.
  public var betas: [Double]?
  public var epsilon: Double?
  public var alpha: Double?
  /// The optimizer of the parameters that ``Muon`` leaves.
  public var muonRest = OptimizerChoice.sgd
  /// a, b and c of ``Muon``; nil for its own.
  public var muonCoefficients: [Double]?
  public var muonRescaling = MuonRescaling.every(steps: 1, growth: 0)
  public var weightDecay = 0.0
  /// Hyperparameters of some parameters, which replace the others.
  public var groups: GroupSettings?
  /// The greatest norm of the gradient, and the greatest magnitude of its elements; nil for none.
  public var clippedNorm: Double?
  public var clippedValue: Double?
  /// If nil, all layers use the schedule's learning rate.
  public var learningRateFactors: LearningRateFactors?
  public var decaySelection = DecaySelection.weights
  /// The network that finds hard examples, and how many are kept; both nil to train on all.
  public var proxy: Architecture?
  public var hardest: HardestExamples?
  /// If nil, parameters are not set to an average of their past values.
  public var lookahead: Lookahead?
  /// The decay of the exponential average that is the model; nil for none.
  public var emaDecay: Double?
  /// The epoch, from 1, at whose end the mean begins that is the model; nil for none.
  public var swaEpoch: Int?
  /// The number of epochs without a better validation after which the run ends; nil for all epochs.
  public var patience: Int?
  /// The epoch whose parameters are tested at the end.
  public var kept = KeptEpoch.last
  /// The number of training examples to use for validation; nil until the number of examples is
  /// known.
  public var validationCount: Int?
  /// The numbers of training examples (without validation) and test examples to use; nil for all.
  public var trainingLimit: Int?
  public var testLimit: Int?
  /// The number of batches to train and validate with, to see that the network can learn; nil for all.
  public var overfitBatches: Int?
  public var sampler = Sampler.uniform
  /// If nil, all examples have the same weight in the loss.
  public var classWeights: ClassWeights?
  /// The random changes of the training images.
  public var augmentation = Augmentation.none
  /// The width and height of the images of a folder; nil until they are known.
  public var imageSize: Int?
  /// The value of every channel behind the transparent pixels of a folder's images.
  public var background = ImageOptions.defaultBackground
  /// If nil, the data set's own mean and std.
  public var mean: [Double]?
  public var std: [Double]?
  public var shuffles = true
  /// If nil, all layers are trained.
  public var frozenLayers: FrozenLayers?
  public var initialization = Initialization.he
  /// If nil, the last layer's initial weights stay as drawn.
  public var headStd: Double?
  /// If nil, the first convolution's initial filters stay as drawn.
  public var whiteningImages: Int?
  /// If nil, all trained parameters are trained to the end.
  public var briefTraining: BriefTraining?
  /// If nil, the images have the network's size throughout.
  public var imageSizes: ImageSizes?
  public var lossReduction = LossReduction.mean
  /// The views of each image in the test; validation uses the images as they are.
  public var testTimeAugmentation = TestTimeAugmentation.none
  /// True if an epoch leaves out its last, smaller step.
  public var dropsLast = false
  /// Results depend on it, because algorithms round differently.
  public var convolutionAlgorithms = ConvolutionChoice.automatic

  // Settings that results do not depend on.
  public var maxSteps: Int?
  public var dataDirectory: String?
  /// True to leave out the files of a folder that cannot be read. The data's identity is that of the rest.
  public var skipsUnreadable = false
  public var initialValues: String?
  /// If nil, recognized by shapes.
  public var initialLayout: WeightLayout?
  public var threads: Int?
  public var kernelSet: KernelSet?
  public var logEvery = 100
  /// If nil, only at the end of an epoch.
  public var checkpointInterval: CheckpointInterval?
  public var filtersEvery = 1
  /// True to write events for TensorBoard.
  public var writesEvents = false

  public init() {}

  /// The network's layers with the selected decoder; nil without a network.
  public var architecture: Architecture? {
    guard case .named(let model)? = network, let decoder else { return network?.architecture }
    return model.architecture(decoder: decoder)
  }

  /// Checks that the loss fits the network's output.
  ///
  /// - Throws: ``SettingError`` for a loss or a smoothing that does not fit.
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

  /// Checks that the class weights fit the loss and the number of classes.
  ///
  /// - Throws: ``SettingError`` if they do not fit.
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

  /// Checks that the augmentation fits the images and the loss.
  ///
  /// - Throws: ``SettingError`` if it does not fit.
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

  /// Sets the algorithms of the network's convolutions. Call this before creating an executor.
  ///
  /// - Throws: ``SettingError`` for a layer that does not exist, or that its algorithm does not
  ///   support.
  public func chooseConvolutionAlgorithms(of network: Sequential) throws(SettingError) {
    // A requested algorithm has to compute images of every size.
    let sized = (imageSizes?.sides ?? []).compactMap { try? network.forImages(ofHeight: $0) }
    do throws(ConvolutionChoiceError) {
      for network in [network] + sized {
        try network.setConvolutionAlgorithms(convolutionAlgorithms, batch: batchSize)
      }
    } catch { throw SettingError(error) }
  }
}

extension SettingError {
  init(_ error: ConvolutionChoiceError) {
    self.init(
      key: "conv-algorithm", problem: error.problem, found: nil, expected: error.expected)
  }
}
