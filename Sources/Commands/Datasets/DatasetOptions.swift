import ArgumentParser
import Datasets
import Terminal
import Training

/// The choice of a data set and its folder.
struct DatasetOptions: ParsableArguments {
  @Argument(
    help: "A data set of `datasets list`, or folder for PNG and JPEG files.",
    completion: Setting.completion("dataset"))
  var name: String
  @Option(setting: "data-dir") var dataDir: String?
  @Option(setting: "image-size") var imageSize: String?
  @Option(setting: "background") var background: String?
  @Flag(setting: "skip-unreadable") var skipUnreadable = false
  @Option(help: "The seed of the split, where a folder has none of its own, and of --augment.")
  var seed: String?

  /// The configuration according to the options.
  func configuration(augment: String? = nil) throws(SettingError) -> Configuration {
    var flags = [("dataset", name)]
    if let imageSize { flags.append(("image-size", imageSize)) }
    if let background { flags.append(("background", background)) }
    if skipUnreadable { flags.append(("skip-unreadable", "true")) }
    if let seed { flags.append(("seed", seed)) }
    if let augment { flags.append(("augment", augment)) }
    return try Configuration(recipe: [], flags: flags)
  }

  /// Warns about a given `--seed` if it did not split the images of `loaded`.
  func tellIdleSeed(_ loaded: [LoadedSplit]) {
    guard seed != nil, !loaded.contains(where: \.isSplitBySeed) else { return }
    Notice.warning("--seed changes nothing: the data have parts of their own.")
  }

  /// Loads some splits, and shows warnings about their data.
  func load(_ splits: [DatasetSplit]) throws -> [LoadedSplit] {
    let settings = try configuration()
    var told: [String] = []
    let loaded = try splits.map { split in
      let loaded = try Dataset.load(
        name: name, split: split, dataDirectory: dataDir, images: settings.imageOptions)
      for notice in loaded.notices where !told.contains(notice) {
        Notice.warning(notice)
        told.append(notice)
      }
      return loaded
    }
    if skipUnreadable, !loaded.contains(where: \.leavesFilesOut) {
      Notice.warning("--skip-unreadable changes nothing: every file can be read.")
    }
    if background != nil, !loaded.contains(where: \.isTransparent) {
      Notice.warning("--background changes nothing: no image has transparent pixels.")
    }
    return loaded
  }
}

extension DatasetSplit: ExpressibleByArgument {}
