import Datasets
import Layers
import Networks
import Tensors
import Terminal
import Training

/// The data, the network and the trainer of a new run, before anything is written.
struct TrainingPreparation {
  /// What the trainer is for.
  enum Purpose {
    case run
    /// A run of one step, with one batch for validation and one for the test.
    case oneStep
    /// A learning-rate range test.
    case rangeTest
  }

  let configuration: Configuration
  let loaded: LoadedSplit
  /// Loaded at the start, so that an error in the data is found before the training.
  let test: LoadedSplit
  let trainer: Trainer
  /// True if every initial value came from the file of `init`.
  let loadsAllValues: Bool
  /// The number of trained parameters before `freeze`.
  let trainedBefore: Int

  /// Loads the data and prepares the trainer.
  init(
    given: [(key: String, value: String)], recipe: Recipe?, download: DownloadOptions,
    progress: ProgressDisplay.Mode, purpose: Purpose = .run, processes: ProcessGroup? = nil
  ) throws {
    let asked = try Configuration(recipe: recipe?.settings ?? [], flags: given)
    Processors.setThreadCount(asked.threads)
    let data = try Self.load(asked, download, progress)
    try self.init(
      given: given, recipe: recipe, data: data, purpose: purpose, processes: processes)
  }

  /// Prepares a trainer for data that is loaded.
  init(
    given: [(key: String, value: String)], recipe: Recipe?,
    data splits: (train: LoadedSplit, test: LoadedSplit), purpose: Purpose = .run,
    processes: ProcessGroup? = nil
  ) throws {
    (loaded, test) = splits
    var configuration = try Configuration(
      recipe: recipe?.settings ?? [], flags: given, data: loaded)
    var data = try TrainingData(loaded, configuration)
    configuration.validationCount = data.validationCount
    if loaded.entry.format == .folder { configuration.imageSize = loaded.images.height }

    let network = try Self.network(configuration, loaded.entry)
    loadsAllValues = try Self.initialize(network, configuration, data)
    switch purpose {
    case .run: break
    case .oneStep:
      data = data.firstBatch(configuration)
      configuration.shortenToOneStep()
    case .rangeTest:
      configuration = RangeTest.configuration(configuration, examples: data.training.count)
      data = data.withoutValidation
    }
    trainedBefore = network.trainedParameters.count
    self.configuration = configuration
    trainer = try Trainer(
      configuration, network: network, data: data, context: try Self.context(configuration),
      processes: processes)
  }

  static func load(
    _ configuration: Configuration, _ download: DownloadOptions, _ progress: ProgressDisplay.Mode,
    sampleWillDo: Bool = false
  ) throws -> (train: LoadedSplit, test: LoadedSplit) {
    try DatasetDownloads.prepare(
      configuration.dataset, dataDirectory: configuration.dataDirectory, options: download,
      sampleWillDo: sampleWillDo, progress: progress)
    let (train, test) = try Dataset.loadBoth(
      name: configuration.dataset, dataDirectory: configuration.dataDirectory,
      images: configuration.imageOptions)
    for notice in train.notices { Notice.warning(notice) }
    for notice in test.notices where !train.notices.contains(notice) { Notice.warning(notice) }
    return (train, test)
  }

  static func network(
    _ configuration: Configuration, _ entry: DatasetEntry
  ) throws -> Sequential {
    do throws(NotationError) {
      return try configuration.architecture!.network(
        input: [1, entry.height, entry.width, entry.channels], classes: entry.classes)
    } catch {
      let flag = configuration.text("model") == nil ? "--arch" : "--model"
      throw Failure(.usage, "\(flag): \(error)")
    }
  }

  /// Draws initial values, or loads those of a file.
  ///
  /// - Returns: whether the file gave all of them; a head for other classes keeps its drawn values.
  private static func initialize(
    _ network: Sequential, _ configuration: Configuration, _ data: TrainingData
  ) throws -> Bool {
    try configuration.initialize(network, for: data)
    guard let path = configuration.initialValues else { return false }
    let head = network.layers.last { !$0.parameters.isEmpty }?.parameters.first
    let drawn = head?.storedValues()
    let notices = try InitialValues.load(
      path, into: network, layout: configuration.initialLayout)
    for notice in notices { Notice.warning(notice) }
    return head?.storedValues() != drawn
  }

  static func context(_ configuration: Configuration) throws(ThreadError) -> Context {
    try Context(starting: Processors.threadCount, kernelSet: configuration.kernelSet ?? .best)
  }
}
