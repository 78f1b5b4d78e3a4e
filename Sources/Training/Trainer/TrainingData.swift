import Datasets
import Tensors

/// The training examples of a run: the training part, the validation part, and the normalization of
/// their pixels.
public struct TrainingData: Sendable {
  public let images: ImageSet
  public internal(set) var training: [Int]
  public internal(set) var validation: [Int]
  /// The number of examples that the split keeps from training.
  public let validationCount: Int
  public let normalization: Normalization
  /// The name of each class, by label.
  public let classNames: [String]
  /// Checkpoints record the identity, and a run can be resumed only with the same data.
  public let identity: DataIdentity
  /// Sentences for the user about what the split leaves out.
  public let notices: [String]

  /// Splits `loaded` according to `configuration`.
  ///
  /// - Throws: ``SettingError`` for a sampler, validation split, mean or std that does not fit.
  public init(_ loaded: LoadedSplit, _ configuration: Configuration) throws(SettingError) {
    guard configuration.shuffles || configuration.sampler == .uniform else {
      throw SettingError(
        key: "sampler", problem: "it draws at random, and --no-shuffle asks for the files' order",
        found: configuration.sampler.rawValue, expected: "one of the two")
    }
    try self.init(
      loaded.images, classNames: loaded.entry.classNames,
      normalization: try Self.normalization(of: loaded.entry, configuration),
      identity: loaded.identity, configuration)
  }

  /// Splits your own images according to `configuration`.
  ///
  /// - Throws: ``SettingError`` for a validation split that does not fit.
  public init(
    _ images: ImageSet, classNames: [String], normalization: Normalization,
    _ configuration: Configuration
  ) throws(SettingError) {
    try self.init(
      images, classNames: classNames, normalization: normalization,
      identity: DataIdentity(ofImages: images), configuration)
  }

  private init(
    _ images: ImageSet, classNames: [String], normalization: Normalization, identity: DataIdentity,
    _ configuration: Configuration
  ) throws(SettingError) {
    self.images = images
    self.classNames = classNames
    self.normalization = normalization
    self.identity = identity
    let count =
      configuration.validationCount
      ?? min(
        Self.defaultValidationCount(among: images.count),
        ValidationSplit.largestCount(of: images.labels))
    do throws(ValidationSplitError) {
      let split = try ValidationSplit(
        of: images.labels, taking: count, seed: configuration.seed)
      let examples = ExampleLimit.apply(
        configuration.trainingLimit, to: split.training, labels: images.labels,
        seed: configuration.seed)
      validationCount = split.validation.count
      if let batches = configuration.overfitBatches {
        training = Self.firstExamples(
          of: examples, count: batches * configuration.stepSize, configuration)
        validation = training
      } else {
        training = examples
        validation = split.validation
      }
    } catch {
      throw SettingError(
        key: "val-split", found: "\(count)",
        expected: "a number from 0 to \(error.largest), as \(error.reason)")
    }
    guard configuration.overfitBatches == nil else {
      notices = []
      return
    }
    notices = [
      ExampleLimit.absence(
        in: training, labels: images.labels, classNames: classNames, purpose: "to train on")
    ].compactMap { $0 }
  }

  /// The number of training examples of each class.
  var trainingCounts: [Int] {
    var counts = [Int](repeating: 0, count: images.classes)
    for index in training { counts[Int(images.labels[index])] += 1 }
    return counts
  }

  /// The order of the training examples, by the sampler of `configuration`.
  func order(_ configuration: Configuration) -> EpochOrder {
    switch configuration.sampler {
    case .uniform:
      EpochOrder(examples: training, seed: configuration.seed, shuffles: configuration.shuffles)
    case .weighted:
      EpochOrder(examples: training, drawingByClass: images.labels, seed: configuration.seed)
    }
  }

  /// The default size of the validation split: a tenth of the examples, and at most 5,000, the
  /// course's choice for MNIST.
  static func defaultValidationCount(among count: Int) -> Int { min(5_000, count / 10) }

  /// The normalization in `configuration`, or else the data set's own.
  public static func normalization(
    of entry: DatasetEntry, _ configuration: Configuration
  ) throws(SettingError) -> Normalization {
    let mean = configuration.mean.map { $0.map { Float($0) } } ?? entry.mean
    let std = configuration.std.map { $0.map { Float($0) } } ?? entry.std
    do throws(NormalizationError) {
      return try Normalization(mean: mean, std: std, channels: entry.channels)
    } catch {
      let isMean = if case .count(let name, _, _) = error { name == "mean" } else { false }
      throw SettingError(
        key: isMean ? "mean" : "std",
        found: (isMean ? mean : std).map { "\($0)" }.joined(separator: ","),
        expected:
          "1 number\(entry.channels == 1 ? "" : ", or one for each of \(entry.channels) channels")")
    }
  }
}
