import Datasets

/// The examples to evaluate on.
public enum EvaluationSplit: String, Sendable, CaseIterable {
  case test, validation, train
}

/// Why a network cannot be evaluated on some data.
public enum EvaluationDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The sizes are height, width and channels.
  case imageSize(checkpoint: String, found: [Int], dataset: String, expected: [Int])
  case noValidation(checkpoint: String)

  public var description: String {
    switch self {
    case .imageSize(let checkpoint, let found, let dataset, let expected):
      "\(checkpoint): the network takes other images (found \(Self.size(found)) in \(dataset), "
        + "expected \(Self.size(expected))). Give another --dataset."
    case .noValidation(let checkpoint):
      "\(checkpoint): the run kept no examples for validation (expected a run with --val-split above 0). "
        + "Give --split test or train."
    }
  }

  private static func size(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }
}

/// The examples that a trained network is evaluated on.
public struct EvaluationData {
  /// All images of the split, with the network's labels.
  public let images: ImageSet
  /// The file of each image of the split; nil if images have no files of their own.
  public let fileNames: [String]?
  /// The images to evaluate.
  public let indices: [Int]
  /// The name and the files of the split.
  public let identity: DataIdentity
  /// The data set's title.
  public let title: String
  /// True if these are examples of the data set's sample.
  public let isSample: Bool
  public let split: EvaluationSplit
  /// Sentences for the user about problems with the data, for example that the network may have
  /// been trained on the test images.
  public let notices: [String]
  /// True if files of a folder cannot be read and were left out.
  public let leavesFilesOut: Bool

  /// Loads the data set called `name`.
  ///
  /// - `folder`: the only folder to search; nil for the usual places.
  /// - `skippingUnreadable`: true to leave out the files of a folder that cannot be read. Those of the
  ///   folder that the network was trained on are left out if the run did.
  /// - Throws: ``EvaluationDataError``, ``SettingError`` or `DatasetError`, which also reports
  ///   classes that the network does not know.
  public init(
    of trained: TrainedModel, name: String, folder: String?, split: EvaluationSplit,
    skippingUnreadable: Bool = false
  ) throws {
    let model = trained.model
    var options = ImageOptions(
      side: model.height, channels: model.channels, seed: trained.configuration.seed)
    options.background = trained.configuration.background
    let isOwn = name == model.dataset && trained.readDataFrom(folder)
    options.skipsUnreadable = skippingUnreadable || isOwn && trained.skipsUnreadable
    func load(_ split: DatasetSplit) throws(DatasetError) -> LoadedSplit {
      try Dataset.load(name: name, split: split, dataDirectory: folder, images: options)
    }
    let loaded: LoadedSplit
    let origin: DataOrigin
    if split == .test, isOwn, options.skipsUnreadable,
      let both = try? Dataset.loadBoth(name: name, dataDirectory: folder, images: options)
    {
      // All files are decoded to find those that cannot be read: once, and not for each split.
      origin = DataOrigin(of: trained) { () throws(DatasetError) in both.train.identity }
      loaded = both.test
    } else if split == .test {
      origin = DataOrigin(of: trained) { () throws(DatasetError) in
        try Dataset.trainingIdentity(name: name, dataDirectory: folder, images: options)
      }
      options.testsWhole = !isOwn && origin != .same
      loaded = try load(.test)
    } else {
      loaded = try load(.train)
      origin = DataOrigin(of: trained) { () throws(DatasetError) in loaded.identity }
    }

    let found = [loaded.images.height, loaded.images.width, loaded.images.channels]
    let expected = [model.height, model.width, model.channels]
    guard found == expected else {
      throw EvaluationDataError.imageSize(
        checkpoint: trained.path, found: found, dataset: name, expected: expected)
    }
    leavesFilesOut = loaded.leavesFilesOut
    images = try loaded.images(labeledBy: model.classNames)
    fileNames = loaded.fileNames
    identity = loaded.identity
    (title, isSample) = (loaded.entry.title, loaded.isSample)
    self.split = split
    notices =
      loaded.notices + [origin.notice(about: loaded.directory)].compactMap { $0 }
    if split == .test {
      indices = Array(0..<images.count)
    } else {
      let data = try TrainingData(loaded, trained.configuration)
      indices = split == .train ? data.training : data.validation
    }
    guard !indices.isEmpty else {
      throw EvaluationDataError.noValidation(checkpoint: trained.path)
    }
  }

  /// The examples at `indices` of a test split that is loaded already.
  ///
  /// - Precondition: the network was trained on data with these classes.
  public init(testing indices: [Int], of loaded: LoadedSplit) {
    images = loaded.images
    fileNames = loaded.fileNames
    self.indices = indices
    identity = loaded.identity
    (title, isSample, split) = (loaded.entry.title, loaded.isSample, .test)
    notices = []
    leavesFilesOut = loaded.leavesFilesOut
  }
}

/// The relation of the evaluation data to the data that a network was trained on.
enum DataOrigin: Equatable {
  case same
  /// The difference, with what was found and expected.
  case other(String)
  /// The reason why the two cannot be compared.
  case unknown(String)

  /// - Parameter identity: returns the identity of the training examples that belong to the
  ///   evaluation data.
  init(of trained: TrainedModel, _ identity: () throws(DatasetError) -> DataIdentity) {
    guard let trainedOn = trained.trainedOn else {
      self = .unknown("the checkpoint does not say which")
      return
    }
    do throws(DatasetError) {
      self = try identity().difference(from: trainedOn).map { .other($0) } ?? .same
    } catch {
      switch error {
      case .images(.noTraining), .incomplete, .noFiles, .nowhere:
        self = .unknown("there are no training examples to compare")
      default: self = .unknown("the training examples cannot be read: \(error)")
      }
    }
  }

  /// A sentence for the user; nil if there is nothing to report.
  func notice(about directory: String) -> String? {
    let overlap = "Some of these images may be among those that the network was trained on."
    return switch self {
    case .same: nil
    case .other(let difference):
      "\(directory): not the data that the network was trained on (\(difference)). \(overlap)"
    case .unknown(let reason):
      "\(directory): perhaps not the data that the network was trained on (\(reason)). \(overlap)"
    }
  }
}
