import Datasets
import Layers
import Networks

extension Configuration {
  /// The settings from a recipe and then from flags; all others have the model's defaults.
  ///
  /// - `data`: the loaded data; nil before it is loaded. Its size determines the defaults of small
  ///   data sets, and its images the default network for a folder.
  public init(
    recipe: [(key: String, value: String)], flags: [(key: String, value: String)],
    data: LoadedSplit? = nil
  ) throws(SettingError) {
    self.init()
    let given = recipe + flags
    // The data set determines the default model, and the model the defaults of all other settings.
    for (key, value) in given where ["dataset", "model", "arch", "limit-train"].contains(key) {
      try set(key, to: value)
    }
    if network == nil, let entry = data?.entry ?? (try? Catalog.entry(named: dataset)) {
      network = .named(Self.defaultModel(forChannels: entry.channels))
    }
    if case .named(let model)? = network { applyDefaults(of: model) }
    applySizeDefaults(of: data)
    let scalesSchedule = schedule == Self.courseSchedule(from: 0.1)
    for (key, value) in given where key == "opt" { try set(key, to: value) }
    applyDefaultsOfOptimizer(scalesSchedule: scalesSchedule)
    for (key, value) in given { try set(key, to: value) }
    try matchSchedule(to: Set(given.map(\.key)), scaling: scalesSchedule)
    try applyOverfitting(recipe: recipe, flags: flags)
    try checkOptimizer(recipe: recipe, flags: flags)
    if let imageSize, dataset != Dataset.imagesName {
      throw SettingError(
        key: "image-size", problem: "\(dataset) has images of one size", found: "\(imageSize)",
        expected: "it with --dataset \(Dataset.imagesName) only")
    }
    for key in ["background", "skip-unreadable"] {
      guard dataset != Dataset.imagesName, let value = text(key) else { continue }
      throw SettingError(
        key: key, problem: "\(dataset) has no such images", found: value,
        expected: "it with --dataset \(Dataset.imagesName) only")
    }
    if let initialLayout, initialValues == nil {
      throw SettingError(
        key: "init-layout", problem: "there is no file of initial values",
        found: initialLayout.rawValue, expected: "it with --init only")
    }
    var hasDecoders = false
    if case .named(let model)? = network { hasDecoders = model.hasDecoders }
    guard hasDecoders || decoder == nil else {
      throw SettingError(
        key: "decoder", problem: "the network has no choice of decoders", found: decoder?.rawValue,
        expected: "a --model that has one, \(NamedModel.autoencoder.name)")
    }
  }

  /// Makes the learning rate and a schedule of steps agree, so that the recorded rate is the one used.
  ///
  /// Steps are absolute rates. A given `--lr` scales the course's default steps. Without `--lr`, the first
  /// step of a given schedule is the rate at the start.
  ///
  /// - Parameters:
  ///   - given: the keys of the settings that a recipe or a flag gives.
  ///   - scaling: whether the default schedule is the course's.
  /// - Throws: ``SettingError`` for a given rate that no epoch would use.
  private mutating func matchSchedule(
    to given: Set<String>, scaling: Bool
  ) throws(SettingError) {
    guard given.contains("sched") else {
      if scaling && given.contains("lr") { schedule = Self.courseSchedule(from: learningRate) }
      return
    }
    guard let first = schedule.steps?.first, first.from == 1,
      first.learningRate != learningRate
    else { return }
    guard given.contains("lr") else {
      learningRate = first.learningRate
      return
    }
    throw SettingError(
      key: "lr", problem: "--sched \(schedule) sets the learning rate of every epoch",
      found: "\(learningRate)",
      expected: "no --lr, or other rates in --sched")
  }

  /// The course's schedule on MNIST: the rate falls to a tenth in epochs 3, 5 and 7.
  ///
  /// Division gives exactly 0.01, 0.001 and 0.0001 from 0.1.
  static func courseSchedule(from rate: Double) -> Schedule {
    .steps([
      .init(from: 1, learningRate: rate), .init(from: 3, learningRate: rate / 10),
      .init(from: 5, learningRate: rate / 100), .init(from: 7, learningRate: rate / 1000),
    ])
  }

  /// Sets the defaults with which a named model was published or taught.
  private mutating func applyDefaults(of model: NamedModel) {
    switch model.name {
    case "fer-mnist":
      batchSize = 50
      weightDecay = 1e-3
      decaySelection = .hidden
      if dataset == "mnist" {  // the course's exercise
        learningRate = 0.1
        momentum = 0
        schedule = Self.courseSchedule(from: 0.1)
      }
    case "fer-cifar":
      epochs = 10
      batchSize = 50
      learningRate = 0.05
      momentum = 0
      schedule = .exponential(decay: 0.75)
      weightDecay = 1e-4
      decaySelection = .hidden
      initialization = .pytorch
    case NamedModel.autoencoder.name:
      decoder = .transposed
      epochs = 10
      loss = .meanSquaredError
      mean = [0]
      std = [1]
      batchSize = 32
      learningRate = 0.05
    default: break
    }
  }

  /// The greatest number of training images of a small data set.
  public static let smallCount = 10_000

  /// Sets the defaults of small data sets and of folders of images.
  ///
  /// A data set is small if it has at most ``smallCount`` training images, before the validation split and
  /// after `limit-train`. An epoch then has so few steps that the learning rate of a model's own recipe
  /// would fall before the network has learned. The number of epochs gives 120,000 training images in
  /// all. Weight decay counters overfitting, and so do translations, except for the bundled sample and for
  /// images below 16 pixels.
  ///
  /// A larger folder has the same learning rates; nothing is known about its images, for which a model's
  /// recipe would be made.
  ///
  /// - Parameter data: nil until the images are known.
  private mutating func applySizeDefaults(of data: LoadedSplit?) {
    let count = data.map { min($0.images.count, trainingLimit ?? Int.max) }
    let isSmall = count.map { $0 <= Self.smallCount } ?? false
    guard isSmall || dataset == Dataset.imagesName else { return }
    if let count {
      epochs = Double(min(100, max(10, (120_000 + count - 1) / max(1, count))))
    }
    guard decoder == nil else { return }
    learningRate = 0.02
    momentum = 0.9
    schedule = .cosine
    guard isSmall else { return }
    weightDecay = 1e-2
    if let data, !data.isSample, min(data.images.height, data.images.width) >= 16 {
      augmentation = Self.smallAugmentation
    }
  }

  /// Translations keep the class of almost any image; a flip does not keep that of a digit.
  private static let smallAugmentation: Augmentation = {
    guard let augmentation = try? Augmentation("translate(2)") else {
      preconditionFailure("the default augmentation cannot be read")
    }
    return augmentation
  }()

  /// The first named model for images with this number of channels.
  private static func defaultModel(forChannels channels: Int) -> NamedModel {
    NamedModel.all.first { $0.inputShape[3] == channels } ?? NamedModel.all[0]
  }

  /// Options for reading a folder of images: the size is `--image-size`, or else the size of a
  /// named model's input.
  public var imageOptions: ImageOptions {
    var side = imageSize
    if side == nil, case .named(let model)? = network { side = model.inputShape[1] }
    var options = ImageOptions(side: side, seed: seed)
    options.background = background
    options.skipsUnreadable = skipsUnreadable
    return options
  }
}
