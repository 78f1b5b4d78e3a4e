import ArgumentParser
import Datasets
import Files
import Reports
import Terminal
import Training

/// `swift run datasets show`: draws some images of each class and counts them, or draws augmented
/// images.
struct ShowCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Draw the first images of each class as a PNG, and count the classes.")

  @OptionGroup var options: DatasetOptions
  @Option(help: "The split: train or test.")
  var split = DatasetSplit.train
  @Option(help: "Images of each class.")
  var columns = 10
  @Option(
    help: ArgumentHelp(
      "Draw what this makes of one image of each class in turn, as in `train`.",
      valueName: "steps"))
  var augment: String?
  @Option(help: "With --augment: the epochs to draw, a row for each. (default: 8)")
  var epochs: Int?
  @Option(
    help: """
      The folder to write; by default the current one. The file is NAME-SPLIT.png, or \
      NAME-SPLIT-augmented.png.
      """, completion: .directory)
  var output: String?

  func validate() throws {
    guard (1...100).contains(columns) else {
      throw ValidationError("--columns: invalid value (found “\(columns)”, expected 1 to 100).")
    }
    if let epochs {
      guard (1...100).contains(epochs) else {
        throw ValidationError("--epochs: invalid value (found “\(epochs)”, expected 1 to 100).")
      }
      guard augment != nil else {
        throw ValidationError("--epochs needs --augment, whose images differ by epoch.")
      }
    }
    try OutputFolder.check(output)
  }

  func execute() throws -> ExitStatus {
    let configuration = try options.configuration(augment: augment)
    let loaded = try options.load([split])[0]
    if augment != nil { return try drawAugmented(loaded, configuration) }
    options.tellIdleSeed([loaded])
    let images = loaded.images
    let path = try FreshFile.write(
      PNG.encode(ContactSheet(images, columns: columns).raster),
      try path("\(options.name)-\(split.rawValue)"), suffix: "png")

    var table = TextTable([
      .init("row", .right), .init("class"), .init("examples", .right), .init("share", .right),
    ])
    for (label, count) in images.classCounts.enumerated() {
      table.add([
        "\(label + 1)", loaded.entry.classNames[label], Format.count(count),
        Format.percent(Double(count) / Double(images.count)),
      ])
    }
    table.addRule()
    table.add(["", "sum", Format.count(images.count), ""])
    try StandardStream.output.write(
      "\(loaded.entry.title), \(split.rawValue): images of "
        + "\(images.height)×\(images.width)×\(images.channels), "
        + "mean \(list(loaded.entry.mean)), std \(list(loaded.entry.std))\n\n"
        + table.text + "\nwritten to \(path), a row for each class\n")
    return .done
  }

  private func drawAugmented(
    _ loaded: LoadedSplit, _ configuration: Configuration
  ) throws -> ExitStatus {
    let images = loaded.images
    try configuration.checkAugmentation(of: images)
    let augmenter = Augmenter(
      configuration.augmentation, of: images, partners: Array(0..<images.count),
      seed: configuration.seed,
      normalization: try TrainingData.normalization(of: loaded.entry, configuration))
    let examples = images.oneOfEachClassInTurn(columns)
    let epochs = epochs ?? 8
    let path = try FreshFile.write(
      PNG.encode(ContactSheet(augmenter, examples: examples, epochs: epochs).raster),
      try path("\(options.name)-\(split.rawValue)-augmented"), suffix: "png")
    try StandardStream.output.write(
      "\(loaded.entry.title), \(split.rawValue): \(configuration.augmentation), "
        + "seed \(configuration.seed)\n"
        + "written to \(path): originals in the first row, epochs 1 to \(epochs) below\n")
    return .done
  }

  /// The path of the file called `name`, without its suffix, in a folder that exists.
  private func path(_ name: String) throws -> String {
    guard let output else { return name }
    try OutputFile.createFolder(output)
    return "\(output)/\(name)"
  }

  private func list(_ values: [Float]) -> String {
    values.map { Format.fixed(Double($0), decimals: 4) }.joined(separator: " ")
  }
}
