import Datasets

extension Configuration {
  /// The number of steps of a run with `overfit-batches` that gives no epochs.
  static let overfittingSteps = 200

  /// Prepares a run that overfits some batches: without augmentation, on images of one size, and, unless
  /// given, for ``overfittingSteps`` steps at a constant learning rate.
  ///
  /// A recipe without `overfit-batches` is of a longer run, so its length and schedule do not count.
  /// - Throws: ``SettingError`` for an augmentation that is given beside `overfit-batches`.
  mutating func applyOverfitting(
    recipe: [(key: String, value: String)], flags: [(key: String, value: String)]
  ) throws(SettingError) {
    guard let overfitBatches else { return }
    let isOfRecipe = recipe.contains { $0.key == "overfit-batches" }
    let given = Set((isOfRecipe ? recipe + flags : flags).map(\.key))
    for (key, value) in [
      ("augment", augmentation.isEmpty ? nil : augmentation.description),
      ("image-sizes", imageSizes.map { "\($0)" }), ("proxy", proxy?.canonical),
      ("hardest", hardest.map { "\($0)" }),
    ] where given.contains(key) {
      guard let value else { continue }
      throw SettingError(
        key: key, problem: "--overfit-batches trains on all its images as they are", found: value,
        expected: "one of the two")
    }
    augmentation = .none
    imageSizes = nil
    (proxy, hardest) = (nil, nil)
    if !given.contains("epochs") {
      epochs = Double((Self.overfittingSteps + overfitBatches - 1) / overfitBatches)
    }
    if !given.contains("sched") { schedule = .constant }
    if !given.contains("warmup") { warmup = nil }
    if !given.contains("patience") { patience = nil }
  }

  /// Shortens a run to one step, one validation and one test.
  public mutating func shortenToOneStep() {
    epochs = 1
    maxSteps = nil
    warmup = nil
    patience = nil
    lookahead = nil
    if swaEpoch != nil { swaEpoch = 1 }
    if let side = imageSizes?.sides.first { imageSizes = ImageSizes("\(side):1") }
    checkpointInterval = nil
  }
}

extension TrainingData {
  /// The first step's examples of the first epoch, and one batch of the validation examples.
  public func firstBatch(_ configuration: Configuration) -> TrainingData {
    var data = self
    data.training = Self.firstExamples(
      of: training, count: configuration.stepSize, configuration)
    data.validation = Array(validation.prefix(configuration.batchSize))
    return data
  }

  /// The same training examples without a validation.
  public var withoutValidation: TrainingData {
    var data = self
    data.validation = []
    return data
  }

  /// The first `count` examples of the first epoch's order.
  static func firstExamples(
    of examples: [Int], count: Int, _ configuration: Configuration
  ) -> [Int] {
    let order = EpochOrder(
      examples: examples, seed: configuration.seed, shuffles: configuration.shuffles)
    return Array(order.indices(epoch: 0).prefix(count))
  }
}
