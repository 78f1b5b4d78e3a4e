import Testing

@testable import Datasets
@testable import Networks
@testable import Training

/// Defaults that depend on the number of training images.
@Suite struct SizeDefaultTests {
  /// A split of `count` black images.
  private func split(_ count: Int, isSample: Bool = false, side: Int = 28) throws -> LoadedSplit {
    let data = try SmallRun().data
    let images = ImageSet(
      height: side, width: side, channels: 1, classes: 10,
      pixels: [UInt8](repeating: 0, count: count * side * side),
      labels: (0..<count).map { UInt8($0 % 10) })
    return LoadedSplit(
      entry: data.entry, split: .train, images: images, files: data.files,
      directory: data.directory, isSample: isSample, isVerified: true, notices: [])
  }

  /// A small data set has defaults by its size, wherever its images come from.
  @Test(
    arguments: [
      ("mnist", 10_000, nil, "12.0"), ("mnist", 4_000, nil, "30.0"), ("mnist", 60, nil, "100.0"),
      ("mnist", 20_000, "3000", "40.0"), ("folder", 3_000, nil, "40.0"),
      ("fashion-mnist", 10_001, "10001", nil), ("mnist", 10_001, nil, nil),
    ] as [(String, Int, String?, String?)])
  func smallDataSetsHaveDefaultsBySize(
    _ dataset: String, _ count: Int, _ limit: String?, _ epochs: String?
  ) throws {
    let flags = [("dataset", dataset)] + (limit.map { [("limit-train", $0)] } ?? [])
    let large = try Configuration(recipe: [], flags: flags)
    let configuration = try Configuration(recipe: [], flags: flags, data: split(count))
    guard let epochs else {
      #expect(configuration == large)
      return
    }
    for (key, value) in [
      ("epochs", epochs), ("lr", "0.02"), ("sched", "cosine"), ("momentum", "0.9"),
      ("weight-decay", "0.01"), ("augment", "translate(2)"),
    ] { #expect(configuration.text(key) == value, "\(key)") }
    // The recipe of a run without augmentation gives none.
    let plain = try Configuration(
      recipe: [], flags: flags + [("augment", "none")], data: split(count))
    let recipe = try Recipe(Array(plain.yaml.utf8), path: "config.yaml").settings
    #expect(try Configuration(recipe: recipe, flags: [], data: split(count)) == plain)
  }

  @Test func theSampleAndTinyImagesAreNotTranslated() throws {
    #expect(
      try Configuration(recipe: [], flags: [], data: split(4_000, isSample: true)).text("augment")
        == nil)
    #expect(
      try Configuration(recipe: [], flags: [], data: split(4_000, side: 15)).text("augment") == nil)
  }

  /// A folder of many images has the same learning rates, and no other default by its size.
  @Test func aLargeFolderHasRatesThatFitMostImages() throws {
    let configuration = try Configuration(
      recipe: [], flags: [("dataset", "folder"), ("model", "fer-cifar")], data: split(12_000))
    for (key, value) in [
      ("epochs", "10.0"), ("lr", "0.02"), ("sched", "cosine"), ("momentum", "0.9"),
      ("weight-decay", "0.0001"),
    ] { #expect(configuration.text(key) == value, "\(key)") }
    #expect(configuration.text("augment") == nil)
  }

  /// The autoencoder sets its loss and pixels in 0…1, and a small data set changes only the epochs.
  @Test(arguments: [(20_000, "10.0"), (4_000, "30.0")])
  func theAutoencoderHasItsOwnDefaults(count: Int, epochs: String) throws {
    let sample = try split(count, isSample: count == 4_000)
    let configuration = try Configuration(
      recipe: [("decoder", "bilinear"), ("model", "autoencoder")], flags: [], data: sample)
    let expected = [
      "decoder": "bilinear", "loss": "mse", "mean": "0.0", "std": "1.0", "lr": "0.05",
      "batch-size": "32", "momentum": "0.9", "weight-decay": "0.0", "epochs": epochs,
    ]
    for (key, value) in expected { #expect(configuration.text(key) == value, "\(key)") }
    #expect(configuration.architecture == NamedModel.autoencoder.architecture(decoder: .bilinear))
    let settings = try Recipe(Array(configuration.yaml.utf8), path: "config.yaml").settings
    #expect(try Configuration(recipe: settings, flags: []) == configuration)
    let plain = try Configuration(recipe: [], flags: [("model", "autoencoder")])
    #expect(plain.architecture == NamedModel.autoencoder.architecture(decoder: .transposed))
    #expect(try Configuration(recipe: [], flags: [("model", "lenet5")]).text("decoder") == nil)
  }
}
